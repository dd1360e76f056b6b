"""Fidelity: the same users are found faithful, changed ones are not, and each change is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from perfwright.analyze.workload.fidelity import judge_fidelity
from perfwright.model.workload import Fidelity, Trace

STEPS = ("GET /", "GET /items/{id}", "POST /cart")
ITEMS = tuple(f"/items/{n}" for n in range(30))
NEXT = np.array([[0.0, 0.8, 0.0, 0.2], [0.1, 0.5, 0.15, 0.25], [0.3, 0.2, 0.0, 0.5]])


def users(
    seed: int,
    *,
    sessions: int = 1500,
    chain: np.ndarray = NEXT,
    think_s: float = 4.0,
    zipf: float = 1.0,
    burst: int = 1,
    rate: float = 0.5,
) -> Trace:
    """Known users: a chain that begins at "/", exponential think times, Zipf's popularity."""
    rng = np.random.default_rng(seed)
    popularity = np.arange(1, len(ITEMS) + 1, dtype=float) ** -zipf
    popularity /= popularity.sum()
    gaps = np.where(np.arange(sessions) % burst == 0, rng.exponential(burst / rate, sessions), 0.01)
    starts = np.cumsum(gaps)
    rows = []
    for session, start in enumerate(starts):
        now, step = start, 0
        while step < 3:
            item = rng.choice(len(ITEMS), p=popularity) if step == 1 else -1
            rows.append((session, now, step, item))
            now += rng.exponential(think_s)
            step = rng.choice(4, p=chain[step])
    session, time_s, step, item = (np.array(column) for column in zip(*rows, strict=True))
    return Trace(
        session=session,
        time_s=time_s,
        step=step,
        item=item,
        steps=STEPS,
        items=ITEMS,
        starts_s=starts,
    )


def broken(fidelity: Fidelity) -> set[str]:
    return {distance.what for distance in fidelity.distances if not distance.ok}


@pytest.fixture(scope="module")
def original() -> Trace:
    return users(1)


def test_the_same_users_are_faithful_at_a_stated_rate() -> None:
    verdicts = [
        judge_fidelity(users(2 * n, sessions=400), users(2 * n + 1, sessions=400)).verdict
        for n in range(15)
    ]
    assert verdicts.count("faithful") >= 14


def test_all_distances_come_with_interval_noise_and_limit(original: Trace) -> None:
    fidelity = judge_fidelity(original, users(2))
    assert [distance.what for distance in fidelity.distances] == [
        "request mix", "transition matrix", "session length", "think times", "session arrivals",
        "popularity",
    ]  # fmt: skip
    for distance in fidelity.distances:
        assert 0 <= distance.low <= distance.value <= distance.high <= 1
        assert 0 < distance.noise < distance.limit


def test_another_rate_of_the_same_users_is_faithful(original: Trace) -> None:
    assert judge_fidelity(original, users(2, rate=20)).verdict == "faithful"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"chain": NEXT[:, [0, 2, 1, 3]]}, {"request mix", "transition matrix"}),
        ({"think_s": 9.0}, {"think times"}),
        ({"zipf": 0.0}, {"popularity"}),
        ({"burst": 5}, {"session arrivals"}),
        ({"chain": NEXT * [1, 1, 1, 0.3] / (NEXT * [1, 1, 1, 0.3]).sum(1, keepdims=True)},
         {"session length", "transition matrix"}),
    ],
)  # fmt: skip
def test_what_changed_is_named(
    original: Trace, changed: dict[str, object], named: set[str]
) -> None:
    fidelity = judge_fidelity(original, users(3, **changed))  # type: ignore[arg-type]
    assert fidelity.verdict != "faithful"
    assert named <= broken(fidelity)
    assert all(what in fidelity.why for what in named)


def test_a_coarse_clock_does_not_count_as_a_difference(original: Trace) -> None:
    coarse = replace(
        original,
        time_s=np.floor(original.time_s),
        starts_s=np.floor(original.starts_s),
        resolution_s=1.0,
    )
    assert judge_fidelity(coarse, users(2)).verdict == "faithful"


def test_an_endpoint_that_nobody_asks_for_any_more_is_missed(original: Trace) -> None:
    other = users(2)
    other = replace(other, steps=("GET /", "GET /articles/{id}", "POST /cart"))
    fidelity = judge_fidelity(original, other)
    assert fidelity.verdict == "unfaithful"
    assert {"request mix", "transition matrix"} <= broken(fidelity)


def test_too_few_sessions_are_unknown(original: Trace) -> None:
    fidelity = judge_fidelity(original, users(2, sessions=20))
    assert (fidelity.verdict, fidelity.distances) == ("unknown", ())
    assert "20 simulated" in fidelity.why


def test_no_session_at_all_is_unknown(original: Trace) -> None:
    nothing = replace(
        original,
        session=original.session[:0],
        time_s=original.time_s[:0],
        step=original.step[:0],
        item=original.item[:0],
        starts_s=original.starts_s[:0],
    )
    assert judge_fidelity(nothing, original).verdict == "unknown"
    assert judge_fidelity(original, nothing).verdict == "unknown"
