"""Verdicts of steps, and their reasons: on runs of known truth and at every edge."""

from __future__ import annotations

import functools

import pytest
from support.judged_runs import wandering
from support.tallies import second

from perfwright.analyze.comparing import comparison_of, signed_percent
from perfwright.analyze.judging import MARGIN, pairs_of
from perfwright.analyze.step_seconds import steps_of
from perfwright.model.comparison import Comparison, Judged
from perfwright.model.frame import Frame

ONE = {"GET /items": 20.0}


def compared(base: list[Frame], candidate: list[Frame], **options: object) -> Comparison:
    pairs = pairs_of(steps_of(base), steps_of(candidate))
    return comparison_of(pairs, **{"margin": MARGIN, **options})


@functools.cache
def calm(seed: int, slower: float = 1.0, error_ratio: float = 0.0) -> list[Frame]:
    return wandering(
        seed, steps=ONE, slower=slower, level=0.002, per_s=150, error_ratio=error_ratio
    )


def only(comparison: Comparison):
    (step,) = comparison.steps
    return step


@pytest.mark.parametrize(("slower", "verdict"), [(1.15, Judged.SLOWER), (0.85, Judged.FASTER)])
def test_a_change_beyond_chance_and_margin_is_named(slower: float, verdict: Judged) -> None:
    found = compared(calm(1), calm(2, slower))
    assert found.verdict is only(found).verdict is verdict
    median = only(found).metrics[0]
    assert median.change == pytest.approx(slower - 1, abs=0.04)
    assert median.ci[0] < slower - 1 < median.ci[1]
    assert median.candidate / median.base - 1 == pytest.approx(median.change)
    assert "p95" in only(found).reason
    assert " ms" in only(found).reason


def test_equal_runs_are_the_same_where_the_margin_is_wide_enough_to_prove_it() -> None:
    found = compared(calm(1), calm(2), margin=0.08)
    assert found.verdict is Judged.SAME
    assert only(found).reason == "median and p95 changed by less than 8%"
    for metric in only(found).metrics[:2]:
        assert -0.08 <= metric.ci[0] <= metric.ci[1] <= 0.08


def test_equal_runs_that_vary_too_much_are_unknown_and_say_how_long_to_measure() -> None:
    noisy = [wandering(seed, steps=ONE, level=0.05) for seed in (1, 2)]
    found = compared(*noisy)
    assert found.verdict is Judged.UNKNOWN
    assert "may have changed by" in only(found).reason
    assert "in each run to tell" in only(found).reason or "4h of each run" in only(found).reason


def test_a_sure_change_inside_the_margin_is_no_alarm() -> None:
    found = compared(calm(1), calm(2, 1.10), margin=0.2)
    assert found.verdict is Judged.SAME


def test_a_run_is_the_same_as_itself() -> None:
    found = compared(calm(1), calm(1), margin=0.1)
    assert found.verdict is Judged.SAME
    assert {metric.change for metric in only(found).metrics} == {0}


def test_one_slow_step_of_two_makes_the_comparison_slower() -> None:
    base = wandering(1, level=0.005, per_s=100)
    candidate = wandering(2, level=0.005, per_s=100, slower={"POST /orders": 1.2})
    found = compared(base, candidate, margin=0.1)
    verdicts = {step.name: step.verdict for step in found.steps}
    assert verdicts == {"GET /items": Judged.SAME, "POST /orders": Judged.SLOWER}
    assert found.verdict is Judged.SLOWER


def test_more_errors_are_slower_though_times_are_the_same() -> None:
    found = compared(calm(1), calm(2, 1.0, 0.04), margin=0.1)
    assert found.verdict is Judged.SLOWER
    assert only(found).reason.startswith("errors rose from 0% to ")


def test_fewer_errors_are_better() -> None:
    assert compared(calm(1, 1.0, 0.04), calm(2), margin=0.1).verdict is Judged.FASTER


