"""latency.periodic_stall: regular stalls are found and named; chance seldom makes one."""

from __future__ import annotations

import numpy as np
import pytest
from support.views import APP, SECONDS, loaded, make_view, per_second
from support.watched_shop import shop

from perfwright.analyze.detectors import latency_periodic_stall
from perfwright.analyze.load_series import LOAD
from perfwright.analyze.periods import contrast, period_of
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.watched import Reading, Sample

STAGES = loaded((20.0, 50.0, 100.0, 200.0, 300.0, 380.0))
CALM_P95_S = 0.002


def series(metric: str, subject: str, values: list[float], label: str = "") -> Reading:
    return Reading(
        samples=tuple(
            Sample(second=second, metric=metric, subject=subject, label=label, value=value)
            for second, value in enumerate(values)
        )
    )


def stalled(every_s: int = 10, *, bursts: bool = False) -> View:
    seconds = len(STAGES) * SECONDS
    at = [second % every_s == 3 for second in range(seconds)]
    return make_view(
        STAGES,
        shop(STAGES, without=[metrics.DISK_UTILIZATION]),
        series(metrics.LOAD_RESPONSE, LOAD, [0.8 if now else 0.03 for now in at], "max"),
        series(metrics.LOAD_RESPONSE, LOAD, [0.4 if now else CALM_P95_S for now in at], "p95"),
        series(metrics.LOAD_THROUGHPUT, LOAD, [300 if now and bursts else 100 for now in at]),
        series(metrics.PROCESS_IO, APP, [9e6 if now else 1e4 for now in at], "write"),
    )


def test_a_stall_every_ten_seconds_is_found_with_what_rises_then() -> None:
    (found,) = latency_periodic_stall.detect(stalled())
    assert found.subject.startswith("every 10 s, for 800 ms")
    assert "port:8000 process.disk.io write" in found.subject
    assert found.component == APP


def test_what_remains_is_the_p95_of_the_seconds_without_a_stall() -> None:
    (found,) = latency_periodic_stall.detect(stalled())
    assert found.impact.response_ms_p95
    assert found.impact.response_ms_p95.predicted == pytest.approx(CALM_P95_S * 1e3)


def test_peaks_that_a_bursty_load_makes_itself_are_no_stall() -> None:
    assert latency_periodic_stall.detect(stalled(bursts=True)) == []


def test_stalls_at_odd_times_are_not_periodic() -> None:
    values = [0.03] * (len(STAGES) * SECONDS)
    for second in (4, 9, 26, 33, 44):
        values[second] = 0.8
    view = make_view(STAGES, shop(STAGES), series(metrics.LOAD_RESPONSE, LOAD, values, "max"))
    assert latency_periodic_stall.detect(view) == []


def test_a_smooth_run_has_no_stall() -> None:
    smooth = per_second(
        STAGES, metrics.LOAD_RESPONSE, LOAD, lambda one: one.response_p99_s, "max", noise=0.3
    )
    assert latency_periodic_stall.detect(make_view(STAGES, shop(STAGES), smooth)) == []


@pytest.mark.parametrize("every_s", [4, 7, 15])
def test_the_period_is_recovered(every_s: int) -> None:
    seconds = np.arange(75.0)
    values = np.where(seconds % every_s == 1, 5.0, 0.1)
    found = period_of(seconds, values)
    assert found and found.every_s == every_s


def test_a_stall_that_lasts_some_seconds_is_one_event() -> None:
    seconds = np.arange(80.0)
    found = period_of(seconds, np.where(seconds % 20 < 3, 5.0, 0.1))
    assert found and found.lasts_s == pytest.approx(3, abs=0.5)


def test_heavy_tailed_noise_seldom_looks_periodic() -> None:
    random = np.random.default_rng(11)
    seconds = np.arange(90.0)
    alarms = sum(
        period_of(seconds, random.lognormal(0, 0.5, 90), least=0.05) is not None for _ in range(400)
    )
    assert alarms / 400 <= 0.05


def test_contrast_tells_what_rises_with_the_events() -> None:
    seconds = np.arange(40.0)
    events = (10.0, 20.0, 30.0)
    assert contrast(seconds, np.where(seconds % 10 == 0, 8.0, 1.0), events) > 2
    assert contrast(seconds, np.ones(40), events) == pytest.approx(1)
