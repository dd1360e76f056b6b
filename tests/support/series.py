"""Short series with a known truth, seeded, for the tests of trends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from perfwright.analyze.trend.examine import examine
from perfwright.model.trend import NamedSeries, Trend

Floats = NDArray[np.float64]


def noise(n: int, *, seed: int, sigma: float = 1.0, phi: float = 0.0) -> Floats:
    """Stationary AR(1) with the standard deviation `sigma`."""
    random = np.random.default_rng(seed)
    shocks = random.normal(0, sigma * np.sqrt(1 - phi**2), n)
    values = np.empty(n)
    values[0] = random.normal(0, sigma)
    for i in range(1, n):
        values[i] = phi * values[i - 1] + shocks[i]
    return values


def stepped(n: int, at: int, by: float, *, seed: int, phi: float = 0.0) -> Floats:
    """Noise of σ = 1 around 100, `by` more from row `at` on."""
    values = 100 + noise(n, seed=seed, phi=phi)
    values[at:] += by
    return values


def trend_of(
    values: Sequence[float] | Floats, *, seconds: Sequence[float] | None = None, seed: int = 0
) -> Trend:
    times = range(len(values)) if seconds is None else seconds
    return examine(
        NamedSeries(
            name="value", unit="ms", times=list(times), values=list(values), seconds=seconds
        ),
        seed=seed,
    )


def indices(trend: Trend) -> list[int]:
    return [change.index for change in trend.change_points]
