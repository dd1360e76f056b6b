"""Think-time families: distribution, and its integral, from which rounded times are judged.

A log whose clock has a resolution h (a second, often) shows a pause T as the difference of two
truncated times: X = T + e, where e has the triangular density of width ±h. So the density of X is

    g(x) = (G(x + h) - 2 G(x) + G(x - h)) / h²      G(x) = ∫₀ˣ F(t) dt = x F(x) - E[T; T ≤ x]

exactly, for any phase of the clock, and its distribution is (G(x + h) - G(x)) / h where x itself is
cut to whole h. Where h is small beside x, g is the family's own density. E[T; T ≤ x] has a closed
form for all four families (for the log-normal, gamma and Weibull by the CDF of a relative).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

from perfwright.model.think import Exponential, Gamma, LogNormal, Think, Weibull

Floats = NDArray[np.float64]
_NEGLIGIBLE_RESOLUTION = 0.02
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Moments:
    """Of the values, and of their logarithms."""

    mean: float
    log_mean: float
    log_deviation: float


class Family(Protocol):
    """Parameters are all real numbers, so that any search may move them from `start`; `think` says
    them in the model's words."""

    @property
    def name(self) -> str: ...
    @property
    def parameters(self) -> int: ...
    def start(self, moments: Moments) -> Floats: ...
    def density(self, p: Floats, x: Floats) -> Floats: ...
    def cdf(self, p: Floats, x: Floats) -> Floats: ...
    def partial_mean(self, p: Floats, x: Floats) -> Floats: ...
    def think(self, p: Floats) -> Think: ...


@dataclass(frozen=True, slots=True)
class ExponentialFamily:
    """p = (log mean)."""

    name: str = "exponential"
    parameters: int = 1

    def start(self, moments: Moments) -> Floats:
        return np.array([np.log(moments.mean)])

    def density(self, p: Floats, x: Floats) -> Floats:
        mean = np.exp(p[0])
        result: Floats = np.exp(-x / mean) / mean
        return result

    def cdf(self, p: Floats, x: Floats) -> Floats:
        result: Floats = -np.expm1(-x / np.exp(p[0]))
        return result

    def partial_mean(self, p: Floats, x: Floats) -> Floats:
        mean = np.exp(p[0])
        result: Floats = mean * special.gammainc(2.0, x / mean)
        return result

    def think(self, p: Floats) -> Think:
        return Exponential(float(np.exp(p[0])))


@dataclass(frozen=True, slots=True)
class LogNormalFamily:
    """p = (mu, log sigma)."""

    name: str = "log-normal"
    parameters: int = 2

    def start(self, moments: Moments) -> Floats:
        return np.array([moments.log_mean, np.log(moments.log_deviation)])

    def density(self, p: Floats, x: Floats) -> Floats:
        sigma = np.exp(p[1])
        z = (np.log(x) - p[0]) / sigma
        result: Floats = np.exp(-0.5 * z * z) / (x * sigma * np.sqrt(2 * np.pi))
        return result

    def cdf(self, p: Floats, x: Floats) -> Floats:
        result: Floats = special.ndtr((np.log(x) - p[0]) / np.exp(p[1]))
        return result

    def partial_mean(self, p: Floats, x: Floats) -> Floats:
        sigma = np.exp(p[1])
        mean = np.exp(p[0] + sigma**2 / 2)
        result: Floats = mean * special.ndtr((np.log(x) - p[0]) / sigma - sigma)
        return result

    def think(self, p: Floats) -> Think:
        return LogNormal(float(p[0]), float(np.exp(p[1])))


