"""hey's CSV output (`hey -o csv`): one answered request a row, in seconds with four decimals.

https://github.com/rakyll/hey, requester/print.go: `response-time` is the whole request with the
connection's set-up (`DNS+dialup`, of which `DNS`), `offset` its start since the test's. hey tells
no date, no URL, and nothing of requests without an answer; it keeps the first million.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.imported import Imported
from perfwright.sources.results.csv_rows import insert_rows
from perfwright.sources.results.error_kinds import kind_in_sql
from perfwright.sources.results.heads import Head
from perfwright.sources.results.step_names import UNNAMED
from perfwright.sources.results.times import (
    instant_us,
    last_row,
    ns,
    optional_ns,
    phase_ns,
    place_by_file,
)
from perfwright.sources.results.unread import Unread

if TYPE_CHECKING:
    import duckdb

_BEGINS = (
    "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset"
)
_COLUMNS = {
    **dict.fromkeys(("total", "dialup", "dns", "write", "delay", "read"), "DECIMAL(18, 6)"),
    "code": "INTEGER",
    "begun": "DECIMAL(18, 6)",
}
_SELECT = ", ".join(
    (
        f"{instant_us('begun', 's')} AS started_us",
        f"'{UNNAMED}' AS step",
        f"{ns('total', 's')} AS service_ns",
        f"{phase_ns('dns', 's')} AS dns_ns",
        f"{phase_ns('greatest(dialup - dns, 0)', 's')} AS connect_ns",
        f"{optional_ns('write', 's')} AS send_ns",
        f"{optional_ns('delay', 's')} AS wait_ns",
        f"{optional_ns('read', 's')} AS receive_ns",
        "code AS status",
        f"CASE WHEN code >= 400 THEN {kind_in_sql('code', 'NULL')} END AS error",
    )
)
_LEFT_OUT = "hey's CSV holds only requests that were answered: its other errors are not known."


class HeyCsv:
    tool = "hey"
    name = "hey CSV"

    def recognises(self, head: Head) -> bool:
        return head.first_line == _BEGINS

    def read(self, files: Sequence[Path], into: duckdb.DuckDBPyConnection) -> Imported:
        unread = Unread()
        notes = [_LEFT_OUT]
        for file in files:
            before = last_row(into)
            unread.add(insert_rows(into, file, columns=_COLUMNS, select=_SELECT))
            note = place_by_file(into, file, before)
            notes += [note] if note else []
        return Imported(bad_lines=unread.count, examples=tuple(unread.examples), notes=tuple(notes))
