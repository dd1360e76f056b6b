"""E-divisive against the definition, pair by pair, and its rate of false alarms."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import energy_distance
from support.series import noise, stepped

from perfwright.analyze.trend.energy import (
    PERMUTATIONS,
    best_split,
    e_divisive,
    energy_statistics,
)
from perfwright.analyze.trend.noise import Floats

MIN = 4


def mean_distance(one: Floats, other: Floats) -> float:
    total = sum(abs(x - y) for x, y in itertools.product(one, other))
    return float(total) / (one.size * other.size)


def by_definition(values: Floats) -> list[float]:
    """Q(τ) from all pairs: O(n³)."""
    n = values.size
    statistics = []
    for tau in range(MIN, n - MIN + 1):
        left, right = values[:tau], values[tau:]
        energy = (
            2 * mean_distance(left, right) - mean_distance(left, left) - mean_distance(right, right)
        )
        statistics.append(tau * (n - tau) / n * energy)
    return statistics


@pytest.mark.parametrize("seed", range(4))
def test_the_statistic_is_the_one_defined_by_pairs(seed: int) -> None:
    values = stepped(30, 17, 2.0, seed=seed)
    assert energy_statistics(values, min_segment=MIN) == pytest.approx(
        by_definition(values), rel=1e-4
    )


def test_equal_values_count_as_equal() -> None:
    values = np.round(stepped(36, 12, 3.0, seed=9))
    assert energy_statistics(values, min_segment=MIN) == pytest.approx(
        by_definition(values), rel=1e-4
    )


def test_the_statistic_is_scipys_energy_distance() -> None:
    values = stepped(32, 20, 1.0, seed=3)
    tau, n = 20, 32
    distance = energy_distance(values[:tau], values[tau:]) ** 2
    found = energy_statistics(values, min_segment=MIN)[tau - MIN]
    assert found == pytest.approx(tau * (n - tau) / n * distance, rel=1e-4)


def test_binning_of_long_series_keeps_the_place_and_nearly_the_statistic() -> None:
    values = stepped(120, 70, 1.5, seed=5)
    exact, binned = by_definition(values), energy_statistics(values, min_segment=MIN)
    assert int(np.argmax(binned)) == int(np.argmax(exact))
    assert binned.max() == pytest.approx(max(exact), rel=0.05)


def test_a_step_is_found_where_it_is_and_p_is_never_zero() -> None:
    (split,) = e_divisive(stepped(80, 30, 4.0, seed=1), alpha=0.01, min_segment=MIN, seed=0)
    assert split.index == 30
    assert split.p == 1 / (PERMUTATIONS + 1)


def test_several_steps_are_found_by_halving() -> None:
    values = stepped(150, 40, 5.0, seed=2)
    values[100:] -= 8
    found = e_divisive(values, alpha=0.01, min_segment=MIN, seed=0)
    assert [split.index for split in found] == [40, 100]


def test_what_is_too_short_or_constant_has_no_split() -> None:
    assert best_split(np.arange(7.0), alpha=0.05, min_segment=MIN, seed=0) is None
    assert best_split(np.full(50, 3.0), alpha=0.05, min_segment=MIN, seed=0) is None


@pytest.mark.parametrize("alpha", [0.05, 0.1])
def test_false_alarms_on_noise_are_as_rare_as_promised(alpha: float) -> None:
    """Of 150 series of noise; the slack is three standard errors of a share of `alpha`."""
    series = 150
    alarms = 0
    for seed in range(series):
        split = best_split(noise(30, seed=seed), alpha=alpha, min_segment=MIN, seed=seed)
        assert split is not None
        alarms += split.p <= alpha
    assert alarms / series <= alpha + 3 * np.sqrt(alpha * (1 - alpha) / series)
    assert alarms > 0


def test_the_same_seed_gives_the_same_answer() -> None:
    values = noise(60, seed=4)
    first, second = (best_split(values, alpha=0.01, min_segment=MIN, seed=7) for _ in range(2))
    assert first == second
