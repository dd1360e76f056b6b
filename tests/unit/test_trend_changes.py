"""What a person is told of: steps, drifts, scatter, excursions, and what went away; no more."""

from __future__ import annotations

import numpy as np
import pytest
from support.series import indices, noise, stepped, trend_of

from perfwright.model.trend import ChangeKind, Method


@pytest.mark.parametrize("phi", [0.0, 0.5])
def test_a_step_has_its_place_its_size_and_both_methods(phi: float) -> None:
    (change,) = trend_of(stepped(120, 70, 8.0, seed=1, phi=phi)).change_points
    assert change.index == 70
    assert change.kind is ChangeKind.LEVEL
    assert change.methods == (Method.E_DIVISIVE, Method.PELT)
    assert change.ci[0] < 8.0 < change.ci[1]
    assert change.change == pytest.approx(change.after / change.before - 1)
    assert change.location[0] <= 70 <= change.location[1]
    assert 0 < change.p <= 0.01


def test_a_step_is_told_from_a_few_rows_after_it() -> None:
    assert indices(trend_of(stepped(46, 40, 6.0, seed=2))) == [40]


def test_a_spike_is_an_anomaly_and_no_change() -> None:
    values = 100 + noise(120, seed=3)
    values[60] += 40
    values[90:92] -= 25
    trend = trend_of(values)
    assert trend.change_points == ()
    assert [(a.start_index, a.end_index) for a in trend.anomalies] == [(60, 60), (90, 91)]


def test_an_excursion_of_a_few_rows_is_one_anomaly() -> None:
    values = 100 + noise(400, seed=4)
    values[200:209] += 8
    trend = trend_of(values)
    assert trend.change_points == ()
    (anomaly,) = trend.anomalies
    assert abs(anomaly.start_index - 200) <= 1
    assert abs(anomaly.end_index - 208) <= 1


def test_a_change_that_is_taken_back_later_says_so() -> None:
    values = stepped(160, 60, 8.0, seed=5)
    values[110:] -= 8
    gone = trend_of(values).change_points
    assert [change.index for change in gone] == [60, 110]
    assert all(change.went_away for change in gone)
    stays = trend_of(stepped(160, 60, 8.0, seed=5)).change_points
    assert not any(change.went_away for change in stays)


def test_a_drift_is_one_change_from_its_beginning() -> None:
    values = 100 + noise(300, seed=6) + 12 * np.clip((np.arange(300) - 100) / 120, 0, 1)
    (change,) = trend_of(values).change_points
    assert change.kind is ChangeKind.DRIFT
    assert abs(change.index - 100) <= 20
    assert change.until is not None
    assert abs(change.until - 220) <= 25
    assert change.magnitude == pytest.approx(12, abs=2)


def test_clear_changes_of_several_kinds_are_told_in_a_short_history() -> None:
    values = 20 + 0.5 * noise(70, seed=5) + 8 * np.clip((np.arange(70) - 45) / 15, 0, 1)
    values[20:35] += 6
    values[10] += 9
    trend = trend_of(values)
    assert [change.kind.value for change in trend.change_points] == ["level", "level", "drift"]
    assert indices(trend)[:2] == [20, 35]
    assert [change.went_away for change in trend.change_points] == [True, True, False]
    assert [anomaly.start_index for anomaly in trend.anomalies] == [10]


def test_a_bent_climb_is_one_drift_and_no_staircase() -> None:
    values = 100 + noise(300, seed=5) + np.linspace(0, 5, 300) ** 2
    (change,) = trend_of(values).change_points
    assert change.kind is ChangeKind.DRIFT
    assert change.magnitude == pytest.approx(25, abs=4)


def test_rounded_values_do_not_flood() -> None:
    values = np.round(5 + noise(300, seed=3) * 0.6)
    values[150:] += 1
    trend = trend_of(values)
    assert [abs(index - 150) <= 4 for index in indices(trend)] == [True]
    assert len(trend.anomalies) <= 1


