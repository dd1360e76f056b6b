"""Detectors of what a database does: positives, the healthy shop, and near misses."""

from __future__ import annotations

import pytest
from support.views import DB, fingerprint, loaded, make_view, per_second, statement
from support.watched_shop import shop

from perfwright.analyze.detectors import db_lock_contention, db_missing_index
from perfwright.analyze.findings import find
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.watched import Occurrence, Reading, StatementPlan

# The database's two of four cores are used up at 100/s: 20 ms of CPU a request, 18 of them a scan.
RATES = (5.0, 20.0, 40.0, 60.0, 80.0, 95.0, 120.0)
SCAN = "SELECT id FROM order_lines WHERE item_id = $1"
DDL = "CREATE INDEX ON order_lines (item_id)"


def scanned(*readings: Reading) -> View:
    stages = loaded(RATES, capacity_per_s=100, unloaded_s=0.03, demand_s=0.02)
    return make_view(
        stages,
        shop(stages, app_s=0.002, db_s=0.02, cores=2),
        statement(stages, SCAN, each_s=0.018, rows=20, blocks_hit=900),
        *readings,
    )


def plan(cost_now: float | None = 9_000.0, cost_then: float | None = 40.0) -> Reading:
    return Reading(
        plans=(
            StatementPlan(
                subject=DB,
                fingerprint=fingerprint(SCAN),
                plan="Seq Scan on order_lines  (cost=0.00..9000.00)",
                relation="order_lines",
                filter="item_id = $1",
                rows_scanned=120_000,
                index=DDL,
                cost_now=cost_now,
                cost_then=cost_then,
            ),
        )
    )


def test_an_index_that_the_planner_would_use_is_found_with_its_ddl() -> None:
    (found,) = db_missing_index.detect(scanned(plan()))
    assert found.subject == "order_lines (item_id)"
    assert found.component == DB
    assert found.recommendation.startswith(DDL)
    assert "9,000 to 40" in found.recommendation


def test_the_index_is_worth_the_cpu_that_the_scan_takes() -> None:
    (found,) = db_missing_index.detect(scanned(plan()))
    more = found.impact.throughput_per_s
    assert more and more.now == pytest.approx(100)
    # 2 ms of the scan's 18 stay at most; then the service's core (2 ms) bounds at 500/s, the
    # host's two (about 0.3 + 2 + 3 ms) at 380/s.
    assert 250 < more.predicted < 520
    assert more.low < more.predicted < more.high


def test_it_stands_alone_at_the_first_place() -> None:
    assert [one.kind for one in find(scanned(plan()))] == ["db.missing_index"]


def test_a_plan_without_hypothetical_index_is_less_sure() -> None:
    (checked,) = db_missing_index.detect(scanned(plan()))
    (unchecked,) = db_missing_index.detect(scanned(plan(None, None)))
    assert unchecked.confidence < checked.confidence


def test_an_index_that_the_planner_would_not_gain_from_is_no_finding() -> None:
    assert db_missing_index.detect(scanned(plan(9_000, 8_500))) == []


def test_without_plans_the_table_s_scans_tell() -> None:
    stages = loaded(RATES, capacity_per_s=100, unloaded_s=0.03, demand_s=0.02)
    scans = [
        per_second(
            stages, metrics.DB_SEQ_SCANS, DB, lambda one: one.throughput_per_s, "order_lines"
        ),
        per_second(
            stages,
            metrics.DB_SEQ_ROWS,
            DB,
            lambda one: one.throughput_per_s * 120_000,
            "order_lines",
        ),
    ]
    (found,) = db_missing_index.detect(scanned(*scans))
    assert found.subject == "order_lines"
    assert 0.5 <= found.confidence < 0.8


def test_a_small_table_that_is_scanned_is_no_finding() -> None:
    stages = loaded()
    small = [
        per_second(stages, metrics.DB_SEQ_SCANS, DB, lambda one: one.throughput_per_s, "items"),
        per_second(stages, metrics.DB_SEQ_ROWS, DB, lambda one: 40 * one.throughput_per_s, "items"),
    ]
    assert find(make_view(stages, shop(stages), *small)) == ()


# A hot row: held 10 ms by each transaction, so 100/s, with every processor idle.
def locked(*, waiting: float = 30.0, low_waiting: float = 0.0) -> View:
    stages = loaded(RATES, capacity_per_s=100, unloaded_s=0.02, demand_s=0.01)

    def waits(one: object) -> float:
        return waiting if one == stages[-1] else low_waiting

    hot = statement(
        stages,
        "UPDATE counters SET n = n + $1 WHERE id = $2",
        each_s=lambda one: 0.3 if one == stages[-1] else 0.001,
    )
    return make_view(
        stages,
        shop(stages, app_s=0.002, without=[metrics.DB_BLOCKED]),
        hot,
        per_second(stages, metrics.DB_WAITS, DB, waits, "Lock:transactionid"),
        per_second(stages, metrics.DB_BLOCKED, DB, waits),
        Reading(
            occurrences=(
                Occurrence(
                    second=50, subject=DB, kind="blocked", message="UPDATE counters waits for 4711"
                ),
            )
        ),
    )


def test_sessions_that_queue_for_a_row_are_found_with_their_statement() -> None:
    (found,) = db_lock_contention.detect(locked())
    assert found.subject.startswith("UPDATE counters")
    assert any("4711" in one.value for one in found.evidence)
    more = found.impact.throughput_per_s
    assert more and more.predicted == pytest.approx(450, rel=0.2)


def test_a_pool_that_waits_for_row_locks_is_folded_under_them() -> None:
    stages = loaded(RATES, capacity_per_s=100, unloaded_s=0.08, demand_s=0.01)
    active = per_second(
        stages, metrics.DB_SESSIONS, DB, lambda one: one.throughput_per_s / 13, "active"
    )
    view = make_view(
        stages,
        shop(stages, app_s=0.002, without=[metrics.DB_SESSIONS], pool=8),
        per_second(stages, metrics.DB_SESSIONS, DB, 8, noise=0),
        active,
        per_second(
            stages,
            metrics.DB_WAITS,
            DB,
            lambda one: 6.0 if one == stages[-1] else 0.05,
            "Lock:tuple",
        ),
    )
    (found,) = find(view)
    assert found.kind == "db.lock_contention"
    assert [one.kind for one in found.folded] == ["pool.exhausted"]


def test_a_lock_now_and_then_is_no_finding() -> None:
    assert db_lock_contention.detect(locked(waiting=0.2)) == []


def test_a_lock_that_is_there_at_any_load_is_no_contention() -> None:
    assert db_lock_contention.detect(locked(waiting=3, low_waiting=2.5)) == []


def test_other_waits_are_no_lock() -> None:
    stages = loaded()
    reading = per_second(
        stages, metrics.DB_WAITS, DB, lambda one: one.throughput_per_s / 20, "IO:DataFileRead"
    )
    assert db_lock_contention.detect(make_view(stages, shop(stages), reading)) == []
