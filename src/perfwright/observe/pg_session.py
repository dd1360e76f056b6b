"""Our own session in a PostgreSQL server: it looks, never changes, never waits long.

Each statement may take 2 s and wait half a second for a lock; transactions are read-only, also
where the user could write. Every statement carries a mark by which pg_stat_statements' rows of ours
are told from the application's. A name of the form `db:shop@127.0.0.1:5432` stands for the DSN
wherever people see it: user, password and parameters are never shown.
"""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
from psycopg import Connection, conninfo
from psycopg.sql import SQL

from perfwright.model.errors import ProbeError

APPLICATION = "perfwright"
MARK = "/* perfwright */"
CONNECT_TIMEOUT_S = 3
_LIMITS: LiteralString = """
    SET /* perfwright */ statement_timeout = 2000; SET /* perfwright */ lock_timeout = 500;
    SET /* perfwright */ default_transaction_read_only = on
"""

Row = tuple[Any, ...]


def database_subject(dsn: str) -> str:
    """`db:NAME@HOST:PORT` of a DSN. ProbeError: it is none."""
    try:
        parts = conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:  # its message would show the DSN
        raise ProbeError(
            "--watch postgresql://…: the DSN cannot be read; it is written "
            "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, special characters as %xx"
        ) from None
    host = str(parts.get("host") or parts.get("hostaddr") or "127.0.0.1")
    host = "127.0.0.1" if host == "localhost" else host
    name = parts.get("dbname") or parts.get("user") or "postgres"
    return f"db:{name}@{host}:{parts.get('port') or 5432}"


class PgSession:
    """An open connection. `statements` counts what it has executed, as that shows in statistics."""

    def __init__(self, connection: Connection[Row]) -> None:
        self._connection = connection
        self.statements = 0
        self.version = connection.info.server_version // 10000

    @classmethod
    def connect(cls, dsn: str) -> PgSession:
        """Raises ProbeError where the server refuses or does not answer in time."""
        try:
            connection = psycopg.connect(
                dsn,
                autocommit=True,
                connect_timeout=CONNECT_TIMEOUT_S,
                application_name=APPLICATION,
                prepare_threshold=None,
            )
            connection.execute(_LIMITS)
        except psycopg.Error as error:
            raise ProbeError(
                f"--watch {database_subject(dsn)}: {_said(error)}; are address, user and password "
                "right, and is a connection free?"
            ) from None
        return cls(connection)

    @property
    def is_lost(self) -> bool:
        """Whether the server is gone."""
        return self._connection.broken or self._connection.closed

    def rows(self, statement: str, *values: object) -> list[Row]:
        """All rows. `statement` is ours: it has `%s` for values, and a `%` doubled."""
        self.statements += 1
        with self._connection.cursor() as cursor:
            marked = statement.replace("SELECT", f"SELECT {MARK}", 1)
            return cursor.execute(SQL(marked), values).fetchall()

    def foreign(self, statement: str) -> list[Row]:
        """The rows of one statement around somebody else's text, sent as it is. The extended
        protocol takes one statement only, so nothing can hide behind a semicolon."""
        self.statements += 1
        with self._connection.cursor(binary=True) as cursor:
            cursor.execute(SQL(statement), binary=True)
            return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        self._connection.close()


def _said(error: psycopg.Error) -> str:
    """What went wrong: the last line that is no hint to the one before."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return next((line for line in reversed(lines) if not line[:1].isspace()), lines[0])
