"""Watches a SQLite file: how large it and its log are, its tables, what Python processes ask it.

    second 7                 8.0
    ├─ look ──────── look ───┤ read(7): sizes, rows, and the statements of second 7's looks
                             ├─ look ── … (for second 8), then it returns

SQLite has no sessions to ask and counts no statements; what Python asks is seen in its stacks
(`sqlite_callers.py`), what others ask in spans, if they send them. A write-ahead log that grows
without end shows readers that never let go; free pages, what a VACUUM would give back. While a
writer holds the file locked, only the sizes are read. ProbeError: no such file, or no database.
"""

from __future__ import annotations

import sqlite3
import time
from random import Random

from perfwright.model.errors import ProbeError
from perfwright.model.metrics import DB_SIZE, DB_TABLE_ROWS
from perfwright.model.units import NS_PER_S
from perfwright.model.watched import NOTHING, Component, Reading, Sample
from perfwright.observe.sqlite_callers import SqliteCallers
from perfwright.observe.sqlite_file import (
    read_only,
    sqlite_path,
    sqlite_subject,
    table_names,
    table_rows,
)
from perfwright.observe.sqlite_sampled import SampledCallers

LOOKS_PER_READ = 2
LOOK_EVERY_S = 0.4
FIND_EVERY_READS = 4
_ESTIMATED = "statements are estimated from samples of Python's stacks (time well, calls roughly)"


class SqliteProbe:
    """`spec` is `sqlite:FILE`."""

    def __init__(self, spec: str) -> None:
        self._path = sqlite_path(spec)
        self.name = sqlite_subject(self._path)

    def open(self, origin_ns: int) -> Reading:
        self._origin_s = origin_ns / NS_PER_S
        self._random = Random(0)
        self._callers = SqliteCallers(self._path)
        self._sampled = SampledCallers(self._path)
        self._reads = 0
        self._saw_statements = False
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
        return Reading(components=(component,))

    def read(self, second: int) -> Reading:
        """What was seen in the second; takes most of the next one, in which it looks at callers."""
        values = [*self._sizes(), *self._contents()]
        samples = tuple(
            Sample(second=second, metric=metric, subject=self.name, value=value, label=label)
            for metric, label, value in values
        )
        statements = self._sampled.read(second, time.monotonic(), self._callers.processes)
        self._saw_statements |= bool(statements)
        self._look(self._origin_s + second + 1)
        return Reading(
            samples=samples,
            statements=statements,
            plans=self._sampled.plans(),
            notes=(f"{self.name}: {_ESTIMATED}",) if statements else (),
        )

    def close(self) -> Reading:
        """A note where no statement was seen in the run."""
        if self._saw_statements or not self._reads:
            return NOTHING
        why = self._callers.refused or (
            "no Python process was caught in one; let the service send spans (--watch otlp)"
        )
        return Reading(notes=(f"{self.name}: statements were not seen: {why}",))

    def _look(self, begin_s: float) -> None:
        """At random moments, so that what happens regularly is not hit or missed by rule."""
        if self._reads % FIND_EVERY_READS == 0:
            self._callers.find()
        self._reads += 1
        for count in range(LOOKS_PER_READ):
            due_s = begin_s + (count + self._random.random()) * LOOK_EVERY_S
            wait_s = due_s - time.monotonic()
            if count and wait_s < -LOOK_EVERY_S:
                break  # called late: the time of this look has passed
            time.sleep(max(0.0, wait_s))
            look = self._callers.look()
            if look is not None:
                self._sampled.add(look)

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
