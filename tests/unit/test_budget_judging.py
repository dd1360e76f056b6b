"""Budgets against the intervals of changes, in the units that people read."""

from __future__ import annotations

import pytest
from support.gates import metric
from support.judged_runs import wandering

from perfwright.analyze.budget_changes import compared_change, estimated_change, why_unknown
from perfwright.analyze.budgets import judge_budget, signed
from perfwright.analyze.comparing import comparison_of
from perfwright.analyze.judging import pairs_of
from perfwright.analyze.step_seconds import steps_of
from perfwright.model.comparison import MetricChange
from perfwright.model.gate import Kept
from perfwright.plan.budget import parse_budget

BASE = wandering(1, seconds=40, per_s=100, level=0.0)
SLOWER = wandering(2, seconds=40, per_s=100, level=0.0, slower=1.2)
LOGIN = metric("p95", 100.0, 0.1, (0.08, 0.12))


@pytest.mark.parametrize(
    ("text", "verdict", "change", "unit"),
    [
        ("p95 +5%", Kept.BROKEN, 10.0, "%"),
        ("p95 +10%", Kept.UNKNOWN, 10.0, "%"),
        ("p95 +12%", Kept.KEPT, 10.0, "%"),
        ("p95 +7ms", Kept.BROKEN, 10.0, "ms"),
        ("p95 +0.009s", Kept.UNKNOWN, 10.0, "ms"),
        ("p95 +12ms", Kept.KEPT, 10.0, "ms"),
    ],
)
def test_a_time_is_judged_by_share_or_by_time(
    text: str, verdict: Kept, change: float, unit: str
) -> None:
    result = judge_budget(parse_budget(text), LOGIN)
    assert (result.verdict, result.unit) == (verdict, unit)
    assert result.change == pytest.approx(change)
    assert result.ci == pytest.approx((8.0, 12.0))


def test_errors_are_judged_in_points() -> None:
    change = metric("errors", 1.0, 0.004, (0.002, 0.006), unit="%")
    result = judge_budget(parse_budget("errors +0.1%"), change)
    assert (result.verdict, result.unit, result.ci) == (Kept.BROKEN, "points", (0.2, 0.6))


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("throughput -5%", Kept.BROKEN), ("throughput -9%", Kept.UNKNOWN),
     ("throughput -20%", Kept.KEPT), ("throughput -4/s", Kept.BROKEN)],
)  # fmt: skip
def test_throughput_may_fall_so_far(text: str, verdict: Kept) -> None:
    change = metric("throughput", 50.0, -0.1, (-0.11, -0.085), unit="1/s")
    assert judge_budget(parse_budget(text), change).verdict is verdict


def test_a_rise_of_throughput_breaks_nothing() -> None:
    change = metric("throughput", 50.0, 0.3, (0.2, 0.4), unit="1/s")
    assert judge_budget(parse_budget("throughput -0%"), change).verdict is Kept.KEPT


def test_without_an_interval_nothing_is_known() -> None:
    budget = parse_budget("p95 +5%")
    thin = MetricChange(name="p95", unit="ms", base=1.0, candidate=9.0, change=8.0, ci=None)
    assert judge_budget(budget, thin).verdict is Kept.UNKNOWN
    nothing = judge_budget(budget, None, why="no such step")
    assert (nothing.verdict, nothing.change, nothing.detail) == (Kept.UNKNOWN, None, "no such step")


def test_a_compared_figure_is_taken_as_it_is() -> None:
    comparison = comparison_of(pairs_of(steps_of(BASE), steps_of(SLOWER)), margin=0.03)
    (items, _) = comparison.steps
    by_name = {one.name: one for one in items.metrics}
    for text, name in (("p50(GET /items) +5%", "median"), ("errors(GET /items) +1%", "errors")):
        assert compared_change(parse_budget(text), comparison) is by_name[name]
    for text in ("p95 +5%", "p90(GET /items) +5%", "service.p95(GET /items) +5%"):
        assert compared_change(parse_budget(text), comparison) is None


@pytest.mark.parametrize(
    "text", ["p95 +5%", "p90(GET /items) +5%", "service.mean(POST /orders) +5%"]
)
def test_what_was_not_compared_is_estimated_alike(text: str) -> None:
    budget = parse_budget(text)
    change = estimated_change(budget, BASE, SLOWER)
    assert change is not None
    assert change.ci is not None
    assert change.ci[0] < 0.2 < change.ci[1]
    assert change.ci[1] - change.ci[0] < 0.12
    assert judge_budget(budget, change).verdict is Kept.BROKEN


def test_an_estimate_of_a_compared_figure_says_about_the_same() -> None:
    comparison = comparison_of(pairs_of(steps_of(BASE), steps_of(SLOWER)), margin=0.03)
    budget = parse_budget("p95(GET /items) +5%")
    compared = compared_change(budget, comparison)
    estimated = estimated_change(budget, BASE, SLOWER)
    assert compared is not None
    assert estimated is not None
    assert estimated.change == pytest.approx(compared.change)
    assert estimated.ci == pytest.approx(compared.ci, abs=0.01)


def test_a_step_that_did_not_run_is_named() -> None:
    budget = parse_budget("p95(logn) +5%")
    assert estimated_change(budget, BASE, SLOWER) is None
    assert why_unknown(budget, ["login"], ["logn"]) == (
        "no step 'logn' in the baseline, which has login"
    )
    assert why_unknown(budget, ["logn"], ["logn"]) == ""


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(12.34, "%", "+12.3%"), (-0.5, "points", "-0.50 pp"), (20, "ms", "+20 ms"),
     (-5, "1/s", "-5/s"), (0.0, "ms", "+0 ms")],
)  # fmt: skip
def test_a_change_is_spelled(value: float, unit: str, text: str) -> None:
    assert signed(value, unit) == text
