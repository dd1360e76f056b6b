"""Walks, load and objectives of a drafted test."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perfwright.analyze.workload.draft_load import LoadOptions, draft_load
from perfwright.analyze.workload.draft_slos import propose_slos
from perfwright.analyze.workload.draft_walks import draft_walks
from perfwright.model.errors import UsageError
from perfwright.model.journey import Edge
from perfwright.model.think import Exponential
from perfwright.model.workload import Arrivals, Endpoint, Pattern, Transition
from perfwright.plan.slo import parse_slo

DAY = tuple(float(hour % 24) for hour in range(168))
ARRIVALS = Arrivals(
    begin_s=0.0, end_s=7 * 86_400.0, bin_s=3600.0, series=(), sessions_per_s=10.0,
    requests_per_s=50.0, dispersion=1.2, dispersion_bin_s=60.0, peak_begin_s=0.0,
    peak_sessions_per_s=46.0, peak_requests_per_s=200.0, peak_percentile=167 / 168, by_hour=DAY,
)  # fmt: skip


def edges(*transitions: tuple[str | None, str | None, float]) -> tuple[Edge, ...]:
    pattern = Pattern(
        name="visit", share=1.0, sessions=100, length_mean=3.0, length_p50=3.0, duration_p50_s=9.0,
        transitions=tuple(
            Transition(source=source, to=to, count=round(1000 * odds), probability=odds)
            for source, to, odds in transitions
        ),
    )  # fmt: skip
    return draft_walks([pattern])[0].edges


def odds(found: tuple[Edge, ...]) -> dict[tuple[str | None, str | None], float]:
    return {(edge.source, edge.to): round(edge.probability, 3) for edge in found}


def test_rare_edges_are_left_out_with_the_steps_that_nobody_then_reaches():
    found = edges(
        (None, "a", 1.0), ("a", "b", 0.003), ("a", "a", 0.5), ("a", None, 0.497), ("b", None, 1.0)
    )
    assert odds(found) == {(None, "a"): 1.0, ("a", "a"): 0.502, ("a", None): 0.498}


def test_every_step_leads_to_an_end():
    found = odds(edges((None, "a", 1.0), ("a", "b", 1.0), ("b", "a", 1.0)))
    assert found["a", None] > 0
    assert found["b", None] > 0
    assert odds(edges((None, "a", 1.0))) == {(None, "a"): 1.0, ("a", None): 1.0}


def test_a_walk_always_begins():
    assert odds(edges(("a", "a", 0.9), ("a", None, 0.1)))[None, "a"] == 1.0


def test_what_leaves_a_step_adds_up_to_one():
    found = edges(
        (None, "a", 0.6), (None, "b", 0.4), ("a", "b", 0.004), ("a", "a", 0.002),
        ("a", None, 0.994), ("b", "a", 1.0),
    )  # fmt: skip
    for source in {edge.source for edge in found}:
        assert sum(e.probability for e in found if e.source == source) == pytest.approx(1.0)


def test_think_times_come_along():
    pattern = Pattern(
        name="visit", share=0.5, sessions=9, length_mean=3.0, length_p50=3.0, duration_p50_s=9.0,
        transitions=(
            Transition(source=None, to="a", count=9, probability=1.0),
            Transition(source="a", to="a", count=9, probability=0.5, think=Exponential(3.0)),
            Transition(source="a", to=None, count=9, probability=0.5),
        ),
    )  # fmt: skip
    (walk,) = draft_walks([pattern])
    assert walk.weight == 50.0
    assert [edge.think for edge in walk.edges] == [None, Exponential(3.0), None]


def test_the_mean_rate_is_ramped_to_and_held():
    load = draft_load(ARRIVALS, LoadOptions())
    assert load.kind == "arrivals"
    assert load.process == "poisson"
    assert [(part.to, part.over_s, part.hold_s) for part in load.parts] == [(10.0, 30.0, 300.0)]
    assert load.why == "10 sessions/s, the mean of the log's 7 days"


def test_peak_scale_and_growth_multiply_and_say_so():
    options = LoadOptions(peak=True, scale=2.0, growth_per_year=0.5, horizon_years=2.0)
    load = draft_load(ARRIVALS, options)
    assert load.parts[0].to == pytest.approx(46 * 2 * 2.25)
    assert "busiest hour of the log (its p99.4)" in load.why
    assert "× 2, × 2.25 for 50% of growth a year over 2 years" in load.why


def test_a_day_is_its_curve_and_compressed_it_keeps_its_rates():
    load = draft_load(ARRIVALS, LoadOptions(compress=144.0))
    assert sum(part.over_s for part in load.parts) == pytest.approx(600.0)
    assert max(part.to for part in load.parts) == 23.0
    assert load.parts[0].to == load.parts[-1].to == 11.5
    raised = draft_load(ARRIVALS, LoadOptions(shape="day", peak=True))
    assert max(part.to for part in raised.parts) == 46.0
    assert sum(part.over_s for part in raised.parts) == pytest.approx(86_400.0)


def test_a_log_too_short_for_a_day_says_so():
    short = replace(ARRIVALS, by_hour=(5.0, *[None] * 167))
    load = draft_load(short, LoadOptions(shape="day"))
    assert len(load.parts) == 1
    assert "too short" in load.why


def test_clockwork_is_uniform():
    assert draft_load(replace(ARRIVALS, dispersion=0.01), LoadOptions()).process == "uniform"


@pytest.mark.parametrize(
    "options",
    [
        LoadOptions(scale=0.0),
        LoadOptions(compress=-1.0),
        LoadOptions(scale=float("nan")),
        LoadOptions(growth_per_year=-1.0),
        LoadOptions(horizon_years=1e9),
    ],
)
def test_factors_that_mean_nothing_are_refused(options):
    with pytest.raises(UsageError):
        draft_load(ARRIVALS, options)


def endpoint(name: str, requests: int, p95_s: float | None, failed: int = 0) -> Endpoint:
    return Endpoint(
        name=name,
        method="GET",
        template=name.split(" ", 1)[1],
        requests=requests,
        share=0.1,
        statuses=((200, requests - failed), (404, failed)),
        service_s=None if p95_s is None else (p95_s / 2, p95_s, 2 * p95_s),
    )


def test_objectives_are_todays_figures_with_a_margin():
    found = propose_slos([endpoint("GET /items/{item_id}", 9_000, 0.0951)], {})
    assert found == ("p95(GET /items/{item_id}) < 120ms", "errors < 0.1%")


def test_without_durations_only_errors_are_an_objective():
    assert propose_slos([endpoint("GET /", 1_000, None, failed=21)], {}) == ("errors < 4.2%",)


def test_expected_failures_are_no_errors():
    found = propose_slos([endpoint("GET /me", 10_000, None, failed=9_000)], {"GET /me": (404,)})
    assert found == ("errors < 0.1%",)


@pytest.mark.parametrize("name", ["GET /a(b", "GET /'\"(", "GET /x)", "GET /" + "(" * 99])
def test_objectives_parse_whatever_the_names(name):
    for expression in propose_slos([endpoint(name, 1_000, 0.1)], {}):
        parse_slo(expression)
