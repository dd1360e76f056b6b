"""Locust's CSV files (`--csv PREFIX`), any of one run together; told apart by their headers.

    PREFIX_stats.csv           by request: counts, mean, min, max, percentiles     the steps
    PREFIX_failures.csv        by request and error: how often                     kinds, messages
    PREFIX_stats_history.csv   every second or so: users, totals until then        start, users
    PREFIX_exceptions.csv      exceptions in user code                             as ours

https://docs.locust.io/en/stable/retrieving-stats.html. Times are ms; percentiles are of times that
Locust rounds to two digits. `Aggregated` is the sum of all and no step. Rates of the
statistics are requests ÷ time of the run, which gives its length. The history alone gives the
totals of its last rows, and its length by its first and last; its rates and, where it is a full
one, its percentiles are those of the last ten seconds and are left aside.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.errors import DataError
from perfwright.model.frame import Exemplar, ScenarioError, StepTally, Tally
from perfwright.model.histogram import Histogram
from perfwright.model.imported import BadLine, Imported, Summary
from perfwright.model.units import NS_PER_MS
from perfwright.sources.results.csv_rows import row_of
from perfwright.sources.results.documents import iso, number, share, text_of, whole
from perfwright.sources.results.error_kinds import kind_of_message
from perfwright.sources.results.failure_notes import failure_of
from perfwright.sources.results.heads import Head

if TYPE_CHECKING:
    import duckdb

Row = Mapping[str, str]

_STATS, _FAILURES, _HISTORY, _EXCEPTIONS = "stats", "failures", "history", "exceptions"
_HEADERS = {
    _STATS: {"Type", "Name", "Request Count", "Failure Count"},
    _FAILURES: {"Method", "Name", "Error", "Occurrences"},
    _HISTORY: {"Timestamp", "User Count", "Type", "Name", "Total Request Count"},
    _EXCEPTIONS: {"Count", "Message", "Traceback", "Nodes"},
}
_FRAME = re.compile(r'^ *File "(.*)", line \d+, in (.+)$', re.MULTILINE)
_TOTALS = ("Aggregated", "Total")
_ROUNDED = (
    "Locust rounds the times behind its percentiles to two digits; mean and maximum are exact."
)
_FROM_HISTORY = (
    "Read from the history alone: give PREFIX_stats.csv with it for all percentiles by request."
)


class Locust:
    tool = "Locust"
    name = "Locust statistics (CSV)"

    def recognises(self, head: Head) -> bool:
        return _kind_of(head.first_line) is not None

    def read(self, files: Sequence[Path], _into: duckdb.DuckDBPyConnection) -> Imported:
        rows, bad = _rows_of(files)
        steps_from = rows[_STATS] or _last_of_history(rows[_HISTORY])
        if not steps_from:
            raise DataError(
                f"import: {files[0]} tells of no request; give the run's PREFIX_stats.csv with it"
            )
        tally = _tally_of(rows, steps_from)
        summary = Summary(
            duration_s=_duration_s(rows),
            tally=tally,
            quantiles=_quantiles_of(steps_from),
            started_at=_started_at(rows[_HISTORY]),
        )
        notes = (_ROUNDED,) if rows[_STATS] else (_ROUNDED, _FROM_HISTORY)
        return Imported(
            bad_lines=len(bad), examples=tuple(bad[:5]), summary=summary, notes=notes
        )  # fmt: skip


def _kind_of(first_line: str) -> str | None:
    header = set(row_of(first_line))
    return next((kind for kind, needed in _HEADERS.items() if needed <= header), None)


def _rows_of(files: Sequence[Path]) -> tuple[dict[str, list[Row]], list[BadLine]]:
    """The rows by kind of file, and the lines that are none."""
    rows: dict[str, list[Row]] = {kind: [] for kind in _HEADERS}
    bad: list[BadLine] = []
    for file in files:
        text = text_of(file)
        kind = _kind_of(text.partition("\n")[0].rstrip("\r"))
        if kind is None:
            raise DataError(f"import: {file} does not begin as a file of Locust's does")
        reader = csv.reader(io.StringIO(text))
        try:
            header = next(reader)
            for cells in reader:
                if len(cells) == len(header):
                    rows[kind].append(dict(zip(header, cells, strict=True)))
                elif cells:
                    why = f"{len(cells)} columns where the header has {len(header)}"
                    bad.append(BadLine(str(file), reader.line_num, ",".join(cells)[:120], why))
        except csv.Error as error:
            bad.append(BadLine(str(file), reader.line_num, "", str(error)))
    return rows, bad


def _last_of_history(history: Sequence[Row]) -> list[Row]:
    """The last row of each request, with the names that the statistics give to its columns."""
    last = {(row["Type"], row["Name"]): row for row in history}
    is_full = any(name not in _TOTALS for _, name in last)
    return [
        {
            name.removeprefix("Total "): value
            for name, value in row.items()
            if not (is_full and name.endswith("%"))
        }
        for row in last.values()
    ]


def _tally_of(rows: Mapping[str, Sequence[Row]], steps_from: Sequence[Row]) -> Tally:
    """The totals are a step only where there is no other."""
    named = [row for row in steps_from if row["Name"] not in _TOTALS] or steps_from
    tally = Tally(users_active=max((whole(row["User Count"]) for row in rows[_HISTORY]), default=0))
    for row in named:
        tally.steps.setdefault(_step_name(row["Type"], row["Name"]), StepTally()).merge(_step(row))
    for row in rows[_FAILURES]:
        name = _step_name(row["Method"], row["Name"])
        step = tally.steps.get(name) or tally.steps.get(_TOTALS[0])
        count, kind = whole(row["Occurrences"]), _error_kind(row["Error"])
        if step is not None and count:
            step.error_kinds[kind] = step.error_kinds.get(kind, 0) + count
            tally.exemplars.append(_failure(row, name, kind))
    for step in tally.steps.values():
        unexplained = step.errors - sum(step.error_kinds.values())
        if unexplained > 0:
            step.error_kinds["exception"] = step.error_kinds.get("exception", 0) + unexplained
    tally.scenario_errors = list(_exceptions(rows[_EXCEPTIONS]))
    return tally


def _step(row: Row) -> StepTally:
    requests = whole(row["Request Count"])
    times = Histogram.of_quantiles(
        requests,
        {q: told * NS_PER_MS for q, told in _percentiles(row).items()},
        mean=_ns(row, "Average Response Time"),
        minimum=_ns(row, "Min Response Time"),
        maximum=_ns(row, "Max Response Time"),
    )
    return StepTally(
        requests=requests,
        errors=min(requests, whole(row["Failure Count"])),
        bytes_received=round(requests * (number(row.get("Average Content Size")) or 0.0)),
        measures={"service": times},
    )


def _percentiles(row: Row) -> dict[float, float]:
    """In ms, by q; `100%` is the rounded maximum and is left to the exact one."""
    found = {}
    for name, value in {"50%": row.get("Median Response Time"), **row}.items():
        q = number(name.removesuffix("%")) if name.endswith("%") else None
        told = number(value)
        if q is not None and q < 100 and told is not None:
            found[share(q)] = told
    return found


def _ns(row: Row, name: str) -> float | None:
    told_ms = number(row.get(name))
    return None if told_ms is None else told_ms * NS_PER_MS


def _quantiles_of(rows: Sequence[Row]) -> tuple[float, ...]:
    known = {q for row in rows for q in _percentiles(row)}
    return (*sorted(known), 1.0)


def _duration_s(rows: Mapping[str, Sequence[Row]]) -> float:
    """Of the longest-running row: requests ÷ rate; of the history alone: from its first row to its
    last."""
    if not rows[_STATS]:
        stamps = _stamps_s(rows[_HISTORY])
        return max(stamps) - min(stamps) if stamps else 0.0
    lengths = [
        whole(row["Request Count"]) / rate
        for row in rows[_STATS]
        if (rate := number(row.get("Requests/s")))
    ]
    return max(lengths, default=0.0)


def _started_at(history: Sequence[Row]) -> str:
    stamps = _stamps_s(history)
    return iso(datetime.fromtimestamp(min(stamps), UTC)) if stamps else ""


def _stamps_s(history: Sequence[Row]) -> list[float]:
    return [stamp for row in history if (stamp := number(row["Timestamp"]))]


def _step_name(method: str, name: str) -> str:
    """`GET /items`; tasks that are no HTTP requests often have no type."""
    if method in ("", "None") or name.startswith(f"{method} "):
        return name
    return f"{method} {name}"


def _error_kind(message: str) -> str:
    """What a `catch_response` block called a failure is a failed check."""
    return kind_of_message(
        message, otherwise="check" if message.startswith("CatchResponseError") else "exception"
    )


def _failure(row: Row, step: str, kind: str) -> Exemplar:
    return failure_of(step, kind, row["Error"], method=row["Method"])


def _exceptions(rows: Sequence[Row]) -> Iterator[ScenarioError]:
    """Locust keeps their frames and messages, not their types."""
    for row in rows:
        frames = _FRAME.findall(row["Traceback"])
        own = (function for file, function in frames if "/locust/" not in file)
        yield ScenarioError(
            where=next(own, "a task"),
            type="Exception",
            message=row["Message"],
            traceback=row["Traceback"],
            count=whole(row["Count"]),
        )
