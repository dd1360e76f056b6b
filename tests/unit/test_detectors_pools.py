"""pool.exhausted and db.connection_limit: positives, and what looks like them."""

from __future__ import annotations

import dataclasses

import pytest
from support.views import APP, DB, Value, loaded, make_view, per_second
from support.watched_shop import DB_PROCESS, shop

from perfwright.analyze.detectors import db_connection_limit, pool_exhausted
from perfwright.analyze.findings import find
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.stage import Stage
from perfwright.model.watched import Reading, joined

RATES = (10.0, 40.0, 80.0, 120.0, 160.0, 195.0, 230.0)
STAGES = loaded(RATES, capacity_per_s=200, unloaded_s=0.05)
CHANGED = (metrics.DB_SESSIONS, metrics.CONNECTIONS_TO)


def sessions(active: Value, size: float = 10) -> Reading:
    return joined(
        [
            shop(STAGES, app_s=0.002, without=CHANGED),
            per_second(STAGES, metrics.CONNECTIONS_TO, APP, size, DB_PROCESS, noise=0),
            per_second(STAGES, metrics.DB_SESSIONS, DB, size, noise=0),
            per_second(STAGES, metrics.DB_SESSIONS, DB, active, "active"),
        ]
    )


def busy(stage: Stage) -> float:
    """Ten connections, each held 45 ms a request."""
    return min(stage.throughput_per_s * 0.045, 9.8)


def test_ten_busy_connections_with_a_queue_are_exhausted() -> None:
    (found,) = pool_exhausted.detect(make_view(STAGES, sessions(busy)))
    assert found.subject == "10 connections to postgresql port:5432"
    assert found.component == APP
    assert found.confidence > 0.8
    assert "All 10 connections are busy" in found.recommendation


def test_little_s_law_names_the_size_for_the_next_bound() -> None:
    (found,) = pool_exhausted.detect(make_view(STAGES, sessions(busy)))
    more = found.impact.throughput_per_s
    assert more and more.now == 200
    assert more.predicted == pytest.approx(1 / 0.002, rel=0.15)  # the service's one core
    assert "Raise the pool's size to 2" in found.recommendation  # 450/s · 50 ms · 1.25 = 28


def test_it_is_the_only_finding() -> None:
    assert [one.kind for one in find(make_view(STAGES, sessions(busy)))] == ["pool.exhausted"]


def test_idle_sessions_are_held_where_calls_elsewhere_stop_at_the_same_number() -> None:
    view = make_view(
        STAGES,
        sessions(0.5),
        per_second(STAGES, metrics.CONNECTIONS_TO, APP, 10.0, "port:9000", noise=0),
    )
    (found,) = pool_exhausted.detect(view)
    assert found.confidence == pytest.approx(0.8)
    assert found.subject.endswith(DB_PROCESS)


def test_a_pool_with_gauges_of_its_own_is_surest() -> None:
    gauges = [
        per_second(STAGES, "hikaricp_connections_active", "http://app/metrics", busy),
        per_second(STAGES, "hikaricp_connections_max", "http://app/metrics", 10, noise=0),
        per_second(
            STAGES,
            "hikaricp_connections_pending",
            "http://app/metrics",
            lambda stage: max(0.0, stage.in_flight - 10),
        ),
    ]
    (found,) = pool_exhausted.detect(make_view(STAGES, shop(STAGES, app_s=0.002), *gauges))
    assert found.confidence == 0.95
    assert found.subject.startswith("10 connections")


def test_a_pool_that_stands_ready_before_a_busy_cpu_is_not_exhausted() -> None:
    stages = loaded(capacity_per_s=400)
    assert pool_exhausted.detect(make_view(stages, shop(stages, app_s=0.0025, pool=10))) == []


def test_a_pool_that_stands_ready_behind_a_lock_is_not_exhausted() -> None:
    """A lock of 5 ms lets 200/s through; ten connections are merely there."""
    stages = loaded(RATES, capacity_per_s=200, unloaded_s=0.008)
    assert pool_exhausted.detect(make_view(stages, shop(stages, app_s=0.002, pool=10))) == []


def test_a_pool_that_still_grows_is_not_exhausted() -> None:
    growing = joined(
        [
            shop(STAGES, app_s=0.002, without=CHANGED),
            per_second(
                STAGES, metrics.CONNECTIONS_TO, APP, lambda stage: stage.in_flight, DB_PROCESS
            ),
        ]
    )
    assert pool_exhausted.detect(make_view(STAGES, growing)) == []


def full(limit: float = 30, *, sessions_at: Value | None = None, errors: float = 0.2) -> View:
    stages = tuple(
        dataclasses.replace(one, error_ratio=errors if one.offered > 200 else 0.0) for one in STAGES
    )
    held: Value = sessions_at or (lambda stage: min(stage.in_flight + 2, limit - 3))
    return make_view(
        stages,
        shop(stages, app_s=0.002, without=(*CHANGED, metrics.DB_SESSIONS_LIMIT)),
        per_second(stages, metrics.DB_SESSIONS, DB, held, noise=0),
        per_second(stages, metrics.DB_SESSIONS, DB, 4, "active"),
        per_second(stages, metrics.DB_SESSIONS_LIMIT, DB, limit, noise=0),
    )


def test_a_database_full_of_sessions_that_fails_requests_is_named() -> None:
    (found,) = db_connection_limit.detect(full())
    assert found.subject == f"30 connections of {DB}"
    assert found.confidence == 0.95
    assert "PgBouncer" in found.recommendation


def test_the_errors_that_it_causes_are_folded_under_it() -> None:
    (found,) = find(full())
    assert found.kind == "db.connection_limit"
    assert [one.kind for one in found.folded] == ["errors.under_load"]


def test_sessions_below_the_limit_are_no_finding() -> None:
    assert db_connection_limit.detect(full(sessions_at=12)) == []


def test_a_full_database_that_serves_everyone_is_no_finding() -> None:
    stages = loaded(RATES[:-2], capacity_per_s=200, unloaded_s=0.05)
    view = make_view(
        stages,
        shop(stages, app_s=0.002, without=(*CHANGED, metrics.DB_SESSIONS_LIMIT)),
        per_second(stages, metrics.DB_SESSIONS, DB, 30, noise=0),
        per_second(stages, metrics.DB_SESSIONS_LIMIT, DB, 30, noise=0),
    )
    assert db_connection_limit.detect(view) == []
