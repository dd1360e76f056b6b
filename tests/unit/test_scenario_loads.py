"""Loads of drafts as shapes in a test file: one for all, or each scenario's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from perfwright.export.scenario_file import write_scenario
from perfwright.model.journey import Call, DraftLoad, Journey, LoadPart, ScenarioDraft, Text
from perfwright.plan.loader import load_test

VISIT = Journey(
    name="visit", weight=1, items=(Call(name="GET /a", method="GET", url=Text(("/a",))),)
)


def written(**fields: object) -> str:
    draft = ScenarioDraft(title="A", sources=(), target="http://127.0.0.1:8000", journeys=(VISIT,))
    return write_scenario(replace(draft, **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("load", "line"),
    [
        (
            DraftLoad(kind="arrivals", parts=(LoadPart(to=5, over_s=30, hold_s=90),)),
            'load=arrivals(0).ramp(to=5, over="30s").hold("1m30s"),',
        ),
        (
            DraftLoad(kind="arrivals", process="poisson", parts=(LoadPart(to=0.25, hold_s=3600),)),
            'load=arrivals(0.25, process="poisson").hold("1h"),',
        ),
        (
            DraftLoad(kind="users", parts=(LoadPart(to=2, hold_s=1), LoadPart(to=4.4, hold_s=2))),
            'load=users(2).hold("1s").ramp(to=4, over=0).hold("2s"),',
        ),
        (DraftLoad(kind="users", parts=(LoadPart(to=0, hold_s=9),)), 'load=users(5).hold("30s"),'),
    ],
)
def test_loads_are_shapes(load: DraftLoad, line: str) -> None:
    assert f"    {line}\n" in written(load=load)


def test_a_day_of_load_is_a_chain_with_a_line_for_each_part(tmp_path: Path) -> None:
    parts = tuple(LoadPart(to=1 + hour % 7, over_s=3600) for hour in range(24))
    text = written(load=DraftLoad(kind="arrivals", parts=parts, why="As on Monday."))
    assert '# As on Monday.\nload = (\n    arrivals(0)\n    .ramp(to=1, over="1h")\n' in text
    path = tmp_path / "day_of_load.py"
    path.write_text(text)
    assert load_test(path).test.duration_s == 24 * 3600


def test_scenarios_with_loads_of_their_own_have_them_by_name(tmp_path: Path) -> None:
    day = tuple(LoadPart(to=1 + hour % 7, over_s=3600) for hour in range(24))
    loads = {
        "look": DraftLoad(kind="users", parts=(LoadPart(to=5, over_s=30, hold_s=90),)),
        "buy a mug": DraftLoad(kind="arrivals", parts=day),
    }
    journeys = tuple(replace(VISIT, name=name, load=load) for name, load in loads.items())
    whole = DraftLoad(kind="users", parts=(LoadPart(to=9, hold_s=9),), why="JMeter's.")
    text = written(journeys=journeys, load=whole)
    assert "buy_a_mug_load = (\n    arrivals(0)\n" in text
    assert (
        "    # JMeter's.\n"
        "    load={\n"
        '        "look": users(0).ramp(to=5, over="30s").hold("1m30s"),\n'
        '        "buy a mug": buy_a_mug_load,\n'
        "    },\n"
    ) in text
    path = tmp_path / "own_loads.py"
    path.write_text(text)
    test = load_test(path).test
    assert [shape.duration_s for shape in test.load.values()] == [120, 24 * 3600]


def test_a_load_for_all_is_written_where_a_scenario_has_none_of_its_own() -> None:
    load = DraftLoad(kind="users", parts=(LoadPart(to=9, hold_s=9),))
    first = replace(VISIT, name="a", load=load)
    text = written(journeys=(first, replace(first, name="b", load=None)))
    assert 'load=users(5).hold("30s"),' in text
