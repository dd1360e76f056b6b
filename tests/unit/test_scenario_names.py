"""Identifiers of a generated file: valid, unique and speaking, whatever things were called."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfwright.export.scenario_file import write_scenario
from perfwright.export.scenario_file.names import Names, of_step, singular, slug, unique
from perfwright.model.journey import (
    Call,
    DataFile,
    Extraction,
    FromData,
    Journey,
    ScenarioDraft,
    Text,
    Var,
    Variable,
)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("GET /items/{id}", "get_item"),
        ("GET /items", "get_items"),
        ("GET /", "get_home"),
        ("POST /api/v1/orders/{id}/lines/{line}", "post_order_line"),
        ("GET /projects/p-{project}-x/read.me", "get_projects_p_x_read_me"),
        ("log in", "log_in"),
        ("checkOut", "check_out"),
        ("Größe (cm)", "grosse_cm"),
        ("2nd try", "step_2nd_try"),
        ("💥", "step"),
        ('"); import os', "import_os"),
    ],
)
def test_functions_of_steps(name: str, function: str) -> None:
    assert of_step(name) == function


@pytest.mark.parametrize(
    ("many", "one"),
    [("items", "item"), ("entries", "entry"), ("boxes", "box"), ("people", "person"),
     ("status", "status"), ("address", "address"), ("addresses", "address")],
)  # fmt: skip
def test_rows_are_called_by_the_singular(many: str, one: str) -> None:
    assert singular(many) == one


@given(st.lists(st.text(), max_size=20))
def test_names_are_identifiers_and_differ(texts: list[str]) -> None:
    names = Names({"user"})
    taken = [names.take(slug(text, "value"), suffix="value") for text in [*texts, "user", "class"]]
    assert len(set(taken)) == len(taken)
    for name in taken:
        assert name.isascii() and name.isidentifier() and not keyword.iskeyword(name)
        assert name != "user"


def test_an_inner_scope_takes_no_name_of_an_outer_one() -> None:
    outer = Names()
    assert outer.take("item") == "item"
    assert Names(outer=outer).take("item", suffix="row") == "item_row"


def test_repeated_texts_are_numbered() -> None:
    assert unique(["a", "b", "a", "a (2)"]) == ["a", "b", "a (2)", "a (2) (2)"]


def test_a_variable_that_is_called_as_a_data_file_does_not_hide_its_feeder() -> None:
    """A call fills `people` before the first row of people.csv is drawn."""
    first = Call(
        name="first",
        method="GET",
        url=Text(("/a",)),
        extracts=(Extraction("people", "json", "/people"),),
    )
    then = Call(name="then", method="GET", url=Text(("/", Var("people"), "/", Var("name"))))
    text = write_scenario(
        ScenarioDraft(
            title="A",
            sources=(),
            journeys=(Journey(name="j", weight=1, items=(first, then)),),
            variables=(Variable("name", FromData("people", "name")),),
            data=(DataFile(name="people", columns=("name",), rows=(("ann",),)),),
        )
    )
    assert "    person = people.next()\n" in text
    assert '    people_value = answer.json()["people"]\n' in text
