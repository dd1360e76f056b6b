"""Intervals of size and place hold the truth as often as they say; ramps are told from steps."""

from __future__ import annotations

import numpy as np
import pytest
from support.series import noise, stepped

from perfwright.analyze.trend.drift import ramp_of, same_direction
from perfwright.analyze.trend.intervals import place_of, size_of
from perfwright.analyze.trend.noise import Noise

SERIES = 120
SLACK = 3 * np.sqrt(0.95 * 0.05 / SERIES)


@pytest.mark.parametrize("phi", [0.0, 0.6])
def test_the_size_of_a_change_lies_in_its_interval(phi: float) -> None:
    """The bootstrap of few blocks is a little narrow: 4% are granted to it."""
    block = Noise(sigma=1.0, phi=phi).block
    held = 0
    for seed in range(SERIES):
        values = stepped(120, 60, 3.0, seed=seed, phi=phi)
        size = size_of(values[:60], values[60:], block=block, seed=seed)
        held += size.ci[0] <= 3.0 <= size.ci[1]
    assert held / SERIES >= 0.95 - 0.04 - SLACK


@pytest.mark.parametrize(("phi", "by"), [(0.0, 1.5), (0.0, 4.0), (0.6, 2.0)])
def test_the_place_of_a_change_lies_in_its_interval(phi: float, by: float) -> None:
    held = 0
    for seed in range(SERIES):
        values = stepped(120, 60, by, seed=seed, phi=phi)
        sigma = np.sqrt(1 - phi**2) / (1 - phi)
        place = place_of(values, 0, 58, 120, phi=phi, sigma=sigma, reach=20)
        assert place.low <= place.index <= place.high
        held += place.low <= 60 <= place.high
    assert held / SERIES >= 0.95 - SLACK


def test_a_relative_change_needs_a_level_above_zero() -> None:
    size = size_of(np.array([-1.0, 0.0, 1.0]), np.array([4.0, 5.0, 6.0]), block=1, seed=0)
    assert (size.change, size.change_ci) == (None, None)
    assert size.after - size.before == 5.0


def test_changes_of_one_direction_are_one_group() -> None:
    assert same_direction([1, 2, 3, 1, 0, 5]) == [(0, 2), (2, 4), (4, 5)]
    assert same_direction([1, 2]) == [(0, 1)]


def test_a_ramp_is_told_from_a_staircase() -> None:
    rows = np.arange(200)
    ramp = noise(200, seed=1) + 10 * np.clip((rows - 60) / 80, 0, 1)
    found = ramp_of(ramp, [75, 95, 120], 1.0)
    assert found is not None
    assert abs(found.start - 60) <= 12
    assert abs(found.end - 140) <= 12
    stairs = noise(200, seed=2) + 5.0 * (rows >= 70) + 5.0 * (rows >= 140)
    assert ramp_of(stairs, [70, 140], 1.0) is None
    assert ramp_of(stepped(200, 90, 6.0, seed=3), [90], 1.0) is None
