"""The figures of a run drawn anew, from weights over its seconds: quantile, mean, rate, errors.

All take `weights` (B × S) and return B values, one a resample; NaN where a resample is empty. A
quantile q is where the weighted count reaches q times itself, found by bisection over the buckets
for all resamples at once (S·B·log₂K products instead of S·B·K), and placed within its bucket by
linear interpolation: a bucket is 0.4% wide, and steps of that size would be taken for changes.

`influence` is what each second does to a figure, up to a factor: the linear part of its change if
the second weighed more. It has the time dependence that the figure's variance comes from.
"""

from __future__ import annotations

import numpy as np

from perfwright.analyze.step_seconds import Array, StepSeconds


def quantile_ns(step: StepSeconds, weights: Array, q: float) -> Array:
    """The value that q (0..1) of the weighted requests do not exceed."""
    if not step.lower_ns.size:
        return np.full(len(weights), np.nan)
    at, part = _place(step, weights, q)
    return np.asarray(step.lower_ns[at] + part * step.width_ns[at])


def mean_ns(step: StepSeconds, weights: Array) -> Array:
    return _ratio(weights @ step.total_ns, weights @ step.measured)


def throughput_per_s(step: StepSeconds, weights: Array) -> Array:
    return _ratio(weights @ step.requests, weights @ step.seconds)


def error_ratio(step: StepSeconds, weights: Array) -> Array:
    return _ratio(weights @ step.errors, weights @ step.requests)


def quantile_influence(step: StepSeconds, q: float) -> Array:
    """By second: requests at or below the quantile, less q of all."""
    at, part = _place(step, np.ones((1, step.rows)), q)
    upper = step.cumulative[at[0]]
    lower = step.cumulative[at[0] - 1] if at[0] > 0 else np.zeros(step.rows)
    return np.asarray(lower + part[0] * (upper - lower) - q * step.measured)


def ratio_influence(above: Array, below: Array) -> Array:
    """By second, of Σ above ÷ Σ below."""
    whole = float(below.sum())
    return above - (float(above.sum()) / whole if whole else 0.0) * below


def _place(step: StepSeconds, weights: Array, q: float) -> tuple[np.ndarray, Array]:
    """The bucket that holds the quantile, and how far into it, 0..1."""
    rank = q * (weights @ step.cumulative[-1])
    low = np.zeros(len(weights), dtype=np.int64)
    high = np.full(len(weights), len(step.cumulative) - 1)
    while np.any(low < high):
        middle = (low + high) // 2
        reached = _count(step, weights, middle) >= rank
        high = np.where(reached, middle, high)
        low = np.where(reached, low, middle + 1)
    before = np.where(low > 0, _count(step, weights, np.maximum(low - 1, 0)), 0.0)
    return low, _ratio(rank - before, _count(step, weights, low) - before)


def _count(step: StepSeconds, weights: Array, bucket: np.ndarray) -> Array:
    """Of each resample, up to and with a bucket of its own."""
    return np.asarray(np.einsum("bs,bs->b", weights, step.cumulative[bucket]))


def _ratio(above: Array, below: Array) -> Array:
    return np.asarray(np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0))
