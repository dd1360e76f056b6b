"""Whatever the paths: templates are deterministic, idempotent, and every learnt path has one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perfwright.analyze.workload.segments import clean_path
from perfwright.analyze.workload.template_names import named, spelled
from perfwright.analyze.workload.templates import Templates, learn

SEGMENTS = st.one_of(
    st.sampled_from(["items", "users", "api", "v1", "search", "", "about"]),
    st.integers(0, 99_999).map(str),
    st.uuids().map(str),
    st.dates().map(str),
    st.from_regex(r"[a-z]{1,6}-[a-z0-9]{1,6}(\.html)?", fullmatch=True),
    st.text(max_size=8).filter(lambda text: "/" not in text),
)
PATHS = st.lists(SEGMENTS, min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts))
LOGS = st.lists(st.tuples(PATHS, st.integers(1, 50).map(float)), max_size=60)


def spelling(templates: Templates, path: str) -> str | None:
    cleaned = clean_path(path)
    match = templates.match(cleaned) if cleaned is not None else None
    return spelled(named(match[0])) if match else None


@given(LOGS)
def test_every_learnt_path_has_a_template_that_gives_it_back(log):
    templates = learn(log)
    for path, _ in log:
        cleaned = clean_path(path)
        match = templates.match(cleaned) if cleaned is not None else None
        if cleaned is None:
            continue
        assert match is not None
        values = iter(match[1])
        pieces = [
            piece if isinstance(piece, str) else f"{piece.prefix}{next(values)}{piece.suffix}"
            for piece in match[0]
        ]
        assert "/" + "/".join(pieces) == cleaned


@given(LOGS)
def test_the_same_paths_in_another_order_have_the_same_templates(log):
    one, other = learn(log), learn(log[::-1])
    assert [spelling(one, path) for path, _ in log] == [spelling(other, path) for path, _ in log]


@given(LOGS)
def test_templates_of_templates_are_themselves(log):
    templates = learn(log)
    names = {name for path, _ in log if (name := spelling(templates, path))}
    again = learn((name, 1e6) for name in names)  # frequent: what is rare may be an id
    assert {spelling(again, name) for name in names} <= names | {clean_path(name) for name in names}


@given(st.text(max_size=300))
def test_cleaning_is_idempotent_and_leaves_printable_ascii(text):
    cleaned = clean_path("/" + text)
    if cleaned is not None and cleaned.startswith("/"):
        assert all("!" <= char <= "~" for char in cleaned)
