"""Before and after, on frames with known response times."""

from __future__ import annotations

from random import Random

import pytest
from support.tallies import second

from perfwright.analyze.verification import outcome_of, response_change, throughput_change
from perfwright.model.finding import Impact, Predicted
from perfwright.model.stage import Knee


def frames(mean_ms: float, *, seed: int, seconds: int = 12):
    random = Random(seed)
    return [
        second(n, [mean_ms * random.uniform(0.8, 1.2) for _ in range(50)]) for n in range(seconds)
    ]


def knee(throughput: float, *, high: float | None = 1.1) -> Knee:
    return Knee(
        rate_per_s=throughput, throughput_per_s=throughput, users=3, response_ms_p95=9,
        response_ms_p99=12, low=1.0, high=high, limited_by="", reached=True,
    )  # fmt: skip


FASTER = Impact(response_ms_p95=Predicted(now=20, predicted=10, low=8, high=13))
MORE = Impact(throughput_per_s=Predicted(now=100, predicted=300, low=200, high=400))


@pytest.mark.parametrize(
    ("after_ms", "outcome"), [(10, "confirmed"), (20, "no change"), (40, "worse")]
)
def test_response_times_of_the_same_load_are_compared(after_ms, outcome):
    change = response_change(frames(20, seed=1), frames(after_ms, seed=2), promise=FASTER, seed=1)
    assert change is not None
    assert change.outcome == outcome
    assert change.gain == pytest.approx(20 / after_ms, rel=0.1)
    assert change.low <= change.ratio <= change.high
    assert change.promised == pytest.approx(2)


def test_equal_runs_seldom_raise_an_alarm():
    alarms = 0
    for seed in range(200):
        pair = (frames(20, seed=2 * seed, seconds=8), frames(20, seed=2 * seed + 1, seconds=8))
        change = response_change(*pair, promise=None, seed=seed)
        assert change is not None
        alarms += change.outcome != "no change"
    assert alarms <= 4


def test_nothing_is_said_of_seconds_without_answers():
    assert response_change([second(0)], [second(0)], promise=None, seed=1) is None


@pytest.mark.parametrize(
    ("after", "outcome"), [(300, "confirmed"), (104, "no change"), (50, "worse")]
)
def test_throughput_counts_only_beyond_the_width_of_both_brackets(after, outcome):
    assert throughput_change(knee(100), knee(after), promise=MORE).outcome == outcome


@pytest.mark.parametrize(("after", "outcome"), [(99, "no change"), (300, "confirmed")])
def test_a_search_that_ended_before_the_limit_tells_only_the_least_gain(after, outcome):
    change = throughput_change(knee(100), knee(after, high=None), promise=MORE)
    assert (change.high, change.outcome) == (None, outcome)
    assert change.low == pytest.approx(after / 110)


def test_what_was_promised_decides():
    slower = response_change(frames(20, seed=1), frames(40, seed=2), promise=MORE, seed=1)
    more = throughput_change(knee(100), knee(300), promise=MORE)
    assert slower is not None
    assert outcome_of([slower, more]) == "confirmed"
    assert outcome_of([slower]) == "worse"