def test_a_stray_error_is_no_alarm_and_needs_no_proof() -> None:
    base, candidate = calm(1), [*calm(2)[:-1], second(29, [20.0] * 100, errors=1)]
    candidate[-1].total.steps["GET /items"] = candidate[-1].total.steps.pop("GET /")
    assert compared(base, candidate, margin=0.1).verdict is Judged.SAME


def test_errors_are_a_difference_in_points() -> None:
    errors = only(compared(calm(1), calm(2, 1.0, 0.04))).metrics[-1]
    assert (errors.name, errors.unit) == ("errors", "%")
    assert errors.candidate == pytest.approx(100 * errors.change)
    assert errors.change == pytest.approx(0.04, abs=0.01)


def test_where_every_request_of_the_base_failed_nothing_is_known() -> None:
    found = compared(calm(1, 1.0, 1.0), calm(2))
    assert found.verdict is Judged.UNKNOWN
    assert "every request of the base failed" in only(found).reason


def test_where_every_request_of_the_candidate_fails_it_is_worse() -> None:
    found = compared(calm(1), calm(2, 0.1, 1.0))
    assert found.verdict is Judged.SLOWER
    assert only(found).reason == "errors rose from 0% to 100%"


def test_where_all_of_both_failed_nothing_is_known() -> None:
    assert compared(calm(1, 1.0, 1.0), calm(2, 1.0, 1.0)).verdict is Judged.UNKNOWN


def flat(seconds: int, per_s: int, *, every: int = 1) -> list[Frame]:
    return [
        second(at, [20.0 + at % 2] * (per_s if at % every == 0 else 0)) for at in range(seconds)
    ]


@pytest.mark.parametrize(
    ("frames", "why"),
    [
        (flat(1, 1), "1 judged second"),
        (flat(4, 100), "4 judged seconds"),
        (flat(30, 1, every=30), "1 request: too few"),
        (flat(30, 1, every=6), "5 requests: too few"),
    ],
)
def test_too_little_is_unknown_and_says_what_is_missing(frames: list[Frame], why: str) -> None:
    for pair in ((frames, frames), (frames, flat(30, 50)), (flat(30, 50), frames)):
        found = compared(*pair)
        assert found.verdict is Judged.UNKNOWN
        assert why in only(found).reason
        assert all(metric.ci is None for metric in only(found).metrics[:3])


def test_with_few_requests_the_median_decides_alone_and_says_so() -> None:
    found = compared(flat(30, 2), flat(30, 2), margin=0.2)
    assert found.verdict is Judged.SAME
    assert "p95 is not judged, it needs 100 requests in each run, not 60" in only(found).reason
    assert [metric.name for metric in only(found).metrics if metric.decides] == ["median"]


def test_runs_without_a_common_step_are_unknown() -> None:
    assert compared(calm(1), flat(30, 50)).verdict is Judged.UNKNOWN
    assert compared([], []).verdict is Judged.UNKNOWN


def test_throughput_decides_only_where_it_is_the_systems_doing() -> None:
    base, candidate = flat(30, 50), flat(30, 30)
    assert compared(base, candidate, margin=0.1).verdict is Judged.SAME
    closed = compared(base, candidate, margin=0.1, throughput_decides=True)
    assert closed.verdict is Judged.SLOWER
    assert only(closed).reason == "throughput fell by 40% (-40.0% to -40.0%), 50 → 30/s"


def test_the_same_runs_give_the_same_comparison() -> None:
    assert compared(calm(1), calm(2)) == compared(calm(1), calm(2))


@pytest.mark.parametrize(
    ("change", "text"),
    [(0.1234, "+12.3%"), (-0.004, "-0.40%"), (12.5, "+1,250%"), (0.0, "+0.00%")],
)
def test_changes_are_spelled_with_their_sign(change: float, text: str) -> None:
    assert signed_percent(change) == text
