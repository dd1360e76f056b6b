"""A series from a CSV file: one row a measurement, with or without a time.

Header (optional) and separator (, ; tab or |) are recognised. The time column is the one with a
time's name, else the first that reads as times; the value column the one asked for, else the one
with a value's name, else the first other one that reads as numbers. Rows are put in order of time;
empty values, NaN and text are missing, and everything that was put right is said in the notes, with
line numbers. DataError: no such column, no values, no CSV, more than `ROWS_MAX` rows.
"""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from perfwright.model.errors import DataError, os_reason
from perfwright.model.trend import NamedSeries, Time
from perfwright.sources.series.times import number_of, seconds_of

ROWS_MAX = 2_000_000
_SEPARATORS = ",;\t|"
_TIME_NAMES = ("time", "timestamp", "datetime", "date", "ts", "t", "time_stamp", "started_at", "at")
_VALUE_NAMES = ("value", "values", "y", "v", "p95", "p99", "p50", "mean", "metric")
_MISSING = {"", "nan", "null", "none", "na", "n/a", "-", "–"}
_SAMPLE = 200
_SHARE = 0.5
_MOST = 1e100
_SHOWN = 3


def read_series(path: Path, *, column: str = "") -> NamedSeries:
    """`column`: the name of the value column, where the file has more than one."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            first = file.readline(1_000_000)
            file.seek(0)
            separator = max(_SEPARATORS, key=first.count)
            return _series(path, _rows(path, csv.reader(file, delimiter=separator)), column)
    except OSError as error:
        raise DataError(f"--csv: cannot read {path}: {os_reason(error)}") from error
    except csv.Error as error:
        raise DataError(f"--csv: {path} is no CSV: {error}") from error


def _rows(path: Path, reader: Iterator[list[str]]) -> list[tuple[int, list[str]]]:
    """Rows with something in them, each with its line number."""
    rows: list[tuple[int, list[str]]] = []
    for line, row in enumerate(reader, 1):
        if any(cell.strip() for cell in row):
            rows.append((line, row))
        if len(rows) > ROWS_MAX:
            raise DataError(f"--csv: {path} has more than {ROWS_MAX:,} rows; split or thin it")
    if not rows:
        raise DataError(f"--csv: {path} is empty; write rows of time,value below a header")
    return rows


def _series(path: Path, rows: list[tuple[int, list[str]]], column: str) -> NamedSeries:
    notes = []
    head = [cell.strip() for cell in rows[0][1]]
    if all(_is_data(cell) for cell in head):
        notes.append("no header: the first row is taken as data")
        head = [f"column {number}" for number in range(1, len(head) + 1)]
    else:
        rows = rows[1:]
    sample = [row for _, row in rows[:_SAMPLE]]
    time_at = _time_column(head, sample)
    value_at = _value_column(path, head, sample, time_at, column)
    values = [_value(_cell(row, value_at)) for _, row in rows]
    notes += _of_missing([(line, _cell(row, value_at)) for line, row in rows], values)
    if all(map(math.isnan, values)):
        raise DataError(
            f"--csv: {path}: column {head[value_at]!r} has no numbers; name another with --column"
        )
    if time_at is None:
        return NamedSeries(
            name=head[value_at], unit="", times=range(len(values)), values=values,
            notes=tuple(notes),
        )  # fmt: skip
    return _in_order(
        head[value_at], [(line, _cell(row, time_at)) for line, row in rows], values, notes
    )


def _in_order(
    name: str, stamps: Sequence[tuple[int, str]], values: Sequence[float], notes: list[str]
) -> NamedSeries:
    """Rows by time; those without a readable one are left out, for they have no place."""
    read = [seconds_of(text) for _, text in stamps]
    bad = [line for (line, _), seconds in zip(stamps, read, strict=True) if seconds is None]
    if bad:
        notes.append(f"{_lines(bad)}: no time that can be read; left out")
    kept = [
        (seconds, _as_written(text), value)
        for seconds, (_, text), value in zip(read, stamps, values, strict=True)
        if seconds is not None
    ]
    ordered = sorted(kept, key=lambda row: row[0])
    if [row[0] for row in ordered] != [row[0] for row in kept]:
        notes.append("rows were not in order of time; they are sorted, and indices count them so")
    same = sum(a[0] == b[0] for a, b in itertools.pairwise(ordered))
    if same:
        notes.append(f"{same:,} rows have the same time as the one before; all are kept")
    return NamedSeries(
        name=name,
        unit="",
        times=[row[1] for row in ordered],
        values=[row[2] for row in ordered],
        seconds=[row[0] for row in ordered],
        notes=tuple(notes),
    )


def _time_column(head: Sequence[str], sample: Sequence[Sequence[str]]) -> int | None:
    for at, name in enumerate(head):
        if name.lower() in _TIME_NAMES and _share(sample, at, _is_time) > _SHARE:
            return at
    for at in range(len(head)):  # numbers alone could be anything
        if _share(sample, at, lambda text: number_of(text) is None and _is_time(text)) > _SHARE:
            return at
    return None


def _value_column(
    path: Path, head: Sequence[str], sample: Sequence[Sequence[str]], time_at: int | None,
    column: str,
) -> int:  # fmt: skip
    if column:
        if column not in head:
            raise DataError(
                f"--column: {path} has no column {column!r}; it has {', '.join(head[:12])}"
            )
        return head.index(column)
    numeric = [
        at for at in range(len(head))
        if at != time_at and _share(sample, at, _is_number) > 0
    ]  # fmt: skip
    if not numeric:
        raise DataError(
            f"--csv: {path} has no column of numbers beside the time; it has {', '.join(head[:12])}"
        )
    named = [at for name in _VALUE_NAMES for at in numeric if head[at].lower() == name]
    full = [at for at in numeric if _share(sample, at, _is_number) > _SHARE]
    return (named or full or numeric)[0]


def _of_missing(cells: Sequence[tuple[int, str]], values: Sequence[float]) -> Iterator[str]:
    empty = [line for (line, text), value in zip(cells, values, strict=True)
             if math.isnan(value) and text.strip().lower() in _MISSING]  # fmt: skip
    odd = [line for (line, text), value in zip(cells, values, strict=True)
           if math.isnan(value) and text.strip().lower() not in _MISSING]  # fmt: skip
    if empty:
        yield f"{len(empty):,} values are missing ({_lines(empty)})"
    if odd:
        yield f"{_lines(odd)}: no number; taken as missing"


def _lines(lines: Sequence[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:_SHOWN])
    more = f" and {len(lines) - _SHOWN:,} more" if len(lines) > _SHOWN else ""
    return f"line {shown}{more}" if len(lines) == 1 else f"lines {shown}{more}"


def _cell(row: Sequence[str], at: int) -> str:
    return row[at] if at < len(row) else ""


def _value(text: str) -> float:
    """NaN where it is missing or beyond all measure; `1,5` is what a ; file calls 1.5."""
    number = number_of(text)
    if number is None:
        number = number_of(text.strip().replace(",", ".", 1))
    return number if number is not None and abs(number) < _MOST else float("nan")


def _as_written(text: str) -> Time:
    """A number as a number, so that JSON has it as it was."""
    text = text.strip()
    number = number_of(text)
    if number is None:
        return text
    return int(number) if number.is_integer() and "." not in text else number


def _is_data(cell: str) -> bool:
    return cell.lower() in _MISSING or _is_time(cell)


def _is_number(text: str) -> bool:
    return not math.isnan(_value(text))


def _is_time(text: str) -> bool:
    return seconds_of(text) is not None


def _share(sample: Sequence[Sequence[str]], at: int, good: Callable[[str], bool]) -> float:
    """Of the cells that hold something, how many are `good`: 0..1."""
    cells = [_cell(row, at) for row in sample]
    full = [cell for cell in cells if cell.strip().lower() not in _MISSING]
    return sum(map(good, full)) / len(full) if full else 0.0