def test_two_steps_up_are_no_drift() -> None:
    values = stepped(200, 60, 6.0, seed=7)
    values[130:] += 6
    trend = trend_of(values)
    assert indices(trend) == [60, 130]
    assert {change.kind for change in trend.change_points} == {ChangeKind.LEVEL}


def test_more_scatter_is_a_change_of_spread() -> None:
    values = noise(300, seed=8)
    values[150:] *= 4
    (change,) = trend_of(100 + values).change_points
    assert change.kind is ChangeKind.SPREAD
    assert abs(change.index - 150) <= 10
    assert change.after / change.before == pytest.approx(4, rel=0.4)


def test_a_step_inside_noisy_rows_does_not_hide_behind_them() -> None:
    values = noise(300, seed=9)
    values[150:] *= 4
    values[60:] += 5
    assert any(abs(index - 60) <= 1 for index in indices(trend_of(100 + values)))


@pytest.mark.parametrize("phi", [0.0, 0.4, 0.8])
def test_noise_hardly_ever_has_a_change(phi: float) -> None:
    """White noise 2% at most; autocorrelated noise, whose φ is only known from itself, 8%."""
    alarms = sum(bool(indices(trend_of(100 + noise(80, seed=s, phi=phi)))) for s in range(50))
    assert alarms <= (1 if phi == 0 else 4)


def test_a_season_is_neither_change_nor_anomaly() -> None:
    hours = np.arange(24 * 14)
    values = 100 + 10 * np.sin(2 * np.pi * hours / 24) + noise(hours.size, seed=10)
    values[200:] += 8
    values[100] += 15
    trend = trend_of(values, seconds=[hour * 3600.0 for hour in hours])
    assert trend.season is not None
    assert trend.season.period == 24
    assert indices(trend) == [200]
    assert [a.start_index for a in trend.anomalies] == [100]


def test_gaps_in_time_do_not_shift_the_season() -> None:
    hours = np.array([hour for hour in range(24 * 14) if not 100 <= hour < 111])
    values = 100 + 10 * np.sin(2 * np.pi * hours / 24) + noise(hours.size, seed=11)
    trend = trend_of(values, seconds=[hour * 3600.0 for hour in hours])
    assert trend.season is not None
    assert (trend.change_points, trend.anomalies) == ((), ())


def test_missing_values_keep_their_row_numbers() -> None:
    values = stepped(100, 60, 8.0, seed=12)
    values[[3, 20, 21, 59]] = np.nan
    trend = trend_of(values)
    assert indices(trend) == [60]
    assert trend.points[20].value is None
    assert trend.as_json()["values"] == 96


@pytest.mark.parametrize("values", [[], [1.0], [1.0] * 7, [float("nan")] * 50])
def test_too_few_values_are_said_to_be_too_few(values: list[float]) -> None:
    trend = trend_of(values)
    assert (trend.change_points, trend.anomalies) == ((), ())
    assert "of the 8 values that it takes" in trend.notes[-1]


@pytest.mark.parametrize(
    "values",
    [[5.0] * 50, [0.0] * 25 + [1.0] * 25, [1e90] * 20 + [-1e90] * 20, list(map(float, range(60)))],
    ids=["constant", "pure step", "huge", "line"],
)
def test_series_without_noise_neither_fail_nor_flood(values: list[float]) -> None:
    trend = trend_of(values)
    assert len(trend.change_points) <= 1
    assert trend.anomalies == ()


def test_a_pure_step_is_found() -> None:
    (change,) = trend_of([0.0] * 25 + [1.0] * 25).change_points
    assert (change.index, change.magnitude, change.change) == (25, 1.0, None)


def test_long_series_are_quick_and_exact() -> None:
    values = stepped(20_000, 12_345, 3.0, seed=13)
    values[5000] += 30
    trend = trend_of(values)
    assert len(trend.change_points) == 1
    assert abs(trend.change_points[0].index - 12_345) <= 2
    assert any(anomaly.start_index == 5000 for anomaly in trend.anomalies)


def test_the_same_series_has_the_same_trend() -> None:
    values = stepped(90, 40, 3.0, seed=14)
    assert trend_of(values) == trend_of(values)
