"""E-divisive: where the values' distribution changes, by energy distance and permutation.

    Q(τ) = τ(n-τ)/n · E(x_1..x_τ ; x_τ+1..x_n)      E = 2·mean|X-Y| - mean|X-X'| - mean|Y-Y'|

In one dimension E = 2 ∫ (F - G)² dx (Székely & Rizzo 2013), so Q for every τ comes from running
sums of indicator features, in O(nK) for K distinct values; more than `_LEVELS` values are binned by
rank.

The τ of the largest Q splits the series when its p ≤ α; both halves are then searched the same way:

    p = (1 + permutations whose largest Q is at least as large) ÷ (1 + permutations)

Matteson & James (2014), A nonparametric approach for multiple change point analysis, JASA 109.
Their second end point κ is left out, as Otava does; the +1 is not. The permutation stops early once
p > α is settled. Values must be exchangeable where nothing changes: whiten autocorrelated ones
first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perfwright.analyze.trend.noise import Floats

PERMUTATIONS = 499
_LEVELS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """`index`: the first value of the right part. `statistic`: Q ÷ the range of the values."""

    index: int
    statistic: float
    p: float


def e_divisive(values: Floats, *, alpha: float, min_segment: int, seed: int) -> tuple[Split, ...]:
    """Every significant split, by index."""
    found: list[Split] = []
    parts = [(0, values.size)]
    while parts:
        start, end = parts.pop()
        part = values[start:end]
        split = best_split(part, alpha=alpha, min_segment=min_segment, seed=seed + start)
        if split is None or split.p > alpha:
            continue
        at = start + split.index
        found.append(Split(index=at, statistic=split.statistic, p=split.p))
        parts += [(start, at), (at, end)]
    return tuple(sorted(found, key=lambda split: split.index))


def best_split(values: Floats, *, alpha: float, min_segment: int, seed: int) -> Split | None:
    """The split with the largest Q and its p; None where there is no room, or nothing varies."""
    if values.size < 2 * min_segment or np.ptp(values) == 0:
        return None
    features = _features(values)
    observed = _statistics(features, min_segment)
    tau = int(np.argmax(observed))
    largest = float(observed[tau])
    return Split(
        index=tau + min_segment,
        statistic=largest,
        p=_p_value(features, largest, alpha=alpha, min_segment=min_segment, seed=seed),
    )


def energy_statistics(values: Floats, *, min_segment: int) -> Floats:
    """Q(τ) for τ = min_segment … n - min_segment."""
    statistics: Floats = _statistics(_features(values), min_segment).astype(np.float64)
    return statistics * float(np.ptp(values))


def _features(values: Floats) -> np.ndarray:
    """Rows φ(x_i) with Q(τ) = n ÷ (τ(n-τ)) · |φ(x_1) + … + φ(x_τ)|², for a range of 1."""
    levels, codes = np.unique(values, return_inverse=True)
    if levels.size > _LEVELS:
        ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
        codes = ranks * _LEVELS // values.size
        levels = np.bincount(codes, weights=values) / np.bincount(codes)
    below = codes[:, None] <= np.arange(levels.size - 1)[None, :]
    weights = np.sqrt(2 * np.diff(levels) / np.ptp(values))
    features: np.ndarray = ((below - below.mean(axis=0)) * weights).astype(np.float32)
    return features


def _statistics(features: np.ndarray, min_segment: int) -> np.ndarray:
    n = features.shape[0]
    sums = np.cumsum(features, axis=0)[min_segment - 1 : n - min_segment]
    tau = np.arange(min_segment, n - min_segment + 1)
    q: np.ndarray = np.einsum("ij,ij->i", sums, sums) * (n / (tau * (n - tau)))
    return q


def _p_value(
    features: np.ndarray, largest: float, *, alpha: float, min_segment: int, seed: int
) -> float:
    random = np.random.default_rng(seed)
    settled = alpha * (PERMUTATIONS + 1)
    limit = largest * (1 - 1e-6)  # equal but for rounding is equal
    at_least = 1
    for done in range(1, PERMUTATIONS + 1):
        shuffled = features[random.permutation(features.shape[0])]
        at_least += float(_statistics(shuffled, min_segment).max()) >= limit
        if at_least > settled and at_least >= 5:
            return at_least / (done + 1)
    return at_least / (PERMUTATIONS + 1)
