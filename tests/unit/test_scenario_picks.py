"""Extractions that mean any entry of a list, as code."""

from __future__ import annotations

import ast

from perfwright.export.scenario_file import write_scenario
from perfwright.model.journey import (
    Call,
    Extraction,
    Journey,
    ScenarioDraft,
    Text,
    Var,
)


def written(pointer: str, pattern: str = "") -> str:
    take = Extraction("item", "json", pointer, pattern, any_entry=True)
    first = Call(name="a", method="GET", url=Text(("/a",)), extracts=(take,))
    then = Call(name="b", method="GET", url=Text(("/b/", Var("item"))))
    journey = Journey(name="j", weight=1, items=(first, then))
    text = write_scenario(ScenarioDraft(title="t", sources=("s",), journeys=(journey,)))
    ast.parse(text)
    return text


def test_any_entry_of_a_list_is_drawn() -> None:
    text = written("/data/0/id")
    assert '    entries = answer.json()["data"]\n' in text
    assert '    item = user.rng.choice(entries)["id"]\n' in text


def test_a_list_may_be_the_whole_answer_or_hold_the_values_themselves() -> None:
    assert "    item = user.rng.choice(entries)\n" in written("/0")


def test_a_pointer_without_an_index_is_followed_as_it_is() -> None:
    assert 'item = answer.json()["id"]' in written("/id")


def test_a_pattern_that_cannot_be_compiled_leaves_no_unused_name() -> None:
    assert "entries" not in written("/0/id", pattern="(")
