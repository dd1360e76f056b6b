"""disk.saturated, errors.under_load: positives, and what looks like them."""

from __future__ import annotations

import dataclasses

import pytest
from support.views import APP, loaded, make_view, per_second, step
from support.watched_shop import shop

from perfwright.analyze.detectors import disk_saturated, errors_under_load
from perfwright.analyze.findings import find
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.frame import StepTally
from perfwright.model.stage import Stage

RATES = (10.0, 30.0, 60.0, 90.0, 120.0, 145.0, 180.0)
STAGES = loaded(RATES, capacity_per_s=150, unloaded_s=0.02)


def writing(*, await_grows: bool = True) -> View:
    """A disk that 150/s keep busy: 6.6 ms a request."""

    def wait_s(one: Stage) -> float:
        return 0.002 + (0.03 * one.throughput_per_s / 150 if await_grows else 0.0)

    return make_view(
        STAGES,
        shop(STAGES, app_s=0.002, without=[metrics.DISK_UTILIZATION]),
        per_second(
            STAGES,
            metrics.DISK_UTILIZATION,
            "host",
            lambda one: min(one.throughput_per_s / 152, 1.0),
            "sda",
            noise=0.005,
        ),
        per_second(STAGES, metrics.DISK_AWAIT, "host", wait_s, "sda"),
        per_second(
            STAGES, metrics.PROCESS_IO, APP, lambda one: one.throughput_per_s * 40_000, "write"
        ),
    )


def test_a_disk_that_is_always_busy_is_found_with_who_writes() -> None:
    (found,) = disk_saturated.detect(writing())
    assert found.subject == "disk sda"
    assert found.component == APP
    assert "40 kB a request" in found.recommendation or "39" in found.recommendation


def test_the_next_bound_after_the_disk_is_predicted() -> None:
    (found,) = disk_saturated.detect(writing())
    more = found.impact.throughput_per_s
    assert more and more.predicted == pytest.approx(500, rel=0.15)  # the service's one core


def test_a_drive_that_is_busy_but_not_slower_has_room() -> None:
    assert disk_saturated.detect(writing(await_grows=False)) == []


def test_a_disk_that_somebody_else_keeps_busy_is_not_ours() -> None:
    stages = loaded()
    busy = per_second(stages, metrics.DISK_UTILIZATION, "host", 0.95, "sdb", noise=0.01)
    assert find(make_view(stages, shop(stages), busy)) == ()


def failing(
    kind: str, *, status: str = "", low_ratio: float = 0.0, capacity_per_s: float = 150
) -> View:
    stages = tuple(
        dataclasses.replace(one, error_ratio=0.3 if one.offered > 150 else low_ratio)
        for one in loaded(RATES, capacity_per_s=capacity_per_s, unloaded_s=0.02)
    )

    def steps(one: Stage) -> dict[str, StepTally]:
        requests = round(one.throughput_per_s * one.duration_s)
        errors = round(one.error_ratio * requests)
        tally = step(one, "POST /orders", requests=requests, errors=errors)
        tally.error_kinds = {kind: errors} if errors else {}
        tally.statuses = {status: errors} if errors and status else {}
        return {"POST /orders": tally}

    return make_view(stages, shop(stages, app_s=0.002), steps=steps)


def test_errors_that_come_with_the_load_are_named_by_status_and_step() -> None:
    (found,) = errors_under_load.detect(failing("http_5xx", status="503"))
    assert found.subject == "HTTP 503 on POST /orders"
    assert "30%" in found.recommendation


def test_where_requests_fail_and_none_waits_the_errors_are_the_limit() -> None:
    (found,) = errors_under_load.detect(failing("http_5xx", status="503", capacity_per_s=900))
    assert found.impact.throughput_per_s is not None
    assert found.impact.throughput_per_s.gain > 1.5
    (slow,) = errors_under_load.detect(failing("http_5xx", status="503"))
    assert slow.impact.throughput_per_s is None


def test_errors_at_any_load_do_not_come_from_it() -> None:
    assert errors_under_load.detect(failing("http_5xx", status="500", low_ratio=0.25)) == []


def test_being_late_past_the_limit_of_the_hardware_is_no_finding() -> None:
    stages = tuple(
        dataclasses.replace(one, error_ratio=0.3 if one.offered > 400 else 0.0)
        for one in loaded(capacity_per_s=400)
    )

    def steps(one: Stage) -> dict[str, StepTally]:
        requests = round(one.throughput_per_s * one.duration_s)
        tally = step(one, "GET /", requests=requests, errors=round(one.error_ratio * requests))
        tally.error_kinds = {"timeout": tally.errors} if tally.errors else {}
        return {"GET /": tally}

    assert find(make_view(stages, shop(stages, app_s=0.0025), steps=steps)) == ()
