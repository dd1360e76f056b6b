"""SQLite behind `db.Database`: one connection, called straight from the event loop.

Queries take tens of microseconds; through a thread the same query took five times as long (200 µs
for 40 µs), so there is no thread. One connection also models SQLite's one writer: sessions queue
for it fairly instead of polling a lock. WAL lets the readers of other workers go on meanwhile;
synchronous=OFF, for the data is a toy and an fsync would stall the loop.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from perfwright.lab.shop.db import Row, Session, Value
from perfwright.lab.shop.db_pool import Pool, PoolState
from perfwright.lab.shop.errors import StartError
from perfwright.lab.shop.schema import INDEXES, TABLES, split
from perfwright.lab.shop.seed import Table

_BUSY_TIMEOUT_S = 5.0


class SqliteDatabase:
    """The database in `path`, which `seed_sqlite` made."""

    def __init__(self, path: Path, on_pool_change: Callable[[PoolState], None]) -> None:
        self._path = path
        self._on_pool_change = on_pool_change
        self._pool: Pool[SqliteSession]

    async def open(self) -> None:
        self._pool = Pool([SqliteSession(_connect(self._path))], self._on_pool_change)

    async def close(self) -> None:
        for session in self._pool.connections:
            session.close()

    def session(self) -> AbstractAsyncContextManager[Session]:
        return self._pool.take()


class SqliteSession:
    """One connection. Nothing in here really waits; the coroutines are the interface's."""

    for_update = ""  # BEGIN IMMEDIATE already holds the only write lock there is

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def all(self, sql: str, **parameters: Value) -> list[Row]:
        cursor = self._connection.execute(sql, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    async def one(self, sql: str, **parameters: Value) -> Row | None:
        rows = await self.all(sql, **parameters)
        return rows[0] if rows else None

    async def execute(self, sql: str, **parameters: Value) -> int:
        return self._connection.execute(sql, parameters).rowcount

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()


def seed_sqlite(path: Path, make_tables: Callable[[], Iterable[Table]]) -> None:
    """Fill `path` in one transaction unless it holds a shop already. Raises StartError."""
    try:
        connection = _connect(path)
        try:
            _seed(connection, make_tables)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StartError(
            f"--db: {path} cannot be used as an SQLite file ({error}); name a new file"
        ) from error


def run_sqlite(path: Path, statements: Iterable[str]) -> None:
    """Run statements, each committed by itself."""
    connection = _connect(path)
    try:
        for statement in statements:
            connection.execute(statement)
    finally:
        connection.close()


def _seed(connection: sqlite3.Connection, make_tables: Callable[[], Iterable[Table]]) -> None:
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'order_lines'").fetchone():
        return
    connection.execute("BEGIN IMMEDIATE")
    for statement in split(TABLES, id="INTEGER PRIMARY KEY", text="TEXT"):
        connection.execute(statement)
    for table in make_tables():
        marks = ", ".join("?" * len(table.columns))
        columns = ", ".join(table.columns)
        connection.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", table.rows)
    for statement in split(INDEXES):
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = OFF", "cache_size = -32000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection
