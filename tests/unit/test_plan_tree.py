"""Which scan of a PostgreSQL plan wastes most, and how plans are told without values."""

from __future__ import annotations

from typing import Any

from perfwright.observe.pg_plan_tree import relations, worst_scan
from perfwright.observe.sql_text import condition_text, is_explainable, without_values

ROWS = 50_000.0


def scan(name: str, rows: float, **more: Any) -> dict[str, Any]:
    return {"Node Type": "Seq Scan", "Relation Name": name, "Alias": name, "Plan Rows": rows} | more


def over(kind: str, rows: float, *plans: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Node Type": kind, "Plan Rows": rows, "Plans": list(plans)} | more


def test_a_filter_that_keeps_little_wastes() -> None:
    found = worst_scan(scan("a", 20, Filter="(x = 1)"), lambda _: ROWS)
    assert found is not None
    assert (found.relation.name, found.condition, found.read, found.kept) == (
        "a", "(x = 1)", ROWS, 20,
    )  # fmt: skip


def test_a_filter_that_keeps_much_does_not() -> None:
    assert worst_scan(scan("a", ROWS / 2, Filter="(x > 1)"), lambda _: ROWS) is None
    assert worst_scan(scan("a", 2, Filter="(x > 1)"), lambda _: 10) is None


def test_a_scan_that_is_a_small_part_of_the_cost_is_passed_over() -> None:
    cheap = scan("a", 20, Filter="(x = 1)") | {"Total Cost": 100.0}
    assert worst_scan(over("Sort", 20, cheap, **{"Total Cost": 200.0}), lambda _: ROWS)
    assert worst_scan(over("Sort", 20, cheap, **{"Total Cost": 2000.0}), lambda _: ROWS) is None


def test_all_rows_sorted_for_a_few_are_waste_and_counted_are_not() -> None:
    sort = over("Sort", ROWS, scan("a", ROWS), **{"Sort Key": ["a.t DESC"]})
    limited = worst_scan(over("Limit", 10, sort), lambda _: ROWS)
    assert limited is not None
    assert limited.condition == "ORDER BY a.t DESC"
    assert worst_scan(over("Limit", 10, scan("a", ROWS)), lambda _: ROWS) is None
    assert worst_scan(over("Aggregate", 1, scan("a", ROWS)), lambda _: ROWS) is None


def test_a_scan_inside_a_loop_counts_as_often_as_it_runs() -> None:
    outer = scan("a", 40) | {"Parent Relationship": "Outer"}
    inner = scan("b", 1, Filter="(b.x = a.x)") | {"Parent Relationship": "Inner"}
    found = worst_scan(over("Nested Loop", 40, outer, inner), lambda _: ROWS)
    assert found is not None
    assert (found.relation.name, found.loops) == ("b", 40)
    kept = over("Materialize", 1, inner) | {"Parent Relationship": "Inner"}
    cached = worst_scan(over("Nested Loop", 40, outer, kept), lambda _: ROWS)
    assert cached is not None
    assert cached.loops == 1


def test_a_hash_join_that_keeps_little_wastes_what_it_scans() -> None:
    hashed = over("Hash", 1, scan("small", 1, Filter="(id = 7)"))
    join = over("Hash Join", 5, scan("lines", ROWS), hashed, **{"Hash Cond": "(l.o = s.id)"})
    found = worst_scan(join, lambda relation: ROWS if relation.name == "lines" else 10)
    assert found is not None
    assert (found.relation.name, found.condition) == ("lines", "(l.o = s.id)")
    assert [relation.name for relation in relations(join)] == ["lines", "small"]


def test_plans_lose_their_values_and_keep_their_estimates() -> None:
    plan = "Seq Scan on a  (cost=0.00..9.50 rows=5 width=4)\n  Filter: ((name = 'Ann') AND (n > 7))"
    assert without_values(plan) == (
        "Seq Scan on a  (cost=0.00..9.50 rows=5 width=4)\n  Filter: ((name = ?) AND (n > ?))"
    )
    assert condition_text("((o.name = 'Ann'::text) AND (o.n = 7))", "o") == (
        "(name = ?::text) AND (n = ?)"
    )


def test_what_has_a_plan_is_told_from_what_has_none() -> None:
    assert is_explainable("/* x */ (SELECT 1)")
    assert is_explainable("with a as (select 1) select * from a")
    assert not is_explainable("BEGIN")
    assert not is_explainable("EXPLAIN SELECT 1")
    assert not is_explainable("selectivity")
