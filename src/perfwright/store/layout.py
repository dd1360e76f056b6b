"""What a run folder holds, and under which names.

    DIR/runs/<id>/
        run.json        the manifest; replaced atomically, never edited
        lock            held (flock) by the writer while the run goes on
        labels.json     tags and notes given later; beside the run, which itself never changes
        *.jsonl         tables of an open run, one JSON object a line
        *.parquet       the same tables once the run has ended
    DIR/baselines/NAME.json     which runs a name means (`baselines.py`)

Tables and their columns, with units, are described in docs/store.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

RUNS = "runs"
MANIFEST = "run.json"
LOCK = "lock"
LABELS = "labels.json"

_KEY = {"second": "INTEGER", "worker": "INTEGER"}
_SERIES = {**_KEY, "step": "VARCHAR", "measure": "VARCHAR"}
_COUNTS = "MAP(VARCHAR, BIGINT)"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTable:
    """One JSON-lines file of an open run: DuckDB types by column."""

    name: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetTable:
    """One Parquet file of a closed run, and how it is made of a line table, `{lines}`."""

    name: str
    source: LineTable
    query: str = "SELECT * FROM {lines}"


STEPS = LineTable(
    name="steps",
    columns={
        **_KEY, "step": "VARCHAR", "kind": "VARCHAR", "requests": "BIGINT", "errors": "BIGINT",
        "error_kinds": _COUNTS, "statuses": _COUNTS,
        "bytes_sent": "BIGINT", "bytes_received": "BIGINT",
    },
)  # fmt: skip
MEASURES = LineTable(
    name="measures",
    columns={
        **_SERIES, "count": "BIGINT", "total": "BIGINT", "maximum": "BIGINT",
        "buckets": "BIGINT[][]",
    },
)  # fmt: skip
LOAD = LineTable(
    name="load",
    columns={
        **_KEY, "judged": "BOOLEAN", "users_active": "BIGINT", "users_target": "DOUBLE",
        "arrivals_target_per_s": "DOUBLE", "iterations_started": "BIGINT",
        "iterations_completed": "BIGINT", "iterations_failed": "BIGINT",
        "iterations_interrupted": "BIGINT", "requests_interrupted": "BIGINT",
        "waiting": "BIGINT", "dropped": "BIGINT", "reconnects": "BIGINT", "cpu_ns": "BIGINT",
        "busiest_cpu_ratio": "DOUBLE",
    },
)  # fmt: skip
CHECKS = LineTable(
    name="checks", columns={**_KEY, "name": "VARCHAR", "passed": "BIGINT", "failed": "BIGINT"}
)
RECORDS = LineTable(
    name="records",
    columns={
        **_KEY, "name": "VARCHAR", "unit": "VARCHAR", "count": "BIGINT",
        "total": "DOUBLE", "minimum": "DOUBLE", "maximum": "DOUBLE",
    },
)  # fmt: skip
SAMPLES = LineTable(
    name="samples",
    columns={
        "second": "INTEGER", "metric": "VARCHAR", "subject": "VARCHAR", "label": "VARCHAR",
        "value": "DOUBLE",
    },
)  # fmt: skip
QUERIES = LineTable(
    name="queries",
    columns={
        "second": "INTEGER", "subject": "VARCHAR", "fingerprint": "VARCHAR", "text": "VARCHAR",
        "calls": "DOUBLE", "total_ns": "DOUBLE", "rows": "DOUBLE", "blocks_hit": "DOUBLE",
        "blocks_read": "DOUBLE", "temp_blocks": "DOUBLE",
    },
)  # fmt: skip
PLANS = LineTable(
    name="plans",
    columns={
        "second": "INTEGER", "subject": "VARCHAR", "fingerprint": "VARCHAR", "plan": "VARCHAR",
        "relation": "VARCHAR", "filter": "VARCHAR", "rows_scanned": "DOUBLE", "index": "VARCHAR",
        "cost_now": "DOUBLE", "cost_then": "DOUBLE",
    },
)  # fmt: skip
SPANS = LineTable(
    name="spans",
    columns={
        "second": "INTEGER", "trace_id": "VARCHAR", "span_id": "VARCHAR", "parent_id": "VARCHAR",
        "service": "VARCHAR", "name": "VARCHAR", "kind": "VARCHAR", "start_ns": "BIGINT",
        "duration_ns": "BIGINT", "error": "BOOLEAN", "system": "VARCHAR", "statement": "VARCHAR",
        "code": "VARCHAR", "peer": "VARCHAR",
    },
)  # fmt: skip
STACKS = LineTable(
    name="stacks",
    columns={
        "second": "INTEGER", "moment": "VARCHAR", "subject": "VARCHAR", "mode": "VARCHAR",
        "thread": "VARCHAR", "stack": "VARCHAR", "count": "BIGINT", "rate_per_s": "DOUBLE",
        "duration_s": "DOUBLE",
    },
)  # fmt: skip
COMPONENTS = LineTable(
    name="components",
    columns={
        "second": "INTEGER", "subject": "VARCHAR", "runtime": "VARCHAR", "detail": "VARCHAR",
        "pids": "BIGINT[]", "port": "INTEGER", "talks_to": "VARCHAR[]",
    },
)  # fmt: skip
EVENTS = LineTable(
    name="events", columns={**_KEY, "kind": "VARCHAR", "message": "VARCHAR", "data": "JSON"}
)
EXEMPLARS = LineTable(
    name="exemplars",
    columns={
        **_KEY, "step": "VARCHAR", "outcome": "VARCHAR", "status": "INTEGER", "method": "VARCHAR",
        "url": "VARCHAR", "intended_ns": "BIGINT", "response_ns": "BIGINT",
        "service_ns": "BIGINT", "phases_ns": _COUNTS, "message": "VARCHAR",
        "body_head": "VARCHAR", "user": "BIGINT", "iteration": "BIGINT",
        "trace_id": "VARCHAR",
    },
)  # fmt: skip

WATCHED_TABLES = (SAMPLES, QUERIES, PLANS, SPANS, STACKS, COMPONENTS)

LINE_TABLES = (STEPS, MEASURES, CHECKS, RECORDS, *WATCHED_TABLES, EVENTS, EXEMPLARS, LOAD)

PARQUET_TABLES = (
    ParquetTable(name="steps", source=STEPS),
    ParquetTable(name="measures", source=MEASURES, query="SELECT * EXCLUDE (buckets) FROM {lines}"),
    ParquetTable(
        name="histograms",
        source=MEASURES,
        query="SELECT second, worker, step, measure, pair[1]::INTEGER AS bucket, pair[2] AS count"
        " FROM (SELECT *, unnest(buckets) AS pair FROM {lines})",
    ),
    ParquetTable(name="load", source=LOAD),
    ParquetTable(name="checks", source=CHECKS),
    ParquetTable(name="records", source=RECORDS),
    *(ParquetTable(name=table.name, source=table) for table in WATCHED_TABLES),
    ParquetTable(name="events", source=EVENTS),
    ParquetTable(name="exemplars", source=EXEMPLARS),
)


def lines_path(run: Path, table: LineTable) -> Path:
    return run / f"{table.name}.jsonl"


def parquet_path(run: Path, table: ParquetTable) -> Path:
    return run / f"{table.name}.parquet"
