"""A generated test file sends what its draft says, to a real server."""

from __future__ import annotations

from pathlib import Path

from perfwright.export.scenario_file import write_data, write_scenario
from perfwright.load.single import SingleRun, run_single
from perfwright.model.journey import (
    Body,
    Call,
    DataFile,
    Edge,
    Expectation,
    Extraction,
    FromData,
    Group,
    Journey,
    Made,
    ScenarioDraft,
    Text,
    Var,
    Variable,
    Walk,
)
from perfwright.model.think import Fixed
from perfwright.plan.loader import load_test


def generated(draft: ScenarioDraft, folder: Path, name: str) -> list[SingleRun]:
    """Runs each scenario of the written file once."""
    path = folder / f"{name}.py"
    path.write_text(write_scenario(draft), encoding="utf-8")
    write_data(draft, folder)
    plan = load_test(path)
    for feeder in plan.feeders:
        feeder.build_index(folder)
        feeder.attach(folder)
    return [
        run_single(plan.test, spec.function, user_start=plan.user_start) for spec in plan.scenarios
    ]


def test_a_journey_sends_takes_and_checks(calibration: str, tmp_path: Path) -> None:
    hostile = 'a "b" {c} \\ \u202e é\n'
    post = Call(
        name="echo",
        method="POST",
        url=Text(("/echo",)),
        params=(("tag", "a"), ("tag", "b"), ("who", Var("name"))),
        headers=(("X-Odd", 'say "hi"'),),
        body=Body("json", {hostile: [hostile, None, Var("n")], "text": Text(("{", Var("name")))}),
        extracts=(Extraction("method", "json", "/method"),),
        expects=(
            Expectation("is a POST", "json_equals", ("/method", "POST")),
            Expectation("has both", "json_has", ("/method", "/path")),
            Expectation("comes back", "contains", ("ann",)),
        ),
    )
    again = Call(
        name="again",
        method="PUT",
        url=Text(("/echo/", Var("method"))),
        body=Body("form", (("a", hostile),)),
        expects=(Expectation("takes it along", "matches", ("/echo/P[O]ST",)),),
    )
    draft = ScenarioDraft(
        title="Echoes",
        sources=("a test",),
        target=calibration,
        journeys=(Journey(name="echo", weight=1, items=(Group("both", (post, again)),)),),
        variables=(
            Variable("name", FromData("people", "name")),
            Variable("n", Made("integer", 3, 3)),
        ),
        data=(DataFile(name="people", columns=("name",), rows=(("ann",),)),),
    )
    (run,) = generated(draft, tmp_path, "echoes")
    assert run.error is None
    assert run.failed_checks() == []
    assert len(run.checks) == 4


def test_a_walk_goes_to_its_end(calibration: str, tmp_path: Path) -> None:
    login = Call(
        name="log in",
        method="GET",
        url=Text(("/cookie",)),
        params=(("name", "sid"), ("value", "s1")),
        extracts=(Extraction("sid", "cookie", "sid"),),
    )
    echo = Call(
        name="echo",
        method="GET",
        url=Text(("/echo",)),
        params=(("sid", Var("sid")),),
        expects=(Expectation("knows me", "contains", ("s1",)),),
    )
    edges = (
        Edge(source=None, to="log in", probability=1),
        Edge(source="log in", to="echo", probability=1, think=Fixed(0.001)),
        Edge(source="echo", to=None, probability=1),
    )
    draft = ScenarioDraft(
        title="A walk",
        sources=("a test",),
        target=calibration,
        walks=(Walk(name="walk", weight=1, edges=edges),),
        steps=(login, echo),
    )
    (run,) = generated(draft, tmp_path, "a_walk")
    assert run.error is None
    assert run.checks == {"knows me": {"passed": 1, "failed": 0}}
