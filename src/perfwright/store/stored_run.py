"""One run, read back: its manifest, its frames and everything else in its tables.

Reads Parquet, or the JSON lines of a run that is going on or was interrupted. The first reader of
an interrupted run compacts it; where it may not write there, the lines are read as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfwright.model.errors import StoreError
from perfwright.model.frame import Exemplar, Frame, Tally, in_windows
from perfwright.model.manifest import RunManifest
from perfwright.model.watched import Occurrence, Reading
from perfwright.store.compact import compact
from perfwright.store.files import is_locked
from perfwright.store.layout import LOCK
from perfwright.store.rows import SecondRows, frame_of
from perfwright.store.summed import summed_rows
from perfwright.store.tables import Tables, open_tables
from perfwright.store.watched_rows import RECORDS, reading_of

_SECONDS_AT_ONCE = 300
_QUERIES = {
    "load": "SELECT * FROM {load} WHERE second BETWEEN ? AND ?",
    "steps": "SELECT * FROM {steps} WHERE second BETWEEN ? AND ?",
    "checks": "SELECT * FROM {checks} WHERE second BETWEEN ? AND ?",
    "records": "SELECT * FROM {records} WHERE second BETWEEN ? AND ?",
    "samples": "SELECT * FROM {samples} WHERE second BETWEEN ? AND ?",
    "exemplars": "SELECT * FROM {exemplars} WHERE second BETWEEN ? AND ?",
    "events": "SELECT * FROM {events} WHERE second BETWEEN ? AND ? AND worker IS NOT NULL",
    "measures": """
        SELECT m.*, h.buckets, h.counts
        FROM {measures} AS m
        LEFT JOIN (
            SELECT second, worker, step, measure, list(bucket) AS buckets, list(count) AS counts
            FROM {histograms} GROUP BY ALL
        ) AS h USING (second, worker, step, measure)
        WHERE m.second BETWEEN ? AND ?
    """,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in a run. `worker` is None where it concerns the run as a whole."""

    second: int
    worker: int | None
    kind: str
    message: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """Get one from `Store.find`. Every method raises StoreError where the tables are damaged."""

    path: Path
    manifest: RunManifest

    def frames(self) -> Iterator[Frame]:
        """The run second by second, in order, a few minutes of it in memory at a time."""
        with self._tables() as tables:
            bounds = tables.rows("SELECT min(second) AS first, max(second) AS last FROM {load}")[0]
            if bounds["first"] is None:
                return
            for start in range(bounds["first"], bounds["last"] + 1, _SECONDS_AT_ONCE):
                yield from _frames_between(tables, start, start + _SECONDS_AT_ONCE - 1)

    def tally(self, windows: Iterable[tuple[float, float]] | None = None) -> Tally:
        """Everything counted in the seconds that begin inside `windows` (s); None means all."""
        wanted = None if windows is None else tuple(windows)
        total = Tally()
        for frame in self.frames():
            if wanted is None or in_windows(frame.second, wanted):
                total.merge(frame.total, gauges="last")
        return total

    def summed(self) -> tuple[Frame, int] | None:
        """The whole of a run of one worker as one frame, much quicker than by adding `frames`, and
        how many seconds it was; None where nothing was measured."""
        with self._tables() as tables:
            summed = summed_rows(tables)
        return None if summed is None else (frame_of(summed[0]), summed[1])

    def watched(self) -> Reading:
        """Everything that probes saw, in order of time."""
        with self._tables() as tables:
            rows = {
                table: tables.rows(f"SELECT * FROM {{{table}}} ORDER BY second")
                for table in RECORDS
            }
        told = (event for event in self.events() if "subject" in event.data)
        return reading_of(
            rows,
            [
                Occurrence(
                    second=event.second,
                    subject=event.data["subject"],
                    kind=event.kind,
                    message=event.message,
                )
                for event in told
            ],
        )

    def events(self) -> list[Event]:
        """What happened, in order of time."""
        rows = self._rows("SELECT * FROM {events}")
        events = [Event(**{**row, "data": json.loads(row["data"] or "{}")}) for row in rows]
        return sorted(events, key=lambda event: event.second)

    def exemplars(self) -> list[Exemplar]:
        """Slow and failed requests, the slowest first."""
        rows = self._rows("SELECT * FROM {exemplars} ORDER BY response_ns DESC")
        return [Exemplar(**row) for row in rows]

    def _rows(self, query: str) -> list[dict[str, Any]]:
        with self._tables() as tables:
            return tables.rows(query)

    def _tables(self) -> AbstractContextManager[Tables]:
        if not is_locked(self.path / LOCK):
            with suppress(StoreError):
                compact(self.path)
        return open_tables(self.path)


def _frames_between(tables: Tables, first: int, last: int) -> Iterator[Frame]:
    seconds: dict[int, SecondRows] = {}
    for table, query in _QUERIES.items():
        for row in tables.rows(query, (first, last)):
            second = seconds.setdefault(row["second"], SecondRows(second=row["second"]))
            second.by_table.setdefault(table, []).append(row)
    for number in sorted(seconds):
        if seconds[number].by_table.get("load"):
            yield frame_of(seconds[number])
