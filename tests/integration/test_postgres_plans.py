"""Plans and indexes for what a real PostgreSQL was kept busy with; HypoPG tries the indexes."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from support.postgres import PostgresCluster
from support.watching import watching

from perfwright.model.statements import fingerprint
from perfwright.model.watched import Reading, StatementPlan
from perfwright.observe.postgres import PostgresProbe

ROWS = 30_000
SCHEMA = """
    CREATE TABLE customers (id int PRIMARY KEY, email text);
    CREATE TABLE orders (id int PRIMARY KEY, customer_id int, state text, placed_at timestamptz);
    CREATE TABLE lines (order_id int, item_id int, note text);
    INSERT INTO customers SELECT n, 'Ann' || n || '@example.com' FROM generate_series(1, 5000) n;
    INSERT INTO orders SELECT n, n % 3000, 'state' || n % 4, now() - n * interval '1 minute'
        FROM generate_series(1, 30000) n;
    INSERT INTO lines SELECT n / 2, n % 100, repeat('x', 20) FROM generate_series(1, 60000) n;
"""
Explain = Callable[..., StatementPlan]


@pytest.fixture(scope="module")
def dsn(postgres: PostgresCluster) -> str:
    dsn = postgres.new_database("explained")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(SCHEMA)
        connection.execute("ANALYZE")
        connection.execute("CREATE EXTENSION pg_stat_statements")
        connection.execute("CREATE EXTENSION hypopg")
    return dsn


def closing(dsn: str, statement: str, *values: object, times: int = 3) -> Reading:
    """What the probe gives at the end, after the statement ran."""
    probe = PostgresProbe(dsn)
    with psycopg.connect(dsn, autocommit=True) as app, watching(probe) as watch:
        # The server binds the values: only $1 is ever seen.
        for _ in range(times):
            app.execute(statement, values)
        watch.read()
        return probe.close()


def plan_of(dsn: str, statement: str, *values: object) -> StatementPlan:
    reading = closing(dsn, statement, *values)
    return next(p for p in reading.plans if p.fingerprint == fingerprint(statement))


def test_a_missing_index_is_found_and_tried(dsn: str) -> None:
    plan = plan_of(dsn, "SELECT * FROM orders o WHERE o.customer_id = %s AND state = 'a'", 5)
    assert plan.relation == "orders"
    assert "customer_id = ?" in plan.filter
    assert plan.rows_scanned == ROWS
    assert plan.index == "CREATE INDEX ON orders (customer_id)"
    assert plan.cost_now is not None
    assert plan.cost_then is not None
    assert plan.cost_then < plan.cost_now / 10
    assert "Seq Scan on orders" in plan.plan


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("SELECT id FROM customers WHERE lower(email) = %s", "customers (lower(email))"),
        ("SELECT * FROM orders ORDER BY placed_at DESC LIMIT 5", "orders (placed_at)"),
        (
            "SELECT * FROM orders JOIN lines ON lines.order_id = orders.id WHERE orders.id = 7",
            "lines (order_id)",
        ),
        (
            "SELECT c.id, (SELECT count(*) FROM orders o WHERE o.customer_id = c.id)"
            " FROM customers c WHERE c.id < 50",
            "orders (customer_id)",
        ),
        ("UPDATE lines SET note = 'y' WHERE order_id = -1", "lines (order_id)"),
        ("DELETE FROM lines WHERE order_id IN (-1, -2)", "lines (order_id)"),
    ],
)
def test_the_index_fits_the_statement(dsn: str, statement: str, index: str) -> None:
    values = ["x"] if "%s" in statement else []
    plan = plan_of(dsn, statement, *values)
    assert plan.index == f"CREATE INDEX ON {index}"
    assert plan.cost_then is not None


def test_a_statement_that_an_index_serves_needs_none(dsn: str) -> None:
    for statement in ("SELECT * FROM orders WHERE id = %s", "SELECT count(*), %s FROM orders"):
        plan = plan_of(dsn, statement, 5)
        assert (plan.relation, plan.index, plan.cost_then) == ("", "", None)


def test_a_subquery_in_a_loop_is_counted_as_often_as_it_runs(dsn: str) -> None:
    statement = (
        "SELECT c.id, (SELECT count(*) FROM lines l WHERE l.item_id = c.id) FROM customers c"
        " WHERE c.id IN (1, 2, 3)"
    )
    assert plan_of(dsn, statement).rows_scanned == 3 * 60_000


def test_what_is_explained_is_not_executed(dsn: str) -> None:
    def lines() -> int:
        with psycopg.connect(dsn) as connection:
            row = connection.execute("SELECT count(*) FROM lines WHERE item_id = 99").fetchone()
            assert row is not None
            return int(row[0])

    before = lines()
    with psycopg.connect(dsn) as app, watching(PostgresProbe(dsn)) as watch:
        app.execute("DELETE FROM lines WHERE item_id = 99")
        app.rollback()
        watch.read()
        assert watch.probe.close().plans
    assert lines() == before


def test_values_are_not_shown(dsn: str) -> None:
    plan = plan_of(dsn, "SELECT * FROM customers WHERE email = 'ann@example.com'")
    assert "ann@" not in str(plan)
    assert plan.filter == "email = ?"


def test_without_hypopg_an_index_is_named_and_the_remedy(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute("DROP EXTENSION hypopg")
        try:
            reading = closing(dsn, "SELECT * FROM orders WHERE customer_id = 5")
        finally:
            admin.execute("CREATE EXTENSION hypopg")
    assert reading.plans[0].index == "CREATE INDEX ON orders (customer_id)"
    assert reading.plans[0].cost_then is None
    assert any("CREATE EXTENSION hypopg" in note for note in reading.notes)


def test_a_locked_table_keeps_nobody_waiting(dsn: str) -> None:
    statement = "SELECT * FROM orders WHERE customer_id = 6"
    with (
        psycopg.connect(dsn, autocommit=True) as app,
        psycopg.connect(dsn) as holder,
        watching(PostgresProbe(dsn)) as watch,
    ):
        app.execute(statement)
        watch.read()
        holder.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        reading = watch.probe.close()
    assert any("LockNotAvailable" in note for note in reading.notes)
