"""Watches a SQLite file from outside: how large it and its log are, and its tables.

SQLite keeps no statistics of statements and has no sessions to ask. What it is asked is seen by
others (spans, profiles); `sqlite_explain.py` then says how it answers. A write-ahead log that grows
without end shows readers that never let go; free pages, what a VACUUM would give back. While a
writer holds the file locked, only the sizes are read. ProbeError: no such file, or no database.
"""

from __future__ import annotations

import sqlite3

from perfwright.model.errors import ProbeError
from perfwright.model.metrics import DB_SIZE, DB_TABLE_ROWS
from perfwright.model.watched import NOTHING, Component, Reading, Sample
from perfwright.observe.sqlite_file import (
    read_only,
    sqlite_path,
    sqlite_subject,
    table_names,
    table_rows,
)


class SqliteProbe:
    """`spec` is `sqlite:FILE`."""

    def __init__(self, spec: str) -> None:
        self._path = sqlite_path(spec)
        self.name = sqlite_subject(self._path)

    def open(self, origin_ns: int) -> Reading:  # noqa: ARG002
        try:
            with read_only(self._path) as connection:
                journal, page_bytes = (
                    connection.execute(f"PRAGMA {setting}").fetchone()[0]
                    for setting in ("journal_mode", "page_size")
                )
        except sqlite3.DatabaseError as error:
            raise ProbeError(
                f"--watch {self.name}: {error}; is it a SQLite database, and may this user read it?"
            ) from None
        component = Component(
            subject=self.name,
            runtime=f"sqlite {sqlite3.sqlite_version}",
            detail=f"journal_mode={journal}, page_size={page_bytes}",
        )
        return Reading(
            components=(component,),
            notes=(
                f"{self.name}: SQLite does not count statements; they are seen where the service "
                "sends spans (--watch otlp)",
            ),
        )

    def read(self, second: int) -> Reading:
        """Sizes and rows now."""
        values = [*self._sizes(), *self._contents()]
        return Reading(
            samples=tuple(
                Sample(second=second, metric=metric, subject=self.name, value=value, label=label)
                for metric, label, value in values
            )
        )

    def close(self) -> Reading:
        return NOTHING

    def _sizes(self) -> list[tuple[str, str, float]]:
        wal = self._path.with_name(self._path.name + "-wal")
        try:
            sizes = [(DB_SIZE, "file", float(self._path.stat().st_size))]
        except FileNotFoundError:
            raise ProbeError(f"{self.name}: the file is gone") from None
        if wal.exists():
            sizes.append((DB_SIZE, "wal", float(wal.stat().st_size)))
        return sizes

    def _contents(self) -> list[tuple[str, str, float]]:
        try:
            with read_only(self._path) as connection:
                free, page_bytes = (
                    connection.execute(f"PRAGMA {setting}").fetchone()[0]
                    for setting in ("freelist_count", "page_size")
                )
                values = [(DB_SIZE, "free", float(free * page_bytes))]
                for table in table_names(connection):
                    rows = table_rows(connection, table)
                    if rows is not None:
                        values.append((DB_TABLE_ROWS, table, rows))
                return values
        except sqlite3.OperationalError:
            return []  # locked for the moment
