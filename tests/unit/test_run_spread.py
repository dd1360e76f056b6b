"""Runs of the same code differ: what a further one may be is no regression."""

from __future__ import annotations

import random

import pytest
from scipy import stats
from support.gates import SAME, metric, step

from perfwright.analyze.run_spread import beside_runs, highest_likely
from perfwright.model.comparison import Comparison, Judged
from perfwright.model.frame import StepTally, Tally
from perfwright.model.histogram import Histogram
from perfwright.model.units import NS_PER_MS

LOGIN = step(
    "login",
    Judged.SLOWER,
    metric("median", 10.0, 0.0, (-0.01, 0.01)),
    metric("p95", 10.0, 0.08, (0.04, 0.12)),
    reason="p95 rose by 8%",
)


def run(p95_ms: float, *, errors: int = 0) -> Tally:
    times = Histogram.of([round(p95_ms * NS_PER_MS)] * 100)
    login = StepTally(requests=100, errors=errors, measures={"response": times})
    return Tally(steps={"login": login})


def judged(runs: list[float], now: float) -> Judged:
    comparison = Comparison(steps=(LOGIN, SAME), verdict=Judged.SLOWER, margin=0.03)
    tempered = beside_runs(comparison, [run(p95_ms) for p95_ms in runs], run(now))
    assert tempered.steps[1] == SAME
    return tempered.steps[0].verdict


def test_beside_runs_that_hardly_differ_it_stays_slower() -> None:
    assert judged([10.0, 10.1, 9.95, 10.05], 10.8) is Judged.SLOWER


def test_beside_runs_that_differ_as_much_it_is_unknown() -> None:
    assert judged([10.0, 10.6, 9.6, 10.3], 10.8) is Judged.UNKNOWN


def test_two_runs_are_too_few_to_say_how_runs_differ() -> None:
    assert judged([10.0, 12.0], 10.8) is Judged.SLOWER


def test_one_figure_out_of_the_ordinary_is_enough() -> None:
    risen = metric("errors", 0.0, 0.05, (0.03, 0.07), unit="%")
    failing = step("login", Judged.SLOWER, *LOGIN.metrics, risen)
    comparison = Comparison(steps=(failing,), verdict=Judged.SLOWER, margin=0.03)
    runs = [run(p95_ms) for p95_ms in (10.0, 10.6, 9.6)]
    assert beside_runs(comparison, runs, run(10.8, errors=5)).verdict is Judged.SLOWER
    assert beside_runs(comparison, runs, run(10.8)).verdict is Judged.UNKNOWN


def test_the_reason_says_what_to_do() -> None:
    comparison = Comparison(steps=(LOGIN,), verdict=Judged.SLOWER, margin=0.03)
    runs = [run(p95_ms) for p95_ms in (10.0, 10.6, 9.6)]
    (told,) = beside_runs(comparison, runs, run(10.8)).steps
    assert told.reason == (
        "p95 rose by 8%; yet the 3 runs of the base differ as much among themselves: repeat the "
        "run, or quiet the machine"
    )


def test_a_further_value_lies_below_as_often_as_promised() -> None:
    draw = random.Random(7)
    trials, above = 4_000, 0
    for _ in range(trials):
        *values, further = (draw.gauss(3.0, 0.2) for _ in range(6))
        above += further > highest_likely(values)
    low, high = stats.binomtest(above, trials).proportion_ci(0.999)
    assert low < 0.025 < high


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0], [5.0, 5.0, 5.0, 6.0]])
def test_it_is_scipys_prediction_limit(values: list[float]) -> None:
    count = len(values)
    spread = stats.tstd(values) * (1 + 1 / count) ** 0.5
    assert highest_likely(values) == pytest.approx(
        stats.t.ppf(0.975, count - 1, loc=sum(values) / count, scale=spread)
    )
