"""The second-by-second records that charts draw."""

from __future__ import annotations

import pytest
from support.runs import RAMP_S, SLOW_SECOND, demo_frames
from support.tallies import second

from perfwright.analyze.series import point_of, series_of
from perfwright.model.histogram import Histogram

FRAMES = demo_frames(seconds=30)


def test_there_is_one_point_a_second() -> None:
    points = series_of(FRAMES).points
    assert [point.second for point in points] == list(range(30))
    assert [point.judged for point in points] == [n >= RAMP_S for n in range(30)]


def test_points_add_up_to_the_run() -> None:
    points = series_of(FRAMES).points
    assert sum(point.requests for point in points) == sum(f.total.requests() for f in FRAMES)
    assert sum(point.errors for point in points) == sum(f.total.errors() for f in FRAMES)


def test_errors_are_told_by_kind() -> None:
    assert series_of(FRAMES).points[SLOW_SECOND].error_kinds["timeout"] == 12


def test_a_step_can_be_drawn_alone_with_the_gauges_of_the_run() -> None:
    point = point_of(FRAMES[12], step="order")
    assert point.requests == FRAMES[12].total.steps["order"].requests
    assert point.users_active == FRAMES[12].total.users_active


def test_a_second_in_which_nothing_completed_has_no_times() -> None:
    point = point_of(second(0))
    assert point.requests == 0
    assert set(point.response_ms.values()) == {None}
    assert point.phases_ms == {}


def test_phases_are_spread_over_all_requests() -> None:
    frame = second(0, [10.0] * 4)
    frame.total.steps["GET /"].measures["connect"] = Histogram.of([2_000_000])
    assert point_of(frame).phases_ms == {"connect": pytest.approx(0.5)}
