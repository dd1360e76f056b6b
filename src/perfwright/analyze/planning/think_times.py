"""Mean and quantiles of think times, in seconds (their parameters: `model/think.py`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

from perfwright.model.think import (
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    LogNormal,
    Think,
    Uniform,
    Weibull,
)

_EXPONENT_MAX = 700.0
"""Of e, before a float overflows."""


def mean_s(think: Think) -> float:
    """The mean of a think time."""
    match think:
        case Fixed():
            return think.seconds
        case Uniform():
            return (think.low_s + think.high_s) / 2
        case Exponential():
            return think.mean_s
        case LogNormal():
            return math.exp(min(_EXPONENT_MAX, think.mu + think.sigma**2 / 2))
        case Gamma():
            return think.shape * think.scale_s
        case Weibull():
            return think.scale_s * math.gamma(1 + 1 / think.shape)
        case Empirical():
            return _mean_of_quantiles(think.quantiles_s)


def _mean_of_quantiles(quantiles: Sequence[float]) -> float:
    """Straight lines between equally likely quantiles: the trapezoidal rule."""
    if len(quantiles) < 2:
        return float(sum(quantiles))
    inner = sum(quantiles) - (quantiles[0] + quantiles[-1]) / 2
    return inner / (len(quantiles) - 1)


def quantile_s(think: Think, q: float) -> float:
    """The time below which a share `q` (0 < q < 1) of all think times lies."""
    match think:
        case Fixed():
            return think.seconds
        case Uniform():
            return think.low_s + q * (think.high_s - think.low_s)
        case Exponential():
            return -think.mean_s * math.log1p(-q)
        case LogNormal():
            power = think.mu + think.sigma * NormalDist().inv_cdf(q)
            return math.exp(min(_EXPONENT_MAX, power))
        case Gamma():
            from scipy.special import gammaincinv  # SciPy: a third of a second that others save

            return float(gammaincinv(think.shape, q)) * think.scale_s
        case Weibull():
            return think.scale_s * float((-math.log1p(-q)) ** (1 / think.shape))
        case Empirical():
            return _between(think.quantiles_s, q)


def _between(quantiles: Sequence[float], q: float) -> float:
    if len(quantiles) < 2:
        return float(sum(quantiles))
    place = q * (len(quantiles) - 1)
    low = min(int(place), len(quantiles) - 2)
    return quantiles[low] + (place - low) * (quantiles[low + 1] - quantiles[low])
