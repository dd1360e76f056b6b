"""Micro-benchmarks: each measured time is a call of the step that has the benchmark's name.

    BM_copy   ├──5 calls of 3 µs──┤├──5 of 3.1 µs──┤
    BM_sort                                          ├──5 of 9 µs──┤
              0                                                     time spent

What was timed ran one after another, so nothing was due before it started: response time is service
time, and there is no omission to correct. Tools keep no clock of single measurements; their times
of day are made up from the order and from how long each took. A time is kept in whole ns.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.errors import DataError
from perfwright.model.imported import TABLE

if TYPE_CHECKING:
    import duckdb

KIND = "call"
ORDER_NOTE = (
    "The file has no time of single measurements: their times of day are made up, one after another"
    " {since}."
)
COARSE_NOTE = (
    "Times are kept in whole nanoseconds, which is coarse for these: {names}. Let each measurement"
    " do more."
)
_COARSE_NS = 100.0
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One measured time, `service_ns`, of a benchmark; measuring it (several calls, of which this
    is the mean) took `spent_ns`."""

    step: str
    service_ns: float
    spent_ns: float
    error: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    started_us: list[int]
    step: list[str]
    service_ns: list[int]
    error: list[str | None]
    message: list[str | None]


def insert_calls(
    into: duckdb.DuckDBPyConnection, calls: Sequence[Call], *, file: Path, began: datetime | None
) -> tuple[str, ...]:
    """One after another from `began` on, or from when the file was written; returns the notes.
    DataError: there are none."""
    if not calls:
        raise DataError(f"import: {file} holds no measured time")
    moment_us = _microseconds(file.stat().st_mtime if began is None else began.timestamp())
    columns = _Columns(started_us=[], step=[], service_ns=[], error=[], message=[])
    spent_ns = 0.0
    for call in calls:
        columns.started_us.append(moment_us + round(spent_ns / 1e3))
        columns.step.append(call.step)
        columns.service_ns.append(round(call.service_ns))
        columns.error.append(call.error)
        columns.message.append(call.message)
        spent_ns += call.spent_ns
    lists = {one.name: getattr(columns, one.name) for one in dataclasses.fields(columns)}
    selected = ", ".join(f"unnest(${name}) AS {name}" for name in lists)
    into.execute(f"INSERT INTO {TABLE} BY NAME SELECT '{KIND}' AS kind, {selected}", lists)
    since = "from when the file was written" if began is None else "from the one time in the file"
    return (ORDER_NOTE.format(since=since), *coarse_notes((c.step, c.service_ns) for c in calls))


def coarse_notes(times_ns: Iterable[tuple[str, float]]) -> tuple[str, ...]:
    """Which benchmarks lose more than half a percent to whole nanoseconds, if any."""
    coarse = list(dict.fromkeys(name for name, ns in times_ns if 0 < ns < _COARSE_NS))
    if not coarse:
        return ()
    more = f" and {len(coarse) - _NAMED} more" if len(coarse) > _NAMED else ""
    return (COARSE_NOTE.format(names=", ".join(coarse[:_NAMED]) + more),)


def told_apart(names: Sequence[str]) -> list[str]:
    """The names, where one comes again with a number: `sleep 1`, `sleep 1 (2)`."""
    seen: dict[str, int] = {}
    apart = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        apart.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return apart


def _microseconds(seconds: float) -> int:
    return max(1, round(seconds * 1e6))
