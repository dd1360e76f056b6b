"""What blocks miss: intervals hold where seconds hang together, and widen where they are few."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import stdtrit

from perfwright.analyze.block_bootstrap import block_weights
from perfwright.analyze.block_length import block_length
from perfwright.analyze.dependence import _block_variance, dependence, persistence


def ar1(phi: float, count: int, random: np.random.Generator) -> np.ndarray:
    series = np.zeros(count + 100)
    for at, noise in enumerate(random.standard_normal(series.size)):
        series[at] = phi * series[at - 1] + noise
    return series[100:]


def test_the_variance_of_blocks_is_what_drawing_blocks_gives() -> None:
    random = np.random.default_rng(1)
    series = ar1(0.6, 40, random)
    around = series - series.mean()
    means = block_weights(40, 5, 40_000, random) @ around / 40
    assert _block_variance(around, 5) == pytest.approx(float(np.var(means)), rel=0.03)


def test_persistence_is_that_of_the_series_on_average() -> None:
    random = np.random.default_rng(2)
    for phi in (0.3, 0.6, 0.8):
        found = np.mean([persistence(ar1(phi, 60, random)) for _ in range(200)])
        assert found == pytest.approx(phi, abs=0.05)
    assert persistence(np.array([1.0, -1.0] * 20)) == 0
    assert persistence(np.ones(9)) == 0


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.5, 0.7])
def test_intervals_of_a_mean_miss_no_more_often_than_they_say(phi: float) -> None:
    random = np.random.default_rng(3)
    missed = 0
    for _ in range(400):
        series = ar1(phi, 30, random)
        block = max(round(block_length(series)), 5)
        known = dependence(series, block, rows=30, occupied=30)
        error = (_block_variance(series - series.mean(), block) * known.inflation) ** 0.5
        missed += abs(series.mean()) > stdtrit(known.freedom, 0.975) * error
    assert missed / 400 <= 0.09


def test_a_series_that_never_varies_needs_no_inflation() -> None:
    known = dependence(np.ones(30), 3, rows=30, occupied=30)
    assert (known.inflation, known.freedom) == (1.0, 9.0)


def test_seconds_without_requests_are_no_independent_parts() -> None:
    series = ar1(0.0, 30, np.random.default_rng(4))
    assert dependence(series, 3, rows=30, occupied=4).freedom == 3
