"""Each distribution as its quantile function: uniform numbers in [0, 1) → values.

    u ──► F⁻¹(u)          independent: u from the generator
    z ──► Φ(z) = u        correlated: z' = r·z + √(1 − r²)·ε, a Gaussian copula (Nelsen,
                          *An Introduction to Copulas*, 2006, §2.3)

One uniform number a value, whatever the distribution: so columns can be correlated, and a column's
values do not depend on how many rows are made at a time. Discrete ones are looked up in their
cumulative table, cut where less than 1e-15 is left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, pdtr

from perfwright.export.synthetic.texts import typed
from perfwright.plan.data_spec import (
    Boolean,
    Choice,
    Distribution,
    Exponential,
    Integer,
    LogNormal,
    Moment,
    Normal,
    Poisson,
    Scalar,
    Uniform,
    Zipf,
)

Floats: TypeAlias = NDArray[np.float64]
Quantiles: TypeAlias = Callable[[Floats], NDArray[np.generic]]


def quantiles_of(kind: Distribution) -> Quantiles:
    """The quantile function; tables that it needs are made here, once."""
    match kind:
        case Uniform(low=low, high=high, digits=digits):
            return lambda u: _rounded(low + (high - low) * u, digits)
        case Integer(low=low, high=high):
            return lambda u: low + _indices(u, high - low + 1)
        case Normal():
            return _normal(kind)
        case LogNormal(mu=mu, sigma=sigma, digits=digits):
            return lambda u: _rounded(np.exp(mu + sigma * ndtri(_inside(u))), digits)
        case Exponential(mean=mean, digits=digits):
            return lambda u: _rounded(-mean * np.log1p(-u), digits)
        case Poisson(mean=mean):
            around = 10 * np.sqrt(mean) + 30  # beyond it there is less than 1e-15
            least, most = max(0, int(mean - around)), int(mean + around)
            return _table(pdtr(np.arange(least, most + 1), mean), first=least)
        case Zipf(n=n, s=s):
            return _table(zipf_cdf(n, s), first=1)
        case Choice(values=values):
            return _choice(values)
        case Boolean(true=share):
            return lambda u: u < share
        case Moment():
            return _moment(kind)


def zipf_cdf(n: int, s: float) -> Floats:
    """P(rank ≤ k) for k in 1..n."""
    weights = np.arange(1, n + 1, dtype=np.float64) ** -s
    total = np.cumsum(weights)
    cdf: Floats = total / total[-1]
    return cdf


def correlated(z: Floats, r: float, noise: Floats) -> Floats:
    """Normal scores whose correlation with `z` is `r`; both are standard normal."""
    scores: Floats = r * z + np.sqrt(1 - r * r) * noise
    return scores


def scores_of(u: Floats) -> Floats:
    """Uniform numbers → normal scores."""
    scores: Floats = ndtri(_inside(u))
    return scores


def uniform_of(z: Floats) -> Floats:
    """Normal scores → uniform numbers in [0, 1)."""
    uniform: Floats = np.minimum(ndtr(z), np.nextafter(1.0, 0.0))
    return uniform


def _normal(kind: Normal) -> Quantiles:
    low = 0.0 if kind.low is None else float(ndtr((kind.low - kind.mean) / kind.sd))
    high = 1.0 if kind.high is None else float(ndtr((kind.high - kind.mean) / kind.sd))

    def values(u: Floats) -> NDArray[np.generic]:
        drawn = kind.mean + kind.sd * ndtri(_inside(low + (high - low) * u))
        least = -np.inf if kind.low is None else kind.low
        most = np.inf if kind.high is None else kind.high
        return _rounded(np.clip(drawn, least, most), kind.digits)

    return values


def _choice(values: tuple[tuple[Scalar, float], ...]) -> Quantiles:
    weights = np.array([weight for _, weight in values])
    listed = typed([value for value, _ in values])
    look_up = _table(np.cumsum(weights) / weights.sum(), first=0)
    return lambda u: listed[look_up(u).astype(np.int64)]


def _moment(kind: Moment) -> Quantiles:
    begin_s, end_s = kind.begin.timestamp(), kind.end.timestamp()

    def values(u: Floats) -> NDArray[np.generic]:
        at_s = begin_s + (end_s - begin_s) * u
        if kind.form == "epoch_s":
            return np.floor(at_s).astype(np.int64)
        if kind.form == "epoch_ms":
            return np.floor(at_s * 1000).astype(np.int64)
        unit = "D" if kind.form == "date" else "s"
        stamps = np.floor(at_s).astype("datetime64[s]").astype(f"datetime64[{unit}]")
        return np.datetime_as_string(stamps).astype(object)

    return values


def _table(cdf: Floats, *, first: int) -> Quantiles:
    return lambda u: first + np.minimum(np.searchsorted(cdf, u, side="right"), len(cdf) - 1)


def _indices(u: Floats, n: int) -> NDArray[np.int64]:
    return np.minimum((u * n).astype(np.int64), n - 1)


def _inside(u: Floats) -> Floats:
    """Without 0 and 1, where the normal quantiles are infinite."""
    inside: Floats = np.clip(u, 2.0**-54, 1 - 2.0**-53)
    return inside


def _rounded(values: Floats, digits: int | None) -> NDArray[np.generic]:
    if digits is None:
        return values
    return np.rint(values).astype(np.int64) if digits == 0 else np.round(values, digits)
