"""Each figure of a step with its standard error, from the run's own seconds.

    figure f          value f(1)                         weights all 1: the run as it was
    blocks            b = block_length(influence of f)   one of its own for each figure, √N … N/3
    error             √(κ · Var f(w*))                   w* drawn in blocks; κ: what blocks miss

How seconds hang together is what few of them tell worst: of 30 seconds alone, b and κ come out so
unsure that many a change drowns in them. Of two runs that are compared, the same step on the same
system, it is learned from both (each influence by its own standard deviation); how much either
varies stays its own.

Times and rates vary by ratio, so theirs is the error of ln f; of the error ratio it is that of the
ratio itself, at least what independent requests would have (binomial, with (k+1)/(n+2) for k/n, so
that no errors at all are not certain to be none). A quantile's error holds the width of its bucket.

A quantile needs `_BEYOND` requests beyond it, any figure `_REQUESTS` and `_ROWS` seconds: with less
there is a value and no error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from perfwright.analyze.block_bootstrap import block_weights
from perfwright.analyze.block_length import block_length
from perfwright.analyze.dependence import dependence
from perfwright.analyze.step_seconds import Array, StepSeconds
from perfwright.analyze.weighted_figures import (
    error_ratio,
    mean_ns,
    quantile_influence,
    quantile_ns,
    ratio_influence,
    throughput_per_s,
)

RESAMPLES = 1_000
QUANTILES: Mapping[str, float] = {"median": 0.50, "p95": 0.95, "p99": 0.99}
ERRORS = "errors"
THROUGHPUT = "throughput"
NAMES = (*QUANTILES, "mean", THROUGHPUT, ERRORS)

_BEYOND = 5
_REQUESTS = 10
_ROWS = 5
_EMPTY_RATIO = 0.05
_BUCKET_ERROR = 1 / 256 / math.sqrt(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """`value`: ns, 1/s or a ratio 0..1; None where nothing was measured. `error`: its standard
    error (of ln value, but for error ratios), None where there is too little to tell. `freedom`:
    degrees of freedom of that."""

    value: float | None
    error: float | None = None
    freedom: float = 1.0


@dataclass(frozen=True, slots=True)
class _Figure:
    """`is_ratio`: its error is that of its logarithm."""

    of: Callable[[Array], Array]
    influence: Callable[[], Array]
    enough: bool
    least: float = 0.0
    is_ratio: bool = True


def estimates(
    step: StepSeconds, random: np.random.Generator, *, beside: StepSeconds | None = None
) -> dict[str, Estimate]:
    """By `NAMES`; `beside` is the run that it is compared with."""
    return _estimated(step, beside, lambda one: _quantiles(one, QUANTILES) | _sums(one), random)


def quantile_estimates(
    step: StepSeconds,
    quantiles: Mapping[str, float],
    random: np.random.Generator,
    *,
    beside: StepSeconds | None = None,
) -> dict[str, Estimate]:
    """By the names of `quantiles`, which are 0..1."""
    return _estimated(step, beside, lambda one: _quantiles(one, quantiles), random)


def _estimated(
    step: StepSeconds,
    beside: StepSeconds | None,
    figures_of: Callable[[StepSeconds], Mapping[str, _Figure]],
    random: np.random.Generator,
) -> dict[str, Estimate]:
    figures = figures_of(step)
    others = figures_of(beside) if beside is not None and enough_seconds(beside) else {}
    drawn: dict[int, Array] = {}

    def weights(block: int) -> Array:
        if block not in drawn:
            drawn[block] = block_weights(step.rows, block, RESAMPLES, random)
        return drawn[block]

    return {
        name: _estimate(step, figure, others.get(name), weights) for name, figure in figures.items()
    }


def values_of(step: StepSeconds) -> dict[str, float | None]:
    """By `NAMES`, without errors; None where there is too little to tell."""
    figures = _quantiles(step, QUANTILES) | _sums(step)
    return {
        name: _value(step, figure) if figure.enough else None for name, figure in figures.items()
    }


def quantile_enough(requests: float, q: float) -> bool:
    """Whether so many requests can tell the quantile."""
    return requests >= _REQUESTS and requests * min(q, 1 - q) >= _BEYOND - 1e-9


def requests_for(q: float) -> int:
    """How many requests a quantile needs."""
    return max(_REQUESTS, math.ceil(_BEYOND / min(q, 1 - q) - 1e-9))


def enough_seconds(step: StepSeconds) -> bool:
    return step.rows >= _ROWS


def _quantiles(step: StepSeconds, quantiles: Mapping[str, float]) -> dict[str, _Figure]:
    measured = float(step.measured.sum())
    return {
        name: _Figure(
            of=partial(quantile_ns, step, q=q),
            influence=partial(quantile_influence, step, q),
            enough=quantile_enough(measured, q),
            least=_BUCKET_ERROR**2,
        )
        for name, q in quantiles.items()
    }


def _sums(step: StepSeconds) -> dict[str, _Figure]:
    requests = float(step.requests.sum())
    failed = (float(step.errors.sum()) + 1) / (requests + 2)
    return {
        "mean": _Figure(
            of=partial(mean_ns, step),
            influence=partial(ratio_influence, step.total_ns, step.measured),
            enough=float(step.measured.sum()) >= _REQUESTS,
        ),
        THROUGHPUT: _Figure(
            of=partial(throughput_per_s, step),
            influence=partial(ratio_influence, step.requests, step.seconds),
            enough=requests >= _REQUESTS,
        ),
        ERRORS: _Figure(
            of=partial(error_ratio, step),
            influence=partial(ratio_influence, step.errors, step.requests),
            enough=requests >= _REQUESTS,
            least=failed * (1 - failed) / requests if requests else 0.0,
            is_ratio=False,
        ),
    }


def _estimate(
    step: StepSeconds,
    figure: _Figure,
    other: _Figure | None,
    weights: Callable[[int], Array],
) -> Estimate:
    value = _value(step, figure)
    if value is None:
        return Estimate(value=None)
    if not figure.enough or not enough_seconds(step) or (figure.is_ratio and value <= 0):
        return Estimate(value=value)
    influence = _standard(figure.influence())
    if other is not None and other.enough:
        influence = np.concatenate([influence, _standard(other.influence())])
    block = round(min(max(block_length(influence), step.rows**0.5), step.rows / 3))
    known = dependence(influence, block, rows=step.rows, occupied=int((step.requests > 0).sum()))
    redrawn = figure.of(weights(block))
    redrawn = redrawn[np.isfinite(redrawn) & ((redrawn > 0) | (not figure.is_ratio))]
    if redrawn.size < (1 - _EMPTY_RATIO) * RESAMPLES:
        return Estimate(value=value)
    around = np.log(redrawn) if figure.is_ratio else redrawn
    variance = float(np.var(around, ddof=1)) * known.inflation
    # Buckets add their width to what is seen to vary; independent requests vary at least so much.
    variance = variance + figure.least if figure.is_ratio else max(variance, figure.least)
    return Estimate(value=value, error=math.sqrt(variance), freedom=known.freedom)


def _standard(influence: Array) -> Array:
    around, spread = influence - influence.mean(), influence.std()
    return np.asarray(around / spread if spread > 0 else around)


def _value(step: StepSeconds, figure: _Figure) -> float | None:
    value = float(figure.of(np.ones((1, step.rows)))[0]) if step.rows else math.nan
    return None if math.isnan(value) else value
