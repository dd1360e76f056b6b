"""What is seen of a real PostgreSQL: sessions, waits, blockers, statements, counters, limits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from support.postgres import PostgresCluster
from support.watching import Watch, value, watching

from perfwright.model.errors import ProbeError
from perfwright.model.metrics import (
    DB_BLOCKED,
    DB_COMMITS,
    DB_SEQ_ROWS,
    DB_SEQ_SCANS,
    DB_SESSIONS,
    DB_SESSIONS_LIMIT,
    DB_TABLE_ROWS,
    DB_TEMP,
    DB_WAITS,
)
from perfwright.model.statements import fingerprint
from perfwright.model.watched import NOTHING, Reading, StatementTally
from perfwright.observe.postgres import PostgresProbe

ROWS = 5000
BY_CUSTOMER = "SELECT sum(total) FROM orders WHERE customer_id = %s"


@pytest.fixture
def dsn(postgres: PostgresCluster) -> str:
    """A database with one table, without any extension."""
    dsn = postgres.new_database("watched")
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE orders (id int PRIMARY KEY, customer_id int, total int)")
        connection.execute(
            "INSERT INTO orders SELECT n, n %% 500, n FROM generate_series(1, %s) n", (ROWS,)
        )
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("ANALYZE")
    return dsn


@contextmanager
def running(dsn: str, statement: str) -> Iterator[None]:
    """The statement under way in a session of its own; it is broken off at the end."""
    connection = psycopg.connect(dsn, autocommit=True)

    def run() -> None:
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute(statement)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        connection.cancel_safe()
        thread.join()
        connection.close()


def tally(reading: Reading, statement: str) -> StatementTally | None:
    """What was counted of a statement."""
    mark = fingerprint(statement)
    return next((one for one in reading.statements if one.fingerprint == mark), None)


def test_a_session_that_waits_for_a_row_is_told_with_the_one_that_holds_it(dsn: str) -> None:
    statement = "UPDATE orders SET total = total + 1 WHERE id = 7"
    with psycopg.connect(dsn) as holder:
        holder.execute(statement)
        with running(dsn, statement), watching(PostgresProbe(dsn)) as watch:
            blocked = watch.read_until(lambda reading: value(reading, DB_BLOCKED) == 1)
            assert value(blocked, DB_WAITS, "Lock:transactionid") == 1
            assert value(blocked, DB_SESSIONS) == 2
            assert value(blocked, DB_SESSIONS, "idle_in_transaction") == 1
            assert not watch.read().occurrences, "told once in a while only"
            (story,) = watch.seen.occurrences
    assert story.kind == "blocked"
    assert "Lock:transactionid" in story.message
    assert "UPDATE orders SET total = total + ? WHERE id = ?" in story.message
    assert "has sat idle in its transaction" in story.message


def test_statements_are_counted_exactly_where_the_extension_is(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as app:
        app.execute("CREATE EXTENSION pg_stat_statements")
        app.execute(BY_CUSTOMER, (0,))
        with watching(PostgresProbe(dsn)) as watch:
            for customer in range(20):
                app.execute(BY_CUSTOMER, (customer,))
            counted = tally(watch.read(), BY_CUSTOMER)
            assert counted is not None
            assert (counted.calls, counted.rows) == (20, 20)
            assert counted.total_ns > 0
            assert counted.blocks_hit > 0
            assert counted.text == "SELECT sum(total) FROM orders WHERE customer_id = ?"
            assert not watch.read().statements, "nothing of ours is counted"


def test_statements_are_estimated_from_samples_without_the_extension(dsn: str) -> None:
    statement = "SELECT pg_sleep(50), 'secret'"
    with running(dsn, statement), watching(PostgresProbe(dsn)) as watch:
        found = watch.read_until(lambda reading: tally(reading, statement) is not None)
        sampled = tally(found, statement)
        assert sampled is not None
        assert sampled.total_ns > 0
        assert "secret" not in sampled.text
        assert any("CREATE EXTENSION pg_stat_statements" in note for note in watch.seen.notes)


def test_a_statement_caught_with_its_values_is_explained_with_them(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute(
            "CREATE TABLE notes AS SELECT 'note ' || n AS n FROM generate_series(1, 9999) n"
        )
        admin.execute("ANALYZE notes")
    statement = "SELECT pg_sleep(50) FROM notes WHERE n LIKE '%te 42'"
    with running(dsn, statement), watching(PostgresProbe(dsn)) as watch:
        watch.read_until(lambda reading: tally(reading, statement) is not None)
        (plan,) = watch.probe.close().plans
    assert plan.fingerprint == fingerprint(statement)
    assert (plan.relation, plan.filter) == ("notes", "n ~~ ?::text")
    assert "USING gin (n gin_trgm_ops)" in plan.index
    assert "te 42" not in str(plan)


def test_a_role_without_privileges_sees_less_and_is_told_what_to_grant(
    postgres: PostgresCluster, dsn: str
) -> None:
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute("CREATE EXTENSION pg_stat_statements")
        admin.execute("DROP ROLE IF EXISTS guest")
        admin.execute("CREATE ROLE guest LOGIN PASSWORD 'hunter2'")
        guest = f"postgresql://guest:hunter2@127.0.0.1:{postgres.port}/watched"
        with running(dsn, "SELECT pg_sleep(50)"), watching(PostgresProbe(guest)) as watch:
            for customer in range(20):
                admin.execute(BY_CUSTOMER, (customer,))
            reading = watch.read()
            assert value(reading, DB_SESSIONS) == 2
            assert any("GRANT pg_monitor" in note for note in reading.notes)
        assert "hunter2" not in str(watch.seen)
        assert "guest" not in watch.probe.name


def test_a_sort_that_spills_shows_as_temporary_files(dsn: str) -> None:
    spilling = "SELECT count(*) FROM (SELECT n FROM generate_series(1, 50000) n ORDER BY -n) x"
    with psycopg.connect(dsn, autocommit=True) as app:
        app.execute("CREATE EXTENSION pg_stat_statements")
        app.execute("SET work_mem = '64kB'")
        with watching(PostgresProbe(dsn)) as watch:

            def spilled(_: Reading) -> bool:
                app.execute(spilling)
                return value(watch.seen, DB_TEMP) > 0

            watch.read_until(spilled)
            counted = tally(watch.read(), spilling)
    assert counted is not None
    assert counted.temp_blocks > 0


def test_table_scans_and_transactions_show_as_rates(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as app, watching(PostgresProbe(dsn)) as watch:

        def scanned(reading: Reading) -> bool:
            app.execute(BY_CUSTOMER, (1,))
            return value(reading, DB_SEQ_SCANS, "orders") > 0

        reading = watch.read_until(scanned)
        rows = value(reading, DB_SEQ_ROWS, "orders")
        assert rows == pytest.approx(ROWS * value(reading, DB_SEQ_SCANS, "orders"))
        assert value(reading, DB_TABLE_ROWS, "orders") == ROWS
        assert value(watch.seen, DB_COMMITS, "rollback") == 0


def test_the_session_limit_is_what_is_left_for_the_application(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as app, watching(PostgresProbe(dsn)) as watch:
        assert value(watch.read(), DB_SESSIONS_LIMIT) == 99, "100, less our own session"
        app.execute("ALTER DATABASE watched CONNECTION LIMIT 7")
        assert value(watch.read(), DB_SESSIONS_LIMIT) == 7


def test_a_lost_connection_is_an_error_and_the_probe_opens_again(dsn: str) -> None:
    probe = PostgresProbe(dsn)
    watch = Watch(probe)
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'perfwright'"
        )
    with pytest.raises(ProbeError, match="connection was lost"):
        watch.read()
    assert probe.close() == NOTHING
    with watching(probe) as again:
        assert again.read().samples


def test_a_server_that_refuses_is_told_without_the_dsn(postgres: PostgresCluster) -> None:
    nobody = f"postgresql://ann:hunter2@127.0.0.1:{postgres.port}/nowhere"
    with pytest.raises(ProbeError, match="nowhere") as refused:
        PostgresProbe(nobody).open(0)
    assert "hunter2" not in str(refused.value)
    with pytest.raises(ProbeError) as unreadable:
        PostgresProbe("postgresql://ann:hunter2@[::1/x")
    assert "hunter2" not in str(unreadable.value)


def test_the_component_names_the_server(dsn: str) -> None:
    with watching(PostgresProbe(dsn)) as watch:
        (component,) = watch.seen.components
        assert component.runtime.startswith("postgresql ")
        assert component.subject == watch.probe.name
