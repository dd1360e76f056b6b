"""What other tools' result files come to: one row a request, in columns that all readers fill.

A reader (`sources/results/`) inserts into the table `samples`; the store counts that table into a
run (`store/imported.py`). Formats that kept no requests, only sums, come as a `Summary` instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from perfwright.model.frame import MEASURES, Tally

TABLE = "samples"

SAMPLE_COLUMNS: Mapping[str, str] = {
    "started_us": "BIGINT",
    "step": "VARCHAR",
    "kind": "VARCHAR",
    **{f"{measure}_ns": "BIGINT" for measure in MEASURES},
    "status": "INTEGER",
    "error": "VARCHAR",
    "message": "VARCHAR",
    "url": "VARCHAR",
    "bytes_sent": "BIGINT",
    "bytes_received": "BIGINT",
    "users": "BIGINT",
    "passed": "BOOLEAN",
    "iterations": "BIGINT",
    "dropped": "BIGINT",
}
"""`started_us`: µs since the epoch. A row with `service_ns` is a request, started → last byte; one
without only adds to other measures. `response_ns`: NULL where the tool knows no intended start,
and then service time stands for it. `kind`: NULL for a request, or "call", or "group". `error`:
NULL, or a kind of `model/frame.py`. `message`, `url`: of failures, as far as they are known.
`users`: active then. `passed`: makes the row a check, named by its step. `iterations`, `dropped`:
so many ended then, or never started. What a format does not hold stays NULL."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line (1-based) that could not be read, and why."""

    file: str
    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Sums without requests: all that was counted in `duration_s` seconds, in one `tally`, whose
    histograms are made of the percentiles that the file tells (`Histogram.of_quantiles`).
    `quantiles`: which those are (0..1; 1 where the maximum is told); no other is shown or judged.
    Empty: the file held every value. `started_at`: ISO 8601 UTC, "" where the file does not say."""

    duration_s: float
    tally: Tally
    quantiles: tuple[float, ...] = ()
    started_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a reader made of its files. `bad_lines` counts what was left out, `examples` are the
    first few. `knows_intended_start`: response times are free of coordinated omission."""

    bad_lines: int = 0
    examples: tuple[BadLine, ...] = ()
    knows_intended_start: bool = False
    summary: Summary | None = None
    notes: tuple[str, ...] = ()
