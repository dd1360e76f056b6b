"""k6's CSV output (`k6 run --out csv=FILE`): one point a row.

https://grafana.com/docs/k6/latest/results-output/real-time/csv. The columns differ from version to
version; the header tells them. Timestamps are whole seconds unless K6_CSV_TIME_FORMAT says
otherwise, so that starts are known to the second only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.imported import Imported
from perfwright.sources.results.csv_rows import distinct, insert_rows, row_of
from perfwright.sources.results.heads import Head, head_of
from perfwright.sources.results.k6_points import TAGS, WANTED, k6_select
from perfwright.sources.results.times import date_us, instant_us
from perfwright.sources.results.unread import Unread

if TYPE_CHECKING:
    import duckdb

_BEGINS = "metric_name,timestamp,metric_value"
_TIMESTAMP = '"timestamp"'
_DIGITS_OF_SECONDS = 11
_WHOLE_SECONDS = (
    "k6 wrote whole seconds: when in its second a request was is not known"
    " (K6_CSV_TIME_FORMAT=unix_milli tells it)."
)


class K6Csv:
    tool = "k6"
    name = "k6 CSV"

    def recognises(self, head: Head) -> bool:
        return head.first_line.startswith(_BEGINS)

    def read(self, files: Sequence[Path], into: duckdb.DuckDBPyConnection) -> Imported:
        unread = Unread()
        notes: tuple[str, ...] = ()
        for file in files:
            head = head_of(file)
            timestamp = _first_timestamp(head)
            if timestamp.isdigit() and len(timestamp) <= _DIGITS_OF_SECONDS:
                notes = (_WHOLE_SECONDS,)
            types = {
                "timestamp": "BIGINT" if timestamp.isdigit() else "VARCHAR",
                "metric_value": "DOUBLE",
            }
            names = distinct(row_of(head.first_line))
            unread.add(
                insert_rows(
                    into,
                    file,
                    columns={name: types.get(name, "VARCHAR") for name in names},
                    fields=_fields(names, is_number=timestamp.isdigit()),
                    select=k6_select(),
                    where=WANTED,
                )
            )
        return Imported(bad_lines=unread.count, examples=tuple(unread.examples), notes=notes)


def _first_timestamp(head: Head) -> str:
    row = row_of("".join(head.text.split("\n")[1:2]))
    return row[1] if len(row) > 1 else ""


def _fields(names: Sequence[str], *, is_number: bool) -> str:
    """The columns of a point; what the file does not have is NULL."""

    def text(name: str) -> str:
        return f"nullif(\"{name}\", '')" if name in names else "NULL::VARCHAR"

    return ", ".join(
        (
            "metric_name AS metric",
            "metric_value AS value",
            f"{instant_us(_TIMESTAMP) if is_number else date_us(_TIMESTAMP)} AS at_us",
            f"TRY_CAST({text('status')} AS INTEGER) AS status",
            f"TRY_CAST({text('error_code')} AS INTEGER) AS code",
            *(f"{text(tag)} AS {column}" for tag, column in TAGS.items()),
        )
    )
