"""vegeta's results as JSON lines (`vegeta encode FILE`): one request a line.

https://github.com/tsenart/vegeta, lib/results.go: `timestamp` is when the request was begun,
`latency` the time to the last byte in ns, `code` 0 where there was no answer, `error` also of
answers outside 200–399.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.imported import Imported
from perfwright.sources.results.error_kinds import kind_in_sql
from perfwright.sources.results.heads import Head
from perfwright.sources.results.line_rows import LineQuery, insert_lines
from perfwright.sources.results.step_names import UNNAMED, step_of
from perfwright.sources.results.times import date_us
from perfwright.sources.results.unread import Unread

if TYPE_CHECKING:
    import duckdb

_BEGINS = re.compile(r'\s*\{\s*"attack"\s*:\s*"[^"]*"\s*,\s*"seq"\s*:')
_SHAPE = (
    '{"attack": "VARCHAR", "code": "INTEGER", "timestamp": "VARCHAR", "latency": "BIGINT",'
    ' "bytes_out": "BIGINT", "bytes_in": "BIGINT", "error": "VARCHAR", "method": "VARCHAR",'
    ' "url": "VARCHAR"}'
)
_FAILED = "(NOT code BETWEEN 200 AND 399 OR coalesce(record.error, '') <> '')"
_QUERY = LineQuery(
    parsed=f"json_transform(TRY_CAST(line AS JSON), '{_SHAPE}')",
    fields=f"record, {date_us('record.timestamp')} AS started_us, record.code AS code",
    wanted="true",
    sensible="started_us IS NOT NULL AND record.latency IS NOT NULL AND code IS NOT NULL",
    select=", ".join(
        (
            "started_us",
            f"coalesce({step_of('record.method', 'record.url')}, nullif(record.attack, ''),"
            f" '{UNNAMED}') AS step",
            "record.latency AS service_ns",
            "nullif(code, 0) AS status",
            f"CASE WHEN {_FAILED} THEN {kind_in_sql('code', 'record.error')} END AS error",
            f"CASE WHEN {_FAILED} THEN record.error[:500] END AS message",
            f"CASE WHEN {_FAILED} THEN record.url END AS url",
            "record.bytes_out AS bytes_sent",
            "record.bytes_in AS bytes_received",
        )
    ),
    why="is no result of vegeta: JSON with a code, a timestamp and a latency",
)


class VegetaJson:
    tool = "vegeta"
    name = "vegeta JSON lines"

    def recognises(self, head: Head) -> bool:
        return bool(_BEGINS.match(head.text))

    def read(self, files: Sequence[Path], into: duckdb.DuckDBPyConnection) -> Imported:
        unread = Unread()
        for file in files:
            unread.add(insert_lines(into, file, _QUERY))
        return Imported(bad_lines=unread.count, examples=tuple(unread.examples))
