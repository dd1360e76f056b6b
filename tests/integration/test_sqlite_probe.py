"""What is seen of a real SQLite file, and how it would answer statements."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.watching import value, watching

from perfwright.model.errors import ProbeError
from perfwright.model.metrics import DB_SIZE, DB_TABLE_ROWS
from perfwright.model.statements import fingerprint
from perfwright.model.watched import StatementPlan
from perfwright.observe.sqlite import SqliteProbe
from perfwright.observe.sqlite_explain import explain_sqlite

ORDERS = 20_000
SCHEMA = """
    CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT UNIQUE);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INT, state TEXT, placed_at INT);
    CREATE TABLE "order" ("group" INT, note TEXT);
    CREATE INDEX by_place ON orders (placed_at);
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("sqlite") / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.executescript(SCHEMA)
        orders = ((n % 2000, f"state{n % 4}", n) for n in range(ORDERS))
        connection.executemany(
            "INSERT INTO orders (customer_id, state, placed_at) VALUES (?, ?, ?)", orders
        )
        connection.executemany('INSERT INTO "order" VALUES (?, ?)', ((n, "") for n in range(2000)))
        connection.commit()
        yield path


def plan_of(file: Path, statement: str) -> StatementPlan:
    (plan,) = explain_sqlite(f"sqlite:{file}", [statement])
    return plan


def test_sizes_and_rows_are_read(file: Path) -> None:
    with watching(SqliteProbe(f"sqlite:{file}")) as watch:
        reading = watch.read()
        assert value(reading, DB_TABLE_ROWS, "orders") == ORDERS
        assert value(reading, DB_SIZE, "file") == file.stat().st_size
        assert value(reading, DB_SIZE, "wal") > 0
        (component,) = watch.seen.components
        assert (component.subject, component.detail[:16]) == ("sqlite:shop.db", "journal_mode=wal")


ASKING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])

def of_customer(sql, values):
    return [dict(a=row) for row in connection.execute(sql, values)]

print("asking", flush=True)
while True:
    of_customer("SELECT * FROM orders WHERE customer_id = ? AND state = 'secret'", (5,))
"""


def test_what_a_python_process_asks_is_seen_and_explained(file: Path) -> None:
    asking = [sys.executable, "-c", ASKING, file]
    with subprocess.Popen(asking, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            with watching(SqliteProbe(f"sqlite:{file}")) as watch:
                reading = watch.read_until(lambda reading: bool(reading.statements))
                (tally,) = reading.statements
                (plan,) = reading.plans
        finally:
            process.kill()
    assert tally.text == "SELECT * FROM orders WHERE customer_id = ? AND state = ?"
    assert tally.total_ns > 0
    assert tally.calls == pytest.approx(tally.total_ns / 2e6), "20,000 rows are thought 2 ms"
    assert plan.fingerprint == tally.fingerprint
    assert plan.index == "CREATE INDEX ON orders (customer_id)"


def test_a_file_that_nobody_asks_is_noted(file: Path) -> None:
    probe = SqliteProbe(f"sqlite:{file}")
    with watching(probe) as watch:
        watch.read()
        assert "statements were not seen" in probe.close().notes[0]


def test_a_writer_that_holds_the_file_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "held.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("CREATE TABLE t (a)")
        with watching(SqliteProbe(f"sqlite:{path}")) as watch:
            writer.execute("BEGIN EXCLUSIVE")
            reading = watch.read()
            assert value(reading, DB_SIZE, "file") > 0
            assert value(reading, DB_TABLE_ROWS, "t") == 0
            writer.execute("ROLLBACK")


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProbeError, match="no such file"):
        SqliteProbe(f"sqlite:{tmp_path / 'none.db'}")
    page = tmp_path / "page.html"
    page.write_text("<html>" * 1000)
    with pytest.raises(ProbeError, match="not a database"):
        SqliteProbe(f"sqlite:{page}").open(0)
    assert explain_sqlite(str(page), ["SELECT 1"]) == ()


def test_a_scan_is_found_and_the_index_that_would_serve(file: Path) -> None:
    statement = "SELECT * FROM orders o WHERE o.customer_id = 5 AND o.state = 'a' ORDER BY id"
    plan = plan_of(file, statement)
    assert plan.fingerprint == fingerprint(statement)
    assert (plan.relation, plan.rows_scanned) == ("orders", ORDERS)
    assert plan.index == "CREATE INDEX ON orders (customer_id)"
    assert plan.filter == "o.customer_id = ? AND o.state = ?"
    assert plan.cost_now == ORDERS
    assert plan.cost_then == pytest.approx(24, abs=5), "10 rows and the descent"
    assert "SCAN o" in plan.plan


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("SELECT * FROM orders ORDER BY state, id LIMIT 10", "orders (state, id)"),
        ("SELECT * FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.email = 'a'",
         "orders (customer_id)"),
        ("UPDATE orders SET state = 'x' WHERE customer_id = 7", "orders (customer_id)"),
        ('SELECT note FROM "order" WHERE "group" = ?', '"order" ("group")'),
        ("SELECT * FROM orders WHERE lower(state) = ? AND customer_id = ?", "orders (customer_id)"),
    ],
)  # fmt: skip
def test_the_index_fits_the_statement(file: Path, statement: str, index: str) -> None:
    assert plan_of(file, statement).index == f"CREATE INDEX ON {index}"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM orders WHERE id = 7",
        "SELECT * FROM orders WHERE placed_at > 7 ORDER BY placed_at",
        "SELECT count(*) FROM orders",
        "INSERT INTO orders (customer_id) VALUES (7)",
    ],
)
def test_a_statement_that_is_served_well_needs_no_index(file: Path, statement: str) -> None:
    plan = plan_of(file, statement)
    assert (plan.relation, plan.index, plan.cost_then) == ("", "", None)


def test_a_search_inside_text_is_a_scan_that_no_index_serves(file: Path) -> None:
    plan = plan_of(file, "SELECT * FROM orders WHERE state LIKE '%x%'")
    assert (plan.relation, plan.index) == ("orders", "")
    assert plan.filter == "state LIKE ?"
    assert plan.cost_then == plan.cost_now


def test_statements_of_other_databases_are_passed_over(file: Path) -> None:
    foreign = ["SELECT * FROM nowhere", "SELECT 1::int8", "BEGIN", "HGETALL x", ""]
    assert explain_sqlite(str(file), foreign) == ()
