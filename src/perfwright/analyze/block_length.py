"""How many seconds of a run belong together: the block length of a block bootstrap, from the data.

Seconds of a run are not independent: a busy second is followed by another. A bootstrap that draws
blocks of b seconds keeps what happens within b. Too short a block loses dependence, too long a one
leaves few blocks; the length that makes the variance's mean square error least is (circular blocks)

    b = (2 G² / D)^⅓ N^⅓      G = Σ λ(k/M) |k| R(k)      D = 4/3 (Σ λ(k/M) R(k))²

    R(k)  autocovariance at lag k, |k| ≤ M          λ(t)  flat-top window: 1 to ½, then 2(1 - |t|)
    M     2 m, where m is the last lag before `_QUIET` lags in a row whose autocorrelation is
          insignificant: |ρ(k)| < 2 √(log₁₀N / N)

Politis & White (2004), Automatic block-length selection for the dependent bootstrap; with the
correction of Patton, Politis & White (2009). No reading of it exceeds min(3√N, N/3). A series that
does not vary has blocks of 1.
"""

from __future__ import annotations

import math

import numpy as np

from perfwright.analyze.step_seconds import Array

_QUIET = 5
_SIGNIFICANT = 2.0


def block_length(series: Array) -> float:
    """In seconds (rows of the series), ≥ 1; not rounded."""
    count = series.size
    longest = max(1.0, math.ceil(min(3 * math.sqrt(count), count / 3)))
    quiet = max(_QUIET, math.ceil(math.sqrt(math.log10(max(count, 2)))))
    lags = min(count - 1, math.ceil(math.sqrt(count)) + quiet)
    covariances = autocovariances(series, lags)
    if lags < 1 or covariances[0] <= 0:
        return 1.0
    window = min(2 * _last_significant(covariances / covariances[0], count, quiet), lags)
    lag = np.arange(-window, window + 1)
    weighted = np.minimum(1.0, 2 * (1 - np.abs(lag) / max(window, 1))) * covariances[np.abs(lag)]
    spread = float(weighted.sum())
    if spread == 0:
        return longest
    slope = float((np.abs(lag) * weighted).sum())
    length: float = (2 * slope**2 / (4 / 3 * spread**2)) ** (1 / 3) * count ** (1 / 3)
    return min(max(length, 1.0), longest)


def autocovariances(series: Array, lags: int) -> Array:
    """R(0) … R(lags), each a sum over what overlaps ÷ N."""
    around = series - series.mean() if series.size else series
    count = max(series.size, 1)
    sums = [float(around[: around.size - lag] @ around[lag:]) for lag in range(lags + 1)]
    return np.array(sums) / count


def _last_significant(correlations: Array, count: int, quiet: int) -> int:
    """m: the first lag, from 1 on, that `quiet` insignificant ones follow (or what is left)."""
    limit = _SIGNIFICANT * math.sqrt(math.log10(max(count, 2)) / count)
    loud = np.flatnonzero(np.abs(correlations[1:]) >= limit) + 1
    last = 0
    for lag in loud:
        if lag - last > quiet:
            break
        last = int(lag)
    return max(1, last)
