"""What access logs come to: one row a request, in columns that all readers fill.

A reader (`sources/access_logs/`) inserts into the table `requests`, in the order of the lines; a
column that a format does not hold stays NULL. Values are data of strangers: nothing in them is ever
run, and nothing is unescaped twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from perfwright.model.imported import BadLine

TABLE = "requests"

REQUEST_COLUMNS: Mapping[str, str] = {
    "time_us": "BIGINT",
    "client": "VARCHAR",
    "user": "VARCHAR",
    "agent": "VARCHAR",
    "method": "VARCHAR",
    "target": "VARCHAR",
    "status": "SMALLINT",
    "bytes_sent": "BIGINT",
    "bytes_received": "BIGINT",
    "duration_us": "BIGINT",
}
"""`time_us`: µs since the epoch, UTC, when the request came (a log that stamps the end has its
duration subtracted). `client`: address. `user`: who is logged in, or a cookie's value. `target`:
path and query as sent, still percent-encoded; an absolute one loses its origin. `bytes_sent`: of
the answer. `bytes_received`: of the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFacts:
    """What reading told. `lines`: all of them, blank ones not counted. `formats`: each with its
    number of lines, most first. `bad_lines`: left out; `examples`: the first few of them. `notes`:
    what the reader guessed, one sentence each (which field is the time, which zone was assumed)."""

    files: tuple[str, ...]
    lines: int
    formats: tuple[tuple[str, int], ...]
    bad_lines: int = 0
    examples: tuple[BadLine, ...] = ()
    notes: tuple[str, ...] = ()
