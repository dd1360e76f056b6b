"""db.n_plus_one and db.slow_query: positives, the healthy shop, and near misses."""

from __future__ import annotations

import pytest
from support.views import APP, DB, fingerprint, loaded, make_view, span, stacks, statement
from support.watched_shop import shop

from perfwright.analyze.detectors import db_n_plus_one, db_slow_query
from perfwright.analyze.driver_code import callers, driver_share
from perfwright.analyze.findings import find
from perfwright.analyze.stacks import select
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.watched import Reading, StackCount, StatementPlan, joined

# The service's one core is used up at 100/s: 10 ms a request, 7 of them for talking to the
# database, six statements in seven the same.
RATES = (5.0, 20.0, 40.0, 60.0, 80.0, 95.0, 120.0)
STAGES = loaded(RATES, capacity_per_s=100, unloaded_s=0.02)
ROW = "SELECT id, title, price FROM items WHERE id = $1"
TALKS = {
    "run (/srv/server.py:9);list (/srv/orders.py:60);fetch (psycopg/cursor.py:99)": 0.6,
    "run (/srv/server.py:9);page (/srv/catalogue.py:31);fetch (psycopg/cursor.py:99)": 0.1,
    "run (/srv/server.py:9);render (/srv/page.py:12)": 0.3,
}


def without_stacks(reading: Reading) -> Reading:
    return joined([Reading(**{
        name: getattr(reading, name) for name in ("samples", "statements", "components")
    })])  # fmt: skip


def repeated(*readings: Reading, calls: float = 24.0, rows: float = 1.0) -> View:
    return make_view(
        STAGES,
        without_stacks(shop(STAGES, app_s=0.01)),
        statement(STAGES, ROW, calls=calls, each_s=0.0002, rows=rows),
        *readings,
    )


def traces(times: int) -> Reading:
    spans = []
    for number in range(20):
        trace = f"{number:032x}"
        spans.append(span("GET /orders", trace=trace, span_id="r", duration_s=0.05, kind="server"))
        spans += [
            span(
                "SELECT items",
                trace=trace,
                span_id=f"s{call}",
                parent="r",
                start_s=0.001 * (call + 1),
                duration_s=0.0008,
                kind="client",
                statement=ROW,
                code="orders.py:61 list",
            )
            for call in range(times)
        ]
    return Reading(spans=tuple(spans))


def test_a_statement_called_far_oftener_than_requests_come_is_found() -> None:
    (found,) = db_n_plus_one.detect(repeated())
    assert found.component == APP
    assert "24 times for each request" in found.recommendation
    assert found.confidence == 0.85


def test_the_profile_names_the_line_that_sends_it() -> None:
    (found,) = db_n_plus_one.detect(repeated(stacks(TALKS)))
    assert "list (/srv/orders.py:60)" in found.recommendation


def test_traces_name_operation_and_line_and_make_it_sure() -> None:
    (found,) = db_n_plus_one.detect(repeated(traces(24)))
    assert found.confidence == 0.95
    assert found.subject == "orders.py:61 list"
    assert "GET /orders" in found.recommendation


def test_traces_alone_are_enough() -> None:
    view = make_view(STAGES, without_stacks(shop(STAGES, app_s=0.01)), traces(24))
    (found,) = db_n_plus_one.detect(view)
    assert found.subject == "orders.py:61 list"
    assert found.impact.response_ms_p95


def test_the_gain_is_the_cpu_of_talking_to_the_database() -> None:
    (found,) = db_n_plus_one.detect(repeated(stacks(TALKS)))
    more = found.impact.throughput_per_s
    assert more and more.now == pytest.approx(100)
    # 24 of 28 calls go but one in 24: about 57% of the service's CPU, so 100/s become 230/s.
    assert more.predicted == pytest.approx(230, rel=0.15)
    assert more.low < 230 < more.high


def test_it_stands_first() -> None:
    assert find(repeated(stacks(TALKS)))[0].kind == "db.n_plus_one"


def test_one_small_question_at_every_request_is_right() -> None:
    assert db_n_plus_one.detect(repeated(calls=1.2)) == []


def test_a_statement_that_returns_the_list_is_no_repetition() -> None:
    assert db_n_plus_one.detect(repeated(rows=20)) == []


def test_requests_that_ask_many_different_things_are_no_repetition() -> None:
    many = [statement(STAGES, f"SELECT * FROM t{n} WHERE id = $1", calls=4) for n in range(12)]
    assert db_n_plus_one.detect(repeated(*many, calls=4)) == []


def test_a_driver_s_part_is_told_by_its_frames() -> None:
    view = repeated(stacks(TALKS))
    assert driver_share(view, APP, 28) == pytest.approx(0.7, abs=0.01)
    knee = select(view.watched.stacks, subject=APP)
    assert callers(knee)[0] == ("list (/srv/orders.py:60)", pytest.approx(0.6))


