"""How often the judge is wrong, on simulated pairs of runs of 30 s: alarms and misses, counted.

Seconds hang together (an AR(1) level with φ = 0.5) and requests come as a Poisson process. The
nominal rate of false alarms is 2% a comparison; a bound is what chance allows beyond that.
"""

from __future__ import annotations

import functools

import pytest
from support.judged_runs import wandering

from perfwright.analyze.comparing import comparison_of
from perfwright.analyze.judging import ALPHA, MARGIN, pairs_of
from perfwright.analyze.step_seconds import StepSeconds, steps_of
from perfwright.model.comparison import Judged

RUNS = 400
PAIRS = RUNS // 2


@functools.cache
def run(seed: int, slower: float = 1.0) -> dict[str, StepSeconds]:
    return steps_of(wandering(seed, steps={"GET /": 20.0}, slower=slower, level=0.02, per_s=50))


def verdict(base: dict[str, StepSeconds], candidate: dict[str, StepSeconds]) -> Judged:
    return comparison_of(pairs_of(base, candidate), margin=MARGIN).verdict


def test_equal_runs_raise_no_more_alarms_than_promised() -> None:
    found = [verdict(run(2 * pair), run(2 * pair + 1)) for pair in range(PAIRS)]
    alarms = sum(one in (Judged.SLOWER, Judged.FASTER) for one in found)
    chance = 3 * (ALPHA * (1 - ALPHA) / PAIRS) ** 0.5
    assert alarms / PAIRS <= ALPHA + chance


@pytest.mark.parametrize(("slower", "least"), [(1.10, 0.9), (1.20, 1.0)])
def test_a_slowdown_is_seen(slower: float, least: float) -> None:
    pairs = 40
    found = [verdict(run(2 * at), run(2 * at + 1, slower)) for at in range(pairs)]
    assert found.count(Judged.SLOWER) / pairs >= least
    assert Judged.FASTER not in found
