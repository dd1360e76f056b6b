"""Micro-benchmarks: each measured time is a call of the step that has the benchmark's name.

    second     0        1        2        3
    BM_copy    3 µs     3.1 µs   3 µs     3.2 µs         repetition k completes in second k
    BM_sort    9 µs     9.1 µs   9 µs     9 µs

What was timed ran one after another, so nothing was due before it started: response time is service
time, and there is no omission to correct. Tools keep no clock of single measurements: a repetition
stands in a second of its own, since seconds are what a comparison takes as its observations. More
than `SECONDS_MAX` repetitions share them evenly. A time is kept in whole ns.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
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
SECONDS_MAX = 600
ORDER_NOTE = (
    "The file has no clock of single measurements: {each} in a second of its own {since}, so what"
    " is said per second is said per repetition."
)
COARSE_NOTE = (
    "Times are kept in whole nanoseconds, which is coarse for these: {names}. Let each measurement"
    " do more."
)
_COARSE_NS = 100.0
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One measured time of a benchmark: of one call, or the mean of several."""

    step: str
    service_ns: float
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
    """A second each from `began` on, or from when the file was written; returns the notes.
    DataError: there are none."""
    if not calls:
        raise DataError(f"import: {file} holds no measured time")
    begin_s = int(file.stat().st_mtime if began is None else began.timestamp())
    often = Counter(call.step for call in calls)
    seconds = min(max(often.values()), SECONDS_MAX)
    columns = _Columns(started_us=[], step=[], service_ns=[], error=[], message=[])
    placed: Counter[str] = Counter()
    for call in calls:
        second = begin_s + placed[call.step] * seconds // often[call.step]
        placed[call.step] += 1
        columns.started_us.append(max(1, round((second + 0.5) * 1e6 - call.service_ns / 1e3)))
        columns.step.append(call.step)
        columns.service_ns.append(round(call.service_ns))
        columns.error.append(call.error)
        columns.message.append(call.message)
    lists = {one.name: getattr(columns, one.name) for one in dataclasses.fields(columns)}
    selected = ", ".join(f"unnest(${name}) AS {name}" for name in lists)
    into.execute(f"INSERT INTO {TABLE} BY NAME SELECT '{KIND}' AS kind, {selected}", lists)
    told = "when the file was written" if began is None else "the one time in the file"
    order = ORDER_NOTE.format(
        each="each stands" if seconds == max(often.values()) else "several together stand",
        since=f"from {told}",
    )
    return (order, *coarse_notes((call.step, call.service_ns) for call in calls))


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
