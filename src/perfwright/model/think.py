"""Think times as distributions: seconds, all positive.

Parameters as in NumPy and `random`: exponential by its mean; log-normal by mean and deviation of
the logarithm; gamma and Weibull by shape and scale. `Empirical` is what no family fits: equally
likely quantiles, lowest first, with straight lines between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Fixed:
    seconds: float


@dataclass(frozen=True, slots=True)
class Uniform:
    low_s: float
    high_s: float


@dataclass(frozen=True, slots=True)
class Exponential:
    mean_s: float


@dataclass(frozen=True, slots=True)
class LogNormal:
    mu: float
    sigma: float


@dataclass(frozen=True, slots=True)
class Gamma:
    shape: float
    scale_s: float


@dataclass(frozen=True, slots=True)
class Weibull:
    shape: float
    scale_s: float


@dataclass(frozen=True, slots=True)
class Empirical:
    quantiles_s: tuple[float, ...]


Think: TypeAlias = Fixed | Uniform | Exponential | LogNormal | Gamma | Weibull | Empirical
