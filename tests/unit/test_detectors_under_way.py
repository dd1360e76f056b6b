"""Databases that count nothing: what the service has under way tells index, loop and slow query."""

from __future__ import annotations

import pytest
from support.views import APP, fingerprint, loaded, make_view, stacks
from support.watched_shop import shop

from perfwright.analyze.detectors import db_missing_index, db_n_plus_one, db_slow_query
from perfwright.analyze.under_way import under_way
from perfwright.analyze.view import View
from perfwright.model.finding import Finding
from perfwright.model.watched import Reading, StatementPlan

# One process uses up its core at 100/s; four fifths of the looks find one statement under way.
STAGES = loaded((5.0, 20.0, 40.0, 60.0, 80.0, 95.0, 120.0), capacity_per_s=100, unloaded_s=0.012)
SCAN = "SELECT count(*) FROM order_lines WHERE item_id = ?"
ROW = "SELECT title FROM items WHERE id = ?"
RANK = "SELECT id FROM items ORDER BY rank"


def looked(text: str, part: float, plan: StatementPlan | None, *, loop: bool = False) -> View:
    leaf = f"{text} (sql/{fingerprint(text)}{'/loop' if loop else ''})"
    asked = f"main (./serve.py:3);history (./orders.py:60);all (./db.py:12);{leaf}"
    reading = shop(STAGES, app_s=0.01)
    return make_view(
        STAGES,
        Reading(samples=reading.samples, components=reading.components),
        stacks({asked: part}, mode="sql"),
        Reading(plans=(plan,) if plan else ()),
    )


def planned(text: str, plan: str, *, rows: float = 0.0, index: str = "") -> StatementPlan:
    return StatementPlan(
        subject="sqlite:shop.sqlite",
        fingerprint=fingerprint(text),
        plan=plan,
        relation="order_lines" if rows else "",
        filter="item_id = ?" if rows else "",
        rows_scanned=rows,
        index=index,
        cost_now=rows or None,
        cost_then=40.0 if index else None,
    )


def scanned() -> View:
    plan = planned(SCAN, "SCAN order_lines", rows=97_000, index="CREATE INDEX ON order_lines (x)")
    return looked(SCAN, 0.8, plan)


def all_of(view: View) -> list[Finding]:
    return [
        *db_missing_index.detect(view),
        *db_n_plus_one.detect(view),
        *db_slow_query.detect(view),
    ]


def test_who_asks_is_the_line_before_the_door_to_the_database() -> None:
    (one,) = under_way(scanned())
    assert one.asker == "history (orders.py:60)"
    assert one.text == SCAN
    assert one.load == pytest.approx(0.8)


def test_a_scan_that_an_index_would_save_is_found_with_its_ddl_and_line() -> None:
    (found,) = db_missing_index.detect(scanned())
    assert found.recommendation.startswith("CREATE INDEX ON order_lines (x)")
    assert "orders.py:60" in found.recommendation
    assert found.component == APP


def test_a_look_up_from_a_loop_is_n_plus_one() -> None:
    plan = planned(ROW, "SEARCH items USING INTEGER PRIMARY KEY (rowid=?)")
    (found,) = all_of(looked(ROW, 0.6, plan, loop=True))
    assert found.kind == "db.n_plus_one"
    assert "from a loop" in found.recommendation


def test_a_look_up_once_a_request_is_no_finding() -> None:
    plan = planned(ROW, "SEARCH items USING INTEGER PRIMARY KEY (rowid=?)")
    assert all_of(looked(ROW, 0.6, plan)) == []


def test_a_sort_in_a_temporary_tree_that_takes_most_of_the_time_is_a_slow_query() -> None:
    plan = planned(RANK, "SCAN items\nUSE TEMP B-TREE FOR ORDER BY")
    (found,) = all_of(looked(RANK, 0.7, plan))
    assert found.kind == "db.slow_query"


def test_what_was_seen_once_or_twice_is_chance() -> None:
    assert under_way(looked(ROW, 0.003, None)) == ()
