"""How much a change is and where it is, each with a 95% interval.

Place: with levels a, b before and after, z_t whitened by φ has the mean a before the change τ, b
from τ + 1 on, and (b - φ a) ÷ (1 - φ) at τ itself. Each τ near the found one gets the weight
exp(-cost ÷ 2), cost being the sum of squared deviations in units of σ²; the interval holds 95% of
the weight. Size: medians of both segments, of blocks drawn anew (moving-block bootstrap, Künsch
1989), because neighbours resemble each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perfwright.analyze.trend.noise import Floats

_DRAWS = 400
_TAIL = 0.025
_MOST = 4000
"""Rows of a segment beyond which it is thinned for the bootstrap, block by block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`low`..`high`: 95%."""

    index: int
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """`change` is relative, None where `before` is not above zero."""

    before: float
    after: float
    ci: tuple[float, float]
    change: float | None
    change_ci: tuple[float, float] | None


def place_of(
    values: Floats, left: int, near: int, right: int, *, phi: float, sigma: float, reach: int
) -> Place:
    """The likeliest first index of the new level, within `reach` of `near`; the segments before and
    after are `left`..`near` and `near`..`right`. `sigma`: of the whitened values."""
    a, b = float(np.median(values[left:near])), float(np.median(values[near:right]))
    low, high = max(left + 1, near - reach), min(right - 1, near + reach)
    if sigma <= 0 or high <= low:
        return Place(index=near, low=near, high=near)
    rows = np.arange(low - 1, high + 2)
    rows = rows[(rows > left) & (rows < right)]
    z = (values[rows] - phi * values[rows - 1]) / (1 - phi)
    taus = np.arange(low, high + 1)
    before, at = rows[None, :] < taus[:, None], rows[None, :] == taus[:, None]
    mean = np.where(before, a, np.where(at, (b - phi * a) / (1 - phi), b))
    cost = np.minimum(((z[None, :] - mean) / sigma) ** 2, 16.0).sum(axis=1)
    weight = np.exp(-(cost - cost.min()) / 2)
    mass = np.cumsum(weight) / weight.sum()
    return Place(
        index=int(taus[np.argmin(cost)]),
        low=int(taus[np.searchsorted(mass, _TAIL)]),
        high=int(taus[min(int(np.searchsorted(mass, 1 - _TAIL)), taus.size - 1)]),
    )


def size_of(before: Floats, after: Floats, *, block: int, seed: int) -> Size:
    """Of two segments of at least one value each."""
    random = np.random.default_rng(seed)
    a, b = float(np.median(before)), float(np.median(after))
    many_a, many_b = _medians(before, block, random), _medians(after, block, random)
    change = change_ci = None
    if a > 0:
        change = b / a - 1
        safe = many_a > 0
        change_ci = _interval(many_b[safe] / many_a[safe] - 1)
    return Size(
        before=a, after=b, ci=_interval(many_b - many_a), change=change, change_ci=change_ci
    )


def _medians(values: Floats, block: int, random: np.random.Generator) -> Floats:
    """Of `_DRAWS` resamples of whole blocks."""
    values = values[:: max(1, values.size // _MOST)]
    n = values.size
    block = max(1, min(block, n // 3))
    starts = random.integers(0, n - block + 1, size=(_DRAWS, -(-n // block)))
    rows = (starts[:, :, None] + np.arange(block)).reshape(_DRAWS, -1)[:, :n]
    medians: Floats = np.median(values[rows], axis=1)
    return medians


def _interval(values: Floats) -> tuple[float, float]:
    low, high = np.quantile(values, (_TAIL, 1 - _TAIL))
    return float(low), float(high)