@dataclass(frozen=True, slots=True)
class GammaFamily:
    """p = (log shape, log scale)."""

    name: str = "gamma"
    parameters: int = 2

    def start(self, moments: Moments) -> Floats:
        # Minka's closed approximation of the maximum likelihood.
        s = max(np.log(moments.mean) - moments.log_mean, 1e-3)
        shape = (3 - s + np.sqrt((s - 3) ** 2 + 24 * s)) / (12 * s)
        return np.array([np.log(shape), np.log(moments.mean / shape)])

    def density(self, p: Floats, x: Floats) -> Floats:
        shape, scale = np.exp(p)
        logs = (shape - 1) * np.log(x / scale) - x / scale - special.gammaln(shape)
        result: Floats = np.exp(logs) / scale
        return result

    def cdf(self, p: Floats, x: Floats) -> Floats:
        shape, scale = np.exp(p)
        result: Floats = special.gammainc(shape, x / scale)
        return result

    def partial_mean(self, p: Floats, x: Floats) -> Floats:
        shape, scale = np.exp(p)
        result: Floats = shape * scale * special.gammainc(shape + 1, x / scale)
        return result

    def think(self, p: Floats) -> Think:
        return Gamma(float(np.exp(p[0])), float(np.exp(p[1])))


@dataclass(frozen=True, slots=True)
class WeibullFamily:
    """p = (log shape, log scale)."""

    name: str = "Weibull"
    parameters: int = 2

    def start(self, moments: Moments) -> Floats:
        # log T is Gumbel: its deviation is π / (√6 shape), its mean log scale - γ / shape.
        shape = np.pi / (np.sqrt(6) * moments.log_deviation)
        return np.array([np.log(shape), moments.log_mean + np.euler_gamma / shape])

    def density(self, p: Floats, x: Floats) -> Floats:
        shape, scale = np.exp(p)
        y = (x / scale) ** shape
        result: Floats = shape / x * y * np.exp(-y)
        return result

    def cdf(self, p: Floats, x: Floats) -> Floats:
        shape, scale = np.exp(p)
        result: Floats = -np.expm1(-((x / scale) ** shape))
        return result

    def partial_mean(self, p: Floats, x: Floats) -> Floats:
        shape, scale = np.exp(p)
        above_one = 1 + 1 / shape
        mean = scale * special.gamma(above_one)
        result: Floats = mean * special.gammainc(above_one, (x / scale) ** shape)
        return result

    def think(self, p: Floats) -> Think:
        return Weibull(float(np.exp(p[0])), float(np.exp(p[1])))


FAMILIES: tuple[Family, ...] = (
    ExponentialFamily(),
    LogNormalFamily(),
    GammaFamily(),
    WeibullFamily(),
)


class Seen:
    """Times `x` (> -h) as a clock of `resolution_s` shows them: g(x) of any family. G is asked for
    once at each point, since x + h is often another's x."""

    def __init__(self, x: Floats, resolution_s: float) -> None:
        h = resolution_s
        self._blurred = x * _NEGLIGIBLE_RESOLUTION < h
        self._fine = x[~self._blurred]
        y = x[self._blurred]
        self._points, places = np.unique(np.concatenate((y - h, y, y + h)), return_inverse=True)
        self._before, self._at, self._after = places.reshape(3, -1)
        self._square = h * h

    def density(self, family: Family, p: Floats) -> Floats:
        result = np.empty(self._blurred.size)
        result[~self._blurred] = family.density(p, self._fine)
        if self._points.size:
            g = _integral(family, p, self._points)
            second = g[self._after] - 2 * g[self._at] + g[self._before]
            result[self._blurred] = second / self._square
        return np.maximum(result, _TINY)


def observed_cdf(family: Family, p: Floats, x: Floats, resolution_s: float) -> Floats:
    """How likely a clock of `resolution_s` shows a pause of at most `x`."""
    if resolution_s <= 0:
        return family.cdf(p, np.maximum(x, _TINY))
    difference = _integral(family, p, x + resolution_s) - _integral(family, p, x)
    return np.asarray(difference / resolution_s)


def _integral(family: Family, p: Floats, x: Floats) -> Floats:
    """G(x); 0 below 0."""
    positive = np.maximum(x, _TINY)
    value = positive * family.cdf(p, positive) - family.partial_mean(p, positive)
    return np.where(x > 0, np.maximum(value, 0.0), 0.0)
