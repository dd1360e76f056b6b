"""What blocks miss of a series' dependence, and how many independent seconds it is worth.

The block bootstrap's variance of a mean over N seconds in circular blocks of b is

    v_b = (1/N) [R(0) + 2 Σ_{k<b} (1 - k/b) R(k)]              (R: circular autocovariance)

and with N as small as 30 that is too small twice over: the mean was subtracted from the same data
(by b/N), and dependence longer than b is lost. Simulated, intervals of 95% then miss in 10 to 40 of
100 (AR(1), φ 0.3 to 0.9). Blocks of √N and more mend part of that; besides, the variance is
multiplied by

    κ = max( 1 / (1 - b/N),  v_φ / v_b )

    v_φ = s²/N (1 + φ)/(1 - φ)      variance if the series is AR(1)
    φ   = r₁ + (1 + 3 r₁)/N         lag-1 autocorrelation without its bias (Kendall 1954), 0..0.95

and Student's t replaces the normal with as many degrees of freedom ν as there are independent
parts: min(N/b, N (1 - φ)/(1 + φ), rows with requests) - 1. What drifts slower than the run is long
shows as a constant and no statistics of one run can see it: only interleaved runs cancel it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perfwright.analyze.block_length import autocovariances
from perfwright.analyze.step_seconds import Array

_PHI_MAX = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """`inflation`: κ, of the variance. `freedom`: ν, ≥ 1."""

    inflation: float
    freedom: float


def dependence(series: Array, block: int, *, rows: int, occupied: int) -> Dependence:
    """Of a run of `rows` seconds in blocks of `block`, `occupied` of which hold anything, as its
    series tells, or its own and that of a run like it."""
    count = series.size
    around = series - series.mean()
    squares = float(around @ around)
    parts = min(rows / block, float(occupied))
    if squares <= 0 or count < 2:
        return Dependence(inflation=1.0, freedom=max(1.0, parts - 1))
    phi = persistence(series)
    seen = _block_variance(around, block)
    as_ar1 = squares / (count - 1) / count * (1 + phi) / (1 - phi)
    lost = 1 / (1 - block / rows) if block < rows else float(rows)
    parts = min(parts, rows * (1 - phi) / (1 + phi))
    return Dependence(
        inflation=max(lost, as_ar1 / seen) if seen > 0 else lost, freedom=max(1.0, parts - 1)
    )


def persistence(series: Array) -> float:
    """φ, of each second in the next, 0..0.95; negative dependence counts as none."""
    nothing, next_to = autocovariances(series, 1)
    if nothing <= 0:
        return 0.0
    raw = float(next_to / nothing)
    return min(max(raw + (1 + 3 * raw) / series.size, 0.0), _PHI_MAX)


def _block_variance(around: Array, block: int) -> float:
    """v_b."""
    count = around.size
    lags = range(min(block, count))
    circular = np.array([float(around @ np.roll(around, -lag)) for lag in lags]) / count
    weights = 1 - np.arange(len(circular)) / block
    return float(circular[0] + 2 * (weights[1:] @ circular[1:])) / count
