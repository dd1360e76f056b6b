"""How much a simulated test differs from the sessions it was made from, and one verdict.

Every comparison is one of counts over the same bins, so all are treated alike:

    request mix         share of each endpoint                       total variation  ½ Σ|p - q|
    transition matrix   where each step leads, by steps as often     Σ share · total variation
                        as the original takes them
    popularity          share of each path                           total variation
    session length      requests a session                           Kolmogorov-Smirnov
    think times         between two requests of a session            Kolmogorov-Smirnov
    session arrivals    gaps between beginnings of sessions, in      Kolmogorov-Smirnov
                        units of the mean gap around them

All are 0 (the same) to 1 (nothing in common). Gaps are divided by their local mean, for a test may
well have another rate than its history (a peak, twice the load): what is compared is how bursty
arrivals are. Times of a coarse clock (a log of whole seconds) are compared as such a clock would
show the simulated ones.

Interval and noise are by session: sessions in order of time are cut into up to 100 groups, and
groups are drawn with replacement (Efron, 1979), on both sides; the interval is the spread of the
drawn distances about their mean, put around the distance itself, for resampling adds to any
distance. `noise` is what two random halves of the original are apart, for no other reason than
chance. Chance goes with √(1/n + 1/m); so of n original and m simulated sessions of the same users
it makes noise · ½√(1 + n/m), and a distance is good up to

    limit = noise · ½√(1 + n/m) + what is allowed of it

    all within their limits                        faithful
    none above chance + three times the allowed    rough
    else                                           unfaithful
    fewer than 30 sessions on either side          unknown
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perfwright.analyze.workload.fidelity_counts import (
    Counts,
    arrival_counts,
    length_counts,
    mix_counts,
    popularity_counts,
    think_counts,
    transition_counts,
)
from perfwright.model.workload import Distance, Fidelity, Trace

Floats = NDArray[np.float64]
DRAWS = 400
HALVES = 20
FEWEST_SESSIONS = 30
ROUGH = 3.0
TOTAL_VARIATION, KOLMOGOROV_SMIRNOV = "total variation", "Kolmogorov-Smirnov"


@dataclass(frozen=True, slots=True)
class Measure:
    """`allowed`: above chance. `distance`: of two rows of counts, or of rows of rows."""

    what: str
    name: str
    allowed: float
    counts: Callable[[Trace, Trace], tuple[Counts, Counts] | None]
    distance: Callable[[Floats, Floats], Floats]


def judge_fidelity(original: Trace, simulated: Trace, *, seed: int = 1) -> Fidelity:
    """Distances of all measures that there is data for, and the verdict."""
    sessions = [_sessions(trace) for trace in (original, simulated)]
    if min(sessions) < FEWEST_SESSIONS:
        why = (
            f"{sessions[0]} original and {sessions[1]} simulated sessions: fewer than "
            f"{FEWEST_SESSIONS} tell nothing"
        )
        return Fidelity(distances=(), verdict="unknown", why=why, simulated_sessions=sessions[1])
    rng = np.random.default_rng(seed)
    chance = 0.5 * math.sqrt(1 + sessions[0] / sessions[1])
    distances = []
    for measure in MEASURES:
        counted = measure.counts(original, simulated)
        if counted is not None:
            distances.append(_measured(measure, *counted, chance, rng))
    verdict, why = _verdict(distances)
    return Fidelity(
        distances=tuple(distances), verdict=verdict, why=why, simulated_sessions=sessions[1]
    )


def total_variation(a: Floats, b: Floats) -> Floats:
    """Of counts in the last axis: ½ Σ|p - q|."""
    distance: Floats = 0.5 * np.abs(_shares(a) - _shares(b)).sum(axis=-1)
    return distance


def kolmogorov_smirnov(a: Floats, b: Floats) -> Floats:
    """Of counts in ordered bins: the largest difference of the cumulative shares."""
    distance: Floats = np.abs(np.cumsum(_shares(a) - _shares(b), axis=-1)).max(axis=-1)
    return distance


def weighted_rows(a: Floats, b: Floats) -> Floats:
    """Of matrices of counts (flattened squares): the mean total variation of their rows, each
    weighing what it has in `a`. A row that `b` has nothing in is as far as can be."""
    size = int(np.sqrt(a.shape[-1]))
    left, right = (counts.reshape(*counts.shape[:-1], size, size) for counts in (a, b))
    weights = _shares(left.sum(axis=-1))
    rows = total_variation(left, right)
    rows = np.where((right.sum(axis=-1) == 0) & (weights > 0), 1.0, rows)
    mean: Floats = (weights * rows).sum(axis=-1)
    return mean


MEASURES = (
    Measure("request mix", TOTAL_VARIATION, 0.03, mix_counts, total_variation),
    Measure("transition matrix", TOTAL_VARIATION, 0.05, transition_counts, weighted_rows),
    Measure("session length", KOLMOGOROV_SMIRNOV, 0.06, length_counts, kolmogorov_smirnov),
    Measure("think times", KOLMOGOROV_SMIRNOV, 0.06, think_counts, kolmogorov_smirnov),
    Measure("session arrivals", KOLMOGOROV_SMIRNOV, 0.08, arrival_counts, kolmogorov_smirnov),
    Measure("popularity", TOTAL_VARIATION, 0.08, popularity_counts, total_variation),
)


def _measured(
    measure: Measure,
    original: Counts,
    simulated: Counts,
    chance: float,
    rng: np.random.Generator,
) -> Distance:
    """`chance`: how much of the noise two such samples have."""
    value = float(measure.distance(original.sum(axis=0), simulated.sum(axis=0)))
    drawn = measure.distance(_resampled(original, rng), _resampled(simulated, rng))
    low, high = np.quantile(drawn, (0.025, 0.975)) - drawn.mean()
    noise = _noise(measure, original, rng)
    limit = noise * chance + measure.allowed
    return Distance(
        what=measure.what,
        measure=measure.name,
        value=value,
        low=max(0.0, value + float(low)),
        high=min(1.0, value + float(high)),
        noise=noise,
        limit=min(1.0, limit),
        ok=value <= limit,
    )


def _resampled(counts: Counts, rng: np.random.Generator) -> Floats:
    """Sums over groups drawn with replacement: a row for each draw."""
    groups = len(counts)
    weights = rng.multinomial(groups, np.full(groups, 1 / groups), size=DRAWS)
    return weights.astype(float) @ counts


def _noise(measure: Measure, counts: Counts, rng: np.random.Generator) -> float:
    """The mean distance of random halves."""
    distances = []
    for _ in range(HALVES):
        order = rng.permutation(len(counts))
        half = len(order) // 2
        one, other = counts[order[:half]].sum(axis=0), counts[order[half:]].sum(axis=0)
        distances.append(float(measure.distance(one, other)))
    return float(np.mean(distances))


def _verdict(distances: list[Distance]) -> tuple[str, str]:
    broken = [distance for distance in distances if not distance.ok]
    if not distances:
        return "unknown", "there is nothing to compare"
    if not broken:
        return "faithful", f"all {len(distances)} distances are within their limits"
    worst = max(map(_excess, broken))
    names = ", ".join(f"{d.what} {d.value:.2f} > {d.limit:.2f}" for d in broken)
    return ("rough" if worst <= ROUGH else "unfaithful"), f"above its limit: {names}"


def _excess(distance: Distance) -> float:
    """How many times what is allowed lies above chance."""
    allowed = next(measure.allowed for measure in MEASURES if measure.what == distance.what)
    return 1 + (distance.value - distance.limit) / allowed


def _shares(counts: Floats) -> Floats:
    total = counts.sum(axis=-1, keepdims=True)
    return counts / np.where(total == 0, 1.0, total)


def _sessions(trace: Trace) -> int:
    return int(trace.session[-1]) + 1 if len(trace.session) else 0
