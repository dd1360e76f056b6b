"""Two distributions beside each other: ECDFs, and the change of every quantile with a band.

    change(q) = candidate's quantile ÷ base's - 1,  q from 0.05 to 0.99, each with its 95% interval

The band is pointwise: 95% for each quantile by itself, not for the whole curve. A quantile that has
too few requests beyond it has no place in the curve. Times in ms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perfwright.analyze.estimates import quantile_estimates
from perfwright.analyze.figure_change import figure_change
from perfwright.analyze.judging import LEVEL, StepPair
from perfwright.analyze.step_seconds import StepSeconds
from perfwright.analyze.weighted_figures import quantile_ns
from perfwright.model.units import NS_PER_MS

_QUANTILES = {f"{q:.2f}": q for q in (*(at / 20 for at in range(1, 20)), 0.97, 0.99)}
_ECDF_POINTS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantileChange:
    """`change`, `low`, `high`: ratios."""

    q: float
    base_ms: float
    candidate_ms: float
    change: float
    low: float
    high: float


def quantile_changes(pair: StepPair, *, seed: int = 0) -> tuple[QuantileChange, ...]:
    """In order of q."""
    sides = ((pair.base, pair.candidate), (pair.candidate, pair.base))
    before, after = (
        quantile_estimates(step, _QUANTILES, np.random.default_rng([seed, side]), beside=other)
        for side, (step, other) in enumerate(sides)
    )
    changes = []
    for name, q in _QUANTILES.items():
        one = figure_change(name, before[name], after[name])
        interval = one.interval(LEVEL)
        if one.change is not None and interval is not None and one.base and one.candidate:
            changes.append(
                QuantileChange(
                    q=q,
                    base_ms=one.base / NS_PER_MS,
                    candidate_ms=one.candidate / NS_PER_MS,
                    change=one.change,
                    low=interval[0],
                    high=interval[1],
                )
            )
    return tuple(changes)


def ecdf(step: StepSeconds) -> tuple[tuple[float, float], ...]:
    """(ms, share of requests that took no longer), evenly spaced in the share."""
    if not step.measured.sum():
        return ()
    once = np.ones((1, step.rows))
    shares = (np.arange(_ECDF_POINTS) + 0.5) / _ECDF_POINTS
    return tuple(
        (float(quantile_ns(step, once, float(q))[0]) / NS_PER_MS, float(q)) for q in shares
    )
