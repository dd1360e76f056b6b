"""What probes saw as rows of the store's tables, and back.

A table's columns are its record's fields, led by the second that the record came in where it has
none of its own. Occurrences are kept among the run's events, under their subject.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from perfwright.model.watched import (
    Component,
    Occurrence,
    Reading,
    Sample,
    Span,
    StackCount,
    StatementPlan,
    StatementTally,
)

Row = Mapping[str, Any]
Rows = dict[str, list[Row]]

RECORDS = {
    "samples": Sample,
    "queries": StatementTally,
    "plans": StatementPlan,
    "spans": Span,
    "stacks": StackCount,
    "components": Component,
}
"""The record that a table holds."""
_FIELD = {"queries": "statements"}


def add_watched(rows: Rows, second: int, reading: Reading) -> None:
    """Add a reading that came in with second `second` to the rows of that second."""
    for table in RECORDS:
        records: Iterable[Any] = getattr(reading, _FIELD.get(table, table))
        rows[table] += [{"second": second, **asdict(record)} for record in records]
    rows["events"] += [_event(occurrence) for occurrence in reading.occurrences]


def reading_of(by_table: Mapping[str, Iterable[Row]], occurrences: Iterable[Occurrence]) -> Reading:
    """All that was watched in a run, from the rows of its tables."""
    kept: dict[str, Any] = {}
    for table, record in RECORDS.items():
        names = {field.name for field in fields(record)}
        made = (
            record(**{name: _plain(value) for name, value in row.items() if name in names})
            for row in by_table.get(table, ())
        )
        kept[_FIELD.get(table, table)] = tuple(made)
    return Reading(occurrences=tuple(occurrences), **kept)


def _event(occurrence: Occurrence) -> Row:
    return {
        "second": occurrence.second,
        "worker": None,
        "kind": occurrence.kind,
        "message": occurrence.message,
        "data": {"subject": occurrence.subject},
    }


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
