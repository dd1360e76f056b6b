"""Arrivals: rates, the peak, the week, and burstiness."""

from __future__ import annotations

import numpy as np
import pytest

from perfwright.analyze.workload.arrivals import arrivals_of, bin_length_s
from perfwright.model.traffic import Bins
from perfwright.model.workload import Arrivals

MONDAY_S = 1_790_553_600.0  # 2026-09-28 00:00 UTC
HOURS = 3600.0


def arrived(sessions: np.ndarray, bin_s: float, begin_s: float = MONDAY_S) -> Arrivals:
    begin_s_of = begin_s + bin_s * np.arange(sessions.size)
    return arrivals_of(
        Bins(begin_s=begin_s_of, requests=sessions * 3, sessions=sessions),
        bin_s,
        int(begin_s * 1e6),
        int((begin_s + bin_s * sessions.size) * 1e6),
    )


def test_independent_visitors_have_an_index_of_one_by_day_and_by_night():
    rng = np.random.default_rng(1)
    minutes = np.arange(3 * 24 * 60)
    rate = 30 + 25 * np.sin(2 * np.pi * minutes / 1440)
    found = arrived(rng.poisson(rate), 60.0)
    assert found.dispersion == pytest.approx(1.0, abs=0.1)


def test_bursts_and_clocks_have_other_indices():
    rng = np.random.default_rng(2)
    assert arrived(rng.poisson(3, 3000) * 10, 60.0).dispersion > 5
    assert arrived(np.full(3000, 30), 60.0).dispersion < 0.01


def test_the_peak_is_the_busiest_hour():
    sessions = np.full(48 * 60, 6)
    sessions[20 * 60 : 21 * 60] = 60
    found = arrived(sessions, 60.0)
    assert found.peak_begin_s == MONDAY_S + 20 * HOURS
    assert found.peak_sessions_per_s == pytest.approx(1.0)
    assert found.peak_requests_per_s == pytest.approx(3.0)
    assert found.peak_percentile == pytest.approx(48 / 49)
    assert found.by_hour[20] == pytest.approx(1.0)
    assert found.by_hour[2] == pytest.approx(0.1)
    assert found.by_hour[100] is None


def test_a_short_log_has_a_shorter_peak():
    assert arrived(np.full(1800, 2), 1.0).peak_window_s == 300.0
    assert arrived(np.full(60, 2), 1.0).peak_window_s == 60.0


def test_one_line_is_enough():
    found = arrivals_of(
        Bins(begin_s=np.array([MONDAY_S]), requests=np.array([1]), sessions=np.array([1])),
        1.0,
        int(MONDAY_S * 1e6),
        int(MONDAY_S * 1e6),
    )
    assert found.sessions_per_s == 1.0
    assert found.dispersion == 1.0


def test_the_series_is_bounded_and_loses_nothing():
    found = arrived(np.ones(20_000, dtype=int), 1.0)
    assert len(found.series) <= 500
    assert sum(count for _, count, _ in found.series) == 20_000


@pytest.mark.parametrize(
    ("length_s", "bin_s"),
    [(0, 1.0), (3600, 1.0), (86_400, 5.0), (86_400 * 30, 300.0), (2e9, 604_800.0)],
)
def test_bins_fit_the_log(length_s, bin_s):
    assert bin_length_s(0, int(length_s * 1e6)) == bin_s


def test_of_a_short_log_the_busiest_time_is_all_of_it():
    begin_s, end_s = MONDAY_S + 0.9, MONDAY_S + 101.1
    ones = np.ones(102, dtype=np.int64)
    bins = Bins(begin_s=MONDAY_S + np.arange(102.0), requests=ones, sessions=ones)
    found = arrivals_of(bins, 1.0, round(begin_s * 1e6), round(end_s * 1e6))
    assert found.peak_requests_per_s == found.requests_per_s
    assert found.peak_sessions_per_s == found.sessions_per_s


def test_fractions_of_sessions_are_drawn_as_the_whole_ones_that_they_add_up_to():
    found = arrived(np.full(400, 0.75), 60.0)
    assert sum(sessions for _, sessions, _ in found.series) == pytest.approx(300, abs=1)
