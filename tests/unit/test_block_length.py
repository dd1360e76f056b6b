"""Block lengths follow the dependence of a series; the formula against a plain reading of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from perfwright.analyze.block_length import autocovariances, block_length


def ar1(phi: float, count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    series = np.zeros(count + 200)
    for at in range(1, series.size):
        series[at] = phi * series[at - 1] + random.standard_normal()
    return series[200:]


def slow_block_length(series: np.ndarray) -> float:
    """Politis & White (2004) with the correction of 2009, term by term."""
    count, mean = len(series), sum(series) / len(series)

    def covariance(lag: int) -> float:
        pairs = zip(series[: count - abs(lag)], series[abs(lag) :], strict=True)
        return sum((a - mean) * (b - mean) for a, b in pairs) / count

    quiet = max(5, math.ceil(math.sqrt(math.log10(count))))
    longest_lag = math.ceil(math.sqrt(count)) + quiet
    limit = 2 * math.sqrt(math.log10(count) / count)
    loud = [abs(covariance(lag) / covariance(0)) >= limit for lag in range(1, longest_lag + 1)]
    last = 0
    for lag in range(1, longest_lag + 1):
        if not any(loud[last : last + quiet]):
            break
        if loud[lag - 1]:
            last = lag
    window = min(2 * max(1, last), longest_lag)
    g0 = slope = 0.0
    for lag in range(-window, window + 1):
        weight = 1.0 if abs(lag) / window <= 0.5 else 2 * (1 - abs(lag) / window)
        g0 += weight * covariance(lag)
        slope += weight * abs(lag) * covariance(lag)
    length = (2 * slope**2 / (4 / 3 * g0**2)) ** (1 / 3) * count ** (1 / 3)
    return min(max(length, 1.0), math.ceil(min(3 * math.sqrt(count), count / 3)))


@pytest.mark.parametrize("count", [30, 60, 300])
@pytest.mark.parametrize("phi", [0.0, 0.4, 0.8, -0.5])
def test_the_length_is_that_of_the_formula(phi: float, count: int) -> None:
    for seed in range(5):
        series = ar1(phi, count, seed)
        assert block_length(series) == pytest.approx(slow_block_length(series))


def test_the_longer_dependence_lasts_the_longer_are_the_blocks() -> None:
    lengths = [
        np.mean([block_length(ar1(phi, 400, seed)) for seed in range(40)])
        for phi in (0.0, 0.4, 0.7, 0.9)
    ]
    assert lengths == sorted(lengths)
    assert lengths[0] < 3
    assert lengths[-1] > 15


def test_blocks_have_at_least_one_row_and_at_most_a_third_of_them() -> None:
    assert block_length(np.zeros(30)) == 1
    assert block_length(np.array([3.0])) == 1
    assert block_length(np.arange(30.0)) <= 10


def test_autocovariances_are_those_of_numpy() -> None:
    series = ar1(0.5, 50, 1)
    full = np.correlate(series - series.mean(), series - series.mean(), "full") / 50
    assert autocovariances(series, 5) == pytest.approx(full[49:55])
