"""The one narrow door to the database; `db_sqlite` and `db_postgres` stand behind it.

SQL is written once, in what both dialects share, with `:name` parameters. Money is integer cents,
time is integer Unix seconds. A session is one connection of the pool, held for one use case:

    async with database.session() as session, session.transaction():
        row = await session.one("SELECT stock FROM items WHERE id = :item", item=7)

A statement of its own commits at once; what belongs together goes into `transaction()`, which
commits at its end and rolls back on an exception.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

Value = str | int | None
Row = dict[str, Any]
"""One row by column name."""


class Session(Protocol):
    """One connection, ours alone while we hold it."""

    for_update: str
    """Appended to a SELECT in a transaction: locks the rows it returns until the end."""

    async def all(self, sql: str, **parameters: Value) -> list[Row]: ...
    async def one(self, sql: str, **parameters: Value) -> Row | None: ...
    async def execute(self, sql: str, **parameters: Value) -> int:
        """Run a statement; the number of rows that it changed."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[None]: ...


class Database(Protocol):
    """A pool of sessions, opened in the event loop that uses it."""

    async def open(self) -> None: ...
    async def close(self) -> None: ...
    def session(self) -> AbstractAsyncContextManager[Session]: ...
