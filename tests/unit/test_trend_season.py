"""The season of a series: its period and profile, and none where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from support.series import noise, stepped

from perfwright.analyze.trend.examine import examine
from perfwright.analyze.trend.season import autocorrelation, pattern_of
from perfwright.model.trend import NamedSeries

HOURS = np.arange(24 * 14)
DAY = 5 * np.sin(2 * np.pi * HOURS / 24)


@pytest.mark.parametrize("step_s", [3600.0, None])
def test_a_day_is_found_with_and_without_times(step_s: float | None) -> None:
    pattern = pattern_of(100 + DAY + noise(HOURS.size, seed=1), step_s)
    assert pattern is not None
    assert pattern.period == 24
    assert np.abs(pattern.profile - DAY[:24]).max() < 2


def test_a_day_is_found_through_steps_spikes_and_drift() -> None:
    values = 100 + DAY + noise(HOURS.size, seed=2) + HOURS / 20
    values[150:] += 30
    values[::50] += 60
    pattern = pattern_of(values, 3600.0)
    assert pattern is not None
    assert pattern.period == 24


def test_a_busy_moment_that_returns_is_a_season() -> None:
    values = 100 + noise(400, seed=3) + 20 * (np.arange(400) % 10 == 3)
    pattern = pattern_of(values)
    assert pattern is not None
    assert pattern.period == 10
    assert int(np.argmax(pattern.profile)) == 3


def test_rare_peaks_on_schedule_are_a_season() -> None:
    values = 10 + 0.5 * noise(2000, seed=7) + 20 * (np.arange(2000) % 100 == 0)
    values[1234:1250] += 30
    pattern = pattern_of(values)
    assert pattern is not None
    assert pattern.period == 100


def test_the_exact_period_is_taken_and_not_its_neighbour() -> None:
    rows = np.arange(288 * 10)
    values = 50 + 20 * np.sin(2 * np.pi * rows / 288) + noise(rows.size, seed=8)
    pattern = pattern_of(values, 300.0)
    assert pattern is not None
    assert pattern.period == 288


@pytest.mark.parametrize("phi", [0.0, 0.6, 0.9])
def test_noise_has_no_season(phi: float) -> None:
    found = [pattern_of(noise(300, seed=seed, phi=phi), 3600.0) for seed in range(40)]
    assert sum(pattern is not None for pattern in found) <= 1


def test_a_step_and_a_drift_are_no_season() -> None:
    assert pattern_of(stepped(300, 150, 20, seed=4)) is None
    assert pattern_of(noise(300, seed=5) + np.arange(300) / 5) is None
    assert pattern_of(np.full(300, 7.0)) is None
    assert pattern_of(np.arange(10.0)) is None


def test_the_autocorrelation_is_the_plain_one() -> None:
    values = noise(200, seed=6, phi=0.5)
    centred = values - values.mean()
    plain = [
        float((centred[k:] * centred[: 200 - k]).sum() / (centred**2).sum()) for k in (0, 1, 5)
    ]
    assert autocorrelation(values)[[0, 1, 5]] == pytest.approx(plain, abs=0.02)


def test_a_clock_that_jumped_far_leaves_the_rows_in_place() -> None:
    values = 100 + noise(80, seed=5)
    seconds = [*(1e-9 * row for row in range(79)), 1e10]
    series = NamedSeries(
        name="value", unit="", times=list(range(80)), values=values.tolist(), seconds=seconds
    )
    assert examine(series).change_points == ()
