"""The open model against its laws: how many arrive, when they count from, what is dropped.

Counts are exact (arrival n is due where the integral of the rate reaches n); times have generous
bounds, for the machine may be busy.
"""

from __future__ import annotations

import math
import time

import pytest
from support.loads import drive

from perfwright import User, arrivals
from perfwright.plan.shapes import Shape

NS_PER_MS = 1_000_000


async def visit(user: User) -> None:
    await user.get("/", name="home")


def _count(calibration: str, load: Shape, *, seed: int = 1, worker: int = 0, of: int = 1) -> int:
    driven = drive(calibration, visit, load=load, seed=seed, worker=worker, workers=of)
    assert driven.tally.dropped == 0
    assert driven.tally.steps["home"].requests == driven.tally.iterations_started
    return driven.tally.iterations_started


@pytest.mark.parametrize(
    ("load", "expected"),
    [
        (arrivals(200).hold(0.5), 100),
        (arrivals(0).ramp(to=400, over=0.5), 100),
        (arrivals(400).ramp(to=0, over=0.5), 100),
        (arrivals(100).hold(0.2).ramp(to=300, over=0.2).hold(0.2), 120),
        (arrivals(100).hold(0.1).then(arrivals(900).hold(0.1)), 100),
        (arrivals(7).hold(0.5), 4),
    ],
    ids=["flat", "up", "down", "up and flat", "jump", "a part of one"],
)
def test_uniform_arrivals_are_the_integral_of_the_rate(
    calibration: str, load: Shape, expected: int
) -> None:
    assert _count(calibration, load) == expected
    assert load.expected_arrivals(0, 10) == pytest.approx(expected, abs=0.51)


@pytest.mark.parametrize("process", ["uniform", "poisson"])
def test_workers_share_one_sequence_of_arrivals(calibration: str, process: str) -> None:
    load = arrivals(300, process=process).hold(0.4)  # type: ignore[arg-type]
    whole = _count(calibration, load, seed=9)
    parts = [_count(calibration, load, seed=9, worker=number, of=3) for number in range(3)]
    assert sum(parts) == whole
    assert max(parts) - min(parts) <= 1


def test_poisson_arrivals_are_fixed_by_their_seed(calibration: str) -> None:
    load = arrivals(400, process="poisson").hold(0.2)
    counts = [_count(calibration, load, seed=seed) for seed in (1, 2, 3, 4)]
    assert counts == [_count(calibration, load, seed=seed) for seed in (1, 2, 3, 4)]
    assert len(set(counts)) > 1
    assert all(abs(count - 80) < 5 * math.sqrt(80) for count in counts)


def test_waiting_for_a_free_user_is_in_the_response_time(calibration: str) -> None:
    """Two users of 100 ms serve 20/s of the 50/s that arrive in 1 s: arrival n, due at n·20 ms,
    starts at about n/2·100 ms, so it waits 30 ms more than the one before it."""
    driven = drive(calibration, slow, load=arrivals(50).hold(1), max_users=2, grace=0.5)
    tally = driven.tally
    step = tally.steps["slow"]
    assert tally.iterations_started + tally.dropped == 50
    assert 18 <= tally.iterations_started <= 22
    assert step.requests == tally.iterations_completed
    last_wait_ms = (tally.iterations_completed - 1) * 30
    longest_ms = step.measures["response"].maximum / NS_PER_MS
    assert last_wait_ms * 0.8 < longest_ms < last_wait_ms + 300
    assert step.measures["service"].maximum / NS_PER_MS < 300, "each was served at once"
    assert tally.lateness.maximum / NS_PER_MS < 100, "the generator itself was not late"


async def slow(user: User) -> None:
    await user.get("/delay/100", name="slow")


def test_without_a_limit_nobody_waits(calibration: str) -> None:
    tally = drive(calibration, slow, load=arrivals(100).hold(0.5)).tally
    assert (tally.iterations_completed, tally.dropped, tally.waiting) == (50, 0, 0)
    assert tally.steps["slow"].measures["response"].maximum / NS_PER_MS < 300


def test_response_and_service_times_are_the_servers_delay(calibration: str) -> None:
    async def wait(user: User) -> None:
        await user.get("/delay/20", name="wait")

    step = drive(calibration, wait, load=arrivals(100).hold(0.5)).tally.steps["wait"]
    for measure in ("response", "service", "wait"):
        histogram = step.measures[measure]
        assert histogram.count == 50
        assert 20 <= histogram.quantile(0.5) / NS_PER_MS < 40
        assert histogram.maximum / NS_PER_MS >= 20


def test_response_times_later_in_a_journey_count_from_when_their_think_time_was_over(
    calibration: str,
) -> None:
    """Code that holds the loop delays what others do next: that is lateness, and response time."""

    async def journey(user: User) -> None:
        if user.id == 0:
            await user.think(0.04)
            time.sleep(0.2)
        else:
            await user.think(0.05)
            await user.get("/", name="after")

    driven = drive(calibration, journey, load=arrivals(40).hold(0.05))
    step = driven.tally.steps["after"]
    assert step.measures["response"].maximum / NS_PER_MS > 120
    assert driven.tally.lateness.maximum / NS_PER_MS > 120
    assert step.measures["service"].maximum / NS_PER_MS < 100
