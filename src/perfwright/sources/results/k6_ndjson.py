"""k6's JSON output (`k6 run --out json=FILE`): one JSON object a line, a metric or a point of one.

https://grafana.com/docs/k6/latest/results-output/real-time/json: `time` with its zone, `value` in
ms, `tags` as strings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.imported import Imported
from perfwright.sources.results.heads import Head
from perfwright.sources.results.k6_points import TAGS, WANTED, k6_select
from perfwright.sources.results.line_rows import LineQuery, insert_lines
from perfwright.sources.results.times import date_us
from perfwright.sources.results.unread import Unread

if TYPE_CHECKING:
    import duckdb

_TYPE = r'"type"\s*:\s*"(Metric|Point)"'
_METRIC = r'"metric"\s*:\s*"'
_BEGINS = re.compile(rf"\s*\{{\s*({_TYPE}|{_METRIC})")
_STRINGS = ", ".join(f'"{tag}": "VARCHAR"' for tag in (*TAGS, "status", "error_code"))
_SHAPE = (
    '{"metric": "VARCHAR", "type": "VARCHAR", "data":'
    f' {{"time": "VARCHAR", "value": "DOUBLE", "tags": {{{_STRINGS}}}}}}}'
)


class K6Ndjson:
    tool = "k6"
    name = "k6 JSON lines"

    def recognises(self, head: Head) -> bool:
        line = head.first_line
        return bool(_BEGINS.match(line) and re.search(_TYPE, line) and re.search(_METRIC, line))

    def read(self, files: Sequence[Path], into: duckdb.DuckDBPyConnection) -> Imported:
        unread = Unread()
        for file in files:
            unread.add(insert_lines(into, file, _QUERY))
        return Imported(bad_lines=unread.count, examples=tuple(unread.examples))


def _fields() -> str:
    tags = [f"nullif(record.data.tags.{tag}, '') AS {name}" for tag, name in TAGS.items()]
    return ", ".join(
        (
            "record.metric AS metric",
            "record.type AS type",
            "record.data.value AS value",
            f"{date_us('record.data.time')} AS at_us",
            "TRY_CAST(record.data.tags.status AS INTEGER) AS status",
            "TRY_CAST(record.data.tags.error_code AS INTEGER) AS code",
            *tags,
        )
    )


_QUERY = LineQuery(
    parsed=f"json_transform(TRY_CAST(line AS JSON), '{_SHAPE}')",
    fields=_fields(),
    wanted=f"coalesce(type, '') <> 'Metric' AND (metric IS NULL OR type IS NULL OR {WANTED})",
    sensible="type = 'Point' AND at_us IS NOT NULL AND isfinite(value)",
    select=k6_select(),
    why="is no point of k6: JSON with a metric, a time and a value",
)