def test_a_door_to_the_database_is_not_who_asks() -> None:
    through = {
        "list (/srv/orders.py:60);all (/srv/db.py:7);fetch (psycopg/cursor.py:9)": 0.6,
        "page (/srv/items.py:31);all (/srv/db.py:7);fetch (psycopg/cursor.py:9)": 0.4,
    }
    names = [name for name, _ in callers(stacks(through).stacks)]
    assert names == ["list (/srv/orders.py:60)", "page (/srv/items.py:31)"]


def test_an_event_loop_s_bookkeeping_divides_by_events() -> None:
    loop = {
        "run (/srv/server.py:9);select (selectors.py:9)": 0.2,
        "run (/srv/server.py:9);_run_once (asyncio/base_events.py:9)": 0.5,
        "run (/srv/server.py:9);list (/srv/orders.py:60);fetch (psycopg/cursor.py:99)": 0.5,
    }
    assert driver_share(repeated(stacks(loop)), APP, 1) == pytest.approx(0.75)  # the selector apart


def test_without_a_profile_the_part_is_not_known() -> None:
    assert driver_share(repeated(), APP, 10) is None


# One statement of 40 ms, two thirds of it CPU on the database: two cores carry 50/s.
SLOW_RATES = (2.0, 8.0, 16.0, 24.0, 32.0, 40.0, 60.0)
SLOW_STAGES = loaded(SLOW_RATES, capacity_per_s=50, unloaded_s=0.05, demand_s=0.02)
RANK = "SELECT id, rank() OVER (ORDER BY sold) FROM order_lines"


def slow(*readings: Reading, **statement_like: float) -> View:
    like = {"each_s": 0.04, "temp_blocks": 700.0, "blocks_hit": 900.0, **statement_like}
    return make_view(
        SLOW_STAGES,
        shop(SLOW_STAGES, app_s=0.002, db_s=0.04, cores=2, without=[metrics.DB_WAITS]),
        statement(SLOW_STAGES, RANK, **like),
        *readings,
    )


def test_a_statement_that_spills_to_disk_is_found_with_its_reason() -> None:
    (found,) = db_slow_query.detect(slow())
    assert found.component == DB
    assert "spills 700 pages" in found.recommendation
    assert found.confidence == 0.9


def test_it_is_worth_the_database_s_cpu() -> None:
    (found,) = db_slow_query.detect(slow())
    more = found.impact.throughput_per_s
    assert more and more.gain > 4


def test_a_result_without_bound_is_told() -> None:
    (found,) = db_slow_query.detect(slow(temp_blocks=0.0, rows=5_000.0))
    assert "returns 5,000 rows" in found.recommendation
    assert "LIMIT" in found.recommendation


def test_a_slow_statement_whose_index_is_missing_is_folded_under_that() -> None:
    plan = StatementPlan(
        subject=DB,
        fingerprint=fingerprint(RANK),
        plan="Seq Scan",
        relation="order_lines",
        filter="sold > 3",
        rows_scanned=90_000,
        index="CREATE INDEX ON order_lines (sold)",
        cost_now=4_000,
        cost_then=60,
    )
    (found,) = find(slow(Reading(plans=(plan,))))
    assert found.kind == "db.missing_index"
    assert [one.kind for one in found.folded] == ["db.slow_query"]


def test_the_top_statement_of_a_healthy_database_is_no_finding() -> None:
    stages = loaded()
    view = make_view(stages, shop(stages), statement(stages, RANK, each_s=0.0011))
    assert db_slow_query.detect(view) == []


def test_a_statement_that_only_waits_under_stress_is_not_slow() -> None:
    stages = loaded(RATES, capacity_per_s=100)
    waits = statement(
        stages,
        "UPDATE counters SET n = n + $1",
        each_s=lambda one: 0.3 if one == stages[-1] else 0.0005,
    )
    assert db_slow_query.detect(make_view(stages, shop(stages, app_s=0.002), waits)) == []


def test_a_rare_report_beside_quick_requests_is_no_finding() -> None:
    stages = loaded()
    rare = statement(stages, RANK, calls=0.005, each_s=0.05, temp_blocks=100)
    assert db_slow_query.detect(make_view(stages, shop(stages), rare)) == []


def test_stacks_of_the_knee_come_before_those_of_the_whole_run() -> None:
    knee = stacks({"a (/srv/a.py:1);q (psycopg/c.py:1)": 1.0})
    run = stacks({"b (/srv/b.py:1);q (psycopg/c.py:1)": 1.0}, moment="run")
    found: tuple[StackCount, ...] = joined([run, knee]).stacks
    view = repeated(Reading(stacks=found))
    assert driver_share(view, APP, 1) == 1
