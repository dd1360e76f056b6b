"""Times of other tools in SQL: into ns and µs, whatever stands there, without ending the import.

What is no number, or too large for one, becomes -1, which the store counts among the senseless.

A number without a unit tells it by its size, as seconds since 1970 have ten digits until 2286:

    < 10^8 s since the test began   < 10^11 s   < 10^14 ms   < 10^17 µs   else ns
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.imported import TABLE

if TYPE_CHECKING:
    import duckdb

NS_PER = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
_LATEST_RELATIVE_US = 10**14


def ns(value: str, unit: str) -> str:
    """A duration in ns; -1 where it is none, NULL included."""
    return f"coalesce({optional_ns(value, unit)}, -1)"


def optional_ns(value: str, unit: str) -> str:
    """A duration in ns; NULL where it is none."""
    return f"TRY_CAST(round(({value})::DOUBLE * {NS_PER[unit]}) AS BIGINT)"


def whole(value: str, factor: int) -> str:
    """A whole number times `factor`, in whole numbers, which is quicker; NULL beyond 64 bits."""
    most = (2**63 - 1) // factor
    return f"CASE WHEN {value} BETWEEN {-most} AND {most} THEN {value} * {factor} END"


def phase_ns(value: str, unit: str) -> str:
    """As `optional_ns`, of what happens to some requests only: 0 means that it did not happen."""
    return f"nullif({optional_ns(value, unit)}, 0)"


def instant_us(value: str, unit: str = "") -> str:
    """An instant in µs, of a number; NULL where it is none."""
    number = f"({value})::DOUBLE"
    if unit:
        return f"TRY_CAST(round({number} * {NS_PER[unit] / 1000}) AS BIGINT)"
    factor = (
        f"CASE WHEN abs({number}) < 1e11 THEN 1e6 WHEN abs({number}) < 1e14 THEN 1e3"
        f" WHEN abs({number}) < 1e17 THEN 1 ELSE 1e-3 END"
    )
    return f"TRY_CAST(round({number} * {factor}) AS BIGINT)"


def date_us(text: str) -> str:
    """An instant in µs, of ISO 8601 or a span since the test began (`00:01:23.5`); a date without
    its zone is taken for UTC. NULL where it is none."""
    return (
        f"CASE WHEN regexp_matches({text}, '[0-9](Z|[+-][0-9][0-9]:?[0-9][0-9])$')"
        f" THEN epoch_us(TRY_CAST({text} AS TIMESTAMPTZ))"
        f" ELSE coalesce(epoch_us(TRY_CAST({text} AS TIMESTAMP)),"
        f" TRY_CAST(epoch(TRY_CAST({text} AS INTERVAL)) * 1000000 AS BIGINT)) END"
    )


def place_by_file(into: duckdb.DuckDBPyConnection, file: Path, after_row: int) -> str | None:
    """Give the rows after `after_row` a date, where they tell only the time since the test began:
    the last one ended when the file was written. Returns a note of it."""
    row = into.execute(
        "SELECT max(started_us), max(started_us + coalesce(service_ns, 0) // 1000)"
        f" FROM {TABLE} WHERE rowid > $after AND service_ns < $longest",
        {"after": after_row, "longest": _LATEST_RELATIVE_US * 1000},
    ).fetchone()
    if not row or row[0] is None or row[0] >= _LATEST_RELATIVE_US:
        return None
    origin_s = int(file.stat().st_mtime) - row[1] // 1_000_000 - 1
    into.execute(
        f"UPDATE {TABLE} SET started_us = started_us + $origin WHERE rowid > $after",
        {"origin": origin_s * 1_000_000, "after": after_row},
    )
    return f"{file} tells no date: its last request is taken to have ended when it was written."


def last_row(into: duckdb.DuckDBPyConnection) -> int:
    """The highest row id of `samples`, -1 where it is empty."""
    row = into.execute(f"SELECT coalesce(max(rowid), -1) FROM {TABLE}").fetchone()
    return int(row[0]) if row else -1
