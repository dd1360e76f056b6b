"""Any CSV file with a header, its columns told by a mapping (`mapping.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.imported import Imported
from perfwright.sources.results.csv_rows import distinct, insert_rows, row_of
from perfwright.sources.results.error_kinds import kind_in_sql
from perfwright.sources.results.heads import Head, head_of
from perfwright.sources.results.mapping import (
    INSTANTS,
    PHASES,
    ColumnMap,
    MappedColumn,
    check_columns,
)
from perfwright.sources.results.step_names import UNNAMED, step_of
from perfwright.sources.results.times import (
    date_us,
    instant_us,
    last_row,
    ns,
    optional_ns,
    place_by_file,
)
from perfwright.sources.results.unread import Unread

if TYPE_CHECKING:
    import duckdb

_DELIMITERS = ",;\t|"
_NUMBER = "DECIMAL(38, 9)"
_NO = ("", "0", "no", "false", "none", "null", "-", "ok", "pass", "passed", "success")
_YES = ("1", "yes", "true", "ok", "pass", "passed", "success")


class MappedCsv:
    """`columns` are told by the user, or by a format that knows its own."""

    tool = "CSV"
    name = "CSV with a mapping"

    def __init__(self, columns: ColumnMap) -> None:
        self._columns = columns

    def recognises(self, head: Head) -> bool:
        names = header_of(head)[1]
        return all(column.name in names for column in self._columns.values())

    def read(self, files: Sequence[Path], into: duckdb.DuckDBPyConnection) -> Imported:
        unread = Unread()
        notes = []
        for file in files:
            before = last_row(into)
            unread.add(_insert(into, file, self._columns))
            notes.append(place_by_file(into, file, before))
        return Imported(
            bad_lines=unread.count,
            examples=tuple(unread.examples),
            knows_intended_start="intended" in self._columns,
            notes=tuple(note for note in notes if note),
        )


def header_of(head: Head) -> tuple[str, Sequence[str]]:
    """The delimiter that parts the first line into the most names, and these."""
    rows = {delimiter: row_of(head.first_line, delimiter) for delimiter in _DELIMITERS}
    delimiter, names = max(rows.items(), key=lambda row: len(row[1]))
    return delimiter, distinct(names)


def _insert(into: duckdb.DuckDBPyConnection, file: Path, columns: ColumnMap) -> Unread:
    head = head_of(file)
    delimiter, names = header_of(head)
    check_columns(columns, names, file)
    first = row_of("".join(head.text.split("\n")[1:2]), delimiter)
    values = dict(zip(names, first, strict=False))
    types = dict.fromkeys(names, "VARCHAR")
    for field, column in columns.items():
        is_instant = field in INSTANTS and _is_number(values.get(column.name, ""))
        if field in ("elapsed", *PHASES) or is_instant:
            types[column.name] = _NUMBER
    select = _select(columns, types)
    return insert_rows(into, file, columns=types, select=select, delimiter=delimiter)


def _select(columns: ColumnMap, types: Mapping[str, str]) -> str:
    def text(field: str) -> str:
        return f"nullif(trim({_name(columns[field])}), '')" if field in columns else "NULL"

    def instant(field: str) -> str:
        column = columns[field]
        is_number = types[column.name] == _NUMBER
        value = _name(column)
        return instant_us(value, column.unit) if is_number else date_us(f"trim({value})")

    elapsed = ns(_name(columns["elapsed"]), columns["elapsed"].unit)
    if "started" in columns:
        started = instant("started")
    else:
        started = f"{instant('ended')} - {elapsed} // 1000"
    status = f"TRY_CAST({text('status')} AS INTEGER)"
    failed = _failed(columns, text("error"), text("success"), status)
    by_url = step_of("NULL", text("url"))
    parts = {
        "started_us": started,
        "step": f"coalesce({text('step')}, {by_url}, '{UNNAMED}')",
        "service_ns": elapsed,
        "status": status,
        "error": f"CASE WHEN {failed} THEN {kind_in_sql(status, text('message'))} END",
        "message": f"CASE WHEN {failed} THEN ({text('message')})[:500] END",
        "url": f"CASE WHEN {failed} THEN {text('url')} END",
    }
    for field in PHASES:
        if field in columns:
            parts[f"{field}_ns"] = optional_ns(_name(columns[field]), columns[field].unit)
    for field in ("bytes_sent", "bytes_received", "users"):
        parts[field] = f"TRY_CAST({text(field)} AS BIGINT)"
    if "intended" in columns:
        parts["response_ns"] = f"{elapsed} + ({started} - {instant('intended')}) * 1000"
    return ", ".join(f"{value} AS {name}" for name, value in parts.items())


def _failed(columns: ColumnMap, error: str, success: str, status: str) -> str:
    """By `error` or `success` where they are mapped, else by the status."""
    if "error" in columns:
        return f"(lower(coalesce({error}, '')) NOT IN {_NO})"
    if "success" in columns:
        return f"(lower(coalesce({success}, '')) NOT IN {_YES})"
    return f"coalesce({status} >= 400, false)"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _name(column: MappedColumn) -> str:
    escaped = column.name.replace('"', '""')
    return f'"{escaped}"'
