"""Whatever stands in a collection, a test plan or a command: it is text, and none of it is lost."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.jmx import element, plan, prop, sampler, thread_group

from perfwright.model.calls import calls_in
from perfwright.model.errors import DataError
from perfwright.model.journey import Var
from perfwright.sources.curl import read_curl
from perfwright.sources.drafting.names import clean, slug
from perfwright.sources.drafting.texts import json_of, text_of
from perfwright.sources.jmx import read_jmx
from perfwright.sources.jmx.expressions import parts_of
from perfwright.sources.postman import read_postman
from perfwright.sources.postman.scripts import read_script

HOSTILE = st.sampled_from(
    ['"); import os', "../../etc/passwd", "a\nb", "\u202egnp.exe", "'''", "{{x}}", "${x}", "\\"]
)
XML_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
NAMES = st.one_of(HOSTILE.filter(lambda name: "\n" not in name), XML_TEXT)

KINDS = st.sampled_from(
    ["JSR223Sampler", "JDBCSampler", "OddThing", "ConstantTimer", "ResultCollector", "RunTime",
     "BeanShellPostProcessor", "SizeAssertion", "CacheManager", "UserParameters", "LoopController",
     "XPathExtractor", "ResponseAssertion", "IncludeController", "ModuleController", "SyncTimer"]
)  # fmt: skip


def _quiet(folder: str, text: str) -> Path:
    path = Path(folder) / "plan.jmx"
    path.write_text(text, encoding="utf-8")
    return path


@given(st.lists(st.tuples(KINDS, NAMES), max_size=8))
@settings(max_examples=60, deadline=None)
def test_every_element_of_a_plan_is_translated_or_told(elements: list[tuple[str, str]]) -> None:
    numbered = [(kind, f"e{n} {name}") for n, (kind, name) in enumerate(elements)]
    inside = [element(kind, name, children=(sampler(f"/{n}"),))
              for n, (kind, name) in enumerate(numbered)]  # fmt: skip
    with TemporaryDirectory() as folder:
        draft = read_jmx(_quiet(folder, plan(thread_group(*inside, sampler("/last")))))
    said = "\n".join(draft.notes)
    calls = {call.name for journey in draft.journeys for call in calls_in(journey.items)}
    holds_nothing = {"ConstantTimer", "XPathExtractor", "ResponseAssertion"}
    for n, (kind, name) in enumerate(numbered):
        told = clean(name, kind) in said
        assert told or kind in ("ConstantTimer", "LoopController", "RunTime"), (kind, said)
        assert f"/{n}" in calls or told or kind in holds_nothing
    assert "/last" in calls


@given(st.text(max_size=200))
def test_expressions_lose_no_text_without_a_variable(text: str) -> None:
    parts = parts_of(text)
    if "${" not in text and "\\" not in text:
        assert parts == ([text] if text else [])


# Private characters mark variables; JSON that has them is sent as the text that it is.
USUAL = st.characters(exclude_categories=["Cs", "Co"])
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(USUAL, max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(USUAL, max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(JSON_VALUES)
def test_json_without_variables_is_what_json_says(value: object) -> None:
    text = json.dumps(value)

    def never(variable: Var) -> str:
        raise AssertionError(variable)

    def listed(read: object) -> object:
        if isinstance(read, dict):
            return {name: listed(part) for name, part in read.items()}
        return [listed(part) for part in read] if isinstance(read, tuple) else read

    assert listed(json_of(text_of((text,)), never)) == value


@given(st.text(USUAL, max_size=10), st.text(USUAL, max_size=10))
def test_a_variable_in_quotes_stays_between_its_neighbours(before: str, after: str) -> None:
    quoted = text_of((json.dumps(before)[:-1], Var("x"), json.dumps(after)[1:]))
    assert json_of(quoted, lambda variable: variable) == text_of((before, Var("x"), after))


@given(st.sampled_from(['{"a": "\\ue0010\\ue002"}', '{"a": "\ue0010\ue002"}']))
def test_json_that_looks_like_a_variables_mark_is_no_variable(text: str) -> None:
    with pytest.raises(ValueError, match="marks"):
        json_of(text_of((text,)), lambda variable: variable)


@given(st.text(max_size=300))
@settings(deadline=None)
def test_any_text_is_a_script_whose_lines_are_listed_or_understood(text: str) -> None:
    script = read_script(text)
    assert all(len(line) <= 120 for line in script.left)


@given(st.one_of(HOSTILE, st.text(max_size=60)))
@settings(deadline=None)
def test_a_hostile_command_is_calls_or_a_clear_error(text: str) -> None:
    try:
        draft = read_curl(f"curl http://h/ {text}")
    except DataError:
        return
    assert draft.journeys


@given(HOSTILE, HOSTILE)
@settings(deadline=None)
def test_hostile_names_come_out_on_one_line(name: str, value: str) -> None:
    item = {
        "name": name,
        "request": {
            "method": name,
            "url": f"http://h/{value}",
            "header": [{"key": "X", "value": value}],
            "body": {"mode": "urlencoded", "urlencoded": [{"key": name, "value": value}]},
        },
    }
    whole = {"info": {"name": name}, "item": [item], "variable": [{"key": name, "value": value}]}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "c.json"
        path.write_text(json.dumps(whole))
        draft = read_postman(path)
    (journey,) = draft.journeys
    assert "\n" not in journey.name + draft.title and "\u202e" not in journey.name
    assert all("\n" not in note for note in draft.notes)
    assert all(file.name.isidentifier() for file in draft.data)


@given(st.text(max_size=200))
def test_slugs_are_safe_names_of_files(name: str) -> None:
    made = slug(name, "data")
    assert made and ast.literal_eval(repr(made)) == made
    assert made.replace("_", "a").isalnum() and made.isascii()


def test_long_values_are_read_in_time(tmp_path: Path) -> None:
    long = "a" * 100_000
    path = _quiet(
        str(tmp_path),
        plan(thread_group(sampler(f"http://h/{long}?q={long}", name=long, method="POST",
                                  body="${" * 10_000 + long, properties=(prop("x", long),)))),
    )  # fmt: skip
    (journey,) = read_jmx(path).journeys
    assert len(journey.items) == 1
    assert read_script("(" * 100_000 + "\n" + "pm.expect(" * 10_000).left
    assert read_curl(f"curl http://h/{long} -d '{long}' " + "-H 'A: b' " * 1000).journeys
