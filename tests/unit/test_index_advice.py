"""Which indexes are proposed for a statement, before any planner judges them."""

from __future__ import annotations

import pytest

from perfwright.observe.index_advice import TriedIndex, best_index, index_candidates
from perfwright.observe.sql_wants import TableFacts, conditions_on, tables_by_alias

ORDERS = TableFacts(
    written="orders",
    alias="o",
    columns={name: name for name in ("id", "customer_id", "state", "placed_at", "note")},
    rows=100_000,
    distinct={"id": 100_000, "customer_id": 20_000, "state": 4},
    indexed=frozenset({("id",), ("note", "state")}),
)


def keys(where: str, table: TableFacts = ORDERS) -> list[str]:
    """The keys of each index proposed for a statement with this end."""
    candidates = index_candidates(f"SELECT * FROM orders o {where}", table, "postgres")
    return [one.ddl.removeprefix("CREATE INDEX ON orders ") for one in candidates]


@pytest.mark.parametrize(
    ("where", "first"),
    [
        ("WHERE o.state = $1 AND o.customer_id = $2", "(customer_id)"),
        ("WHERE customer_id = ANY($1)", "(customer_id)"),
        ("WHERE customer_id IN ($1, $2)", "(customer_id)"),
        ("WHERE customer_id IS NULL", "(customer_id)"),
        ("WHERE lower(o.state) = $1", "(lower(state))"),
        ("WHERE placed_at BETWEEN $1 AND $2", "(placed_at)"),
        ("WHERE $1 < placed_at", "(placed_at)"),
        ("WHERE state LIKE 'abc%'", "(state text_pattern_ops)"),
        ("ORDER BY placed_at DESC, id DESC LIMIT 5", "(placed_at, id)"),
        ("ORDER BY placed_at DESC, id LIMIT 5", "(placed_at DESC, id)"),
        ("JOIN customers c ON c.id = o.customer_id", "(customer_id)"),
        ("JOIN customers c USING (customer_id)", "(customer_id)"),
    ],
)
def test_the_shortest_index_that_could_serve_comes_first(where: str, first: str) -> None:
    assert keys(where)[0] == first


def test_equality_leads_and_a_range_or_the_order_follows() -> None:
    proposed = keys("WHERE state = $1 AND placed_at > $2 ORDER BY customer_id LIMIT 9")
    assert proposed == ["(state)", "(state, placed_at)", "(state, customer_id)"]


@pytest.mark.parametrize(
    "where",
    [
        "",
        "WHERE id = $1",
        "WHERE note = $1 AND state = $2",
        "WHERE customer_id = $1 OR state = $2",
        "WHERE NOT customer_id = $1",
        "WHERE customer_id + 1 = $1",
        "WHERE state LIKE $1",
        "WHERE c.state = $1",
        "WHERE this is no ( SQL",
    ],
)
def test_nothing_is_proposed_where_nothing_would_serve(where: str) -> None:
    assert keys(where) == []


def test_a_search_inside_text_asks_for_trigrams() -> None:
    (ddl,) = keys("WHERE note ILIKE '%x%'")
    assert ddl == (
        "CREATE EXTENSION IF NOT EXISTS pg_trgm; "
        "CREATE INDEX ON orders USING gin (note gin_trgm_ops)"
    )


def test_a_subquery_asks_for_itself() -> None:
    statement = "SELECT (SELECT count(*) FROM orders o WHERE o.customer_id = c.id) FROM customers c"
    (candidate,) = index_candidates(statement, ORDERS, "postgres")
    assert candidate.equal == ("customer_id",)
    assert tables_by_alias(statement, "postgres") == {"o": "orders", "c": "customers"}


def test_the_conditions_on_a_table_are_told_without_those_on_others() -> None:
    statement = "SELECT * FROM orders o JOIN c ON c.id = o.customer_id WHERE c.x = $1 AND state = 2"
    assert conditions_on(statement, ORDERS, "postgres") == "state = 2 AND c.id = o.customer_id"


def test_a_longer_index_must_gain_more_than_a_little() -> None:
    short, long = TriedIndex(ddl="a", cost_then=40), TriedIndex(ddl="b", cost_then=10)
    assert best_index([short, long], 1000) is short
    assert best_index([short, long], 100) is long
    none = TriedIndex(cost_then=100)
    assert best_index([TriedIndex(ddl="a", cost_then=60)], 100) == best_index([], 100) == none
    untried = TriedIndex(ddl="gin")
    assert best_index([untried, short], 1000) is short
    assert best_index([untried], 1000) is untried
