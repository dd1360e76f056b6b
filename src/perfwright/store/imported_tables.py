"""Counts another tool's requests into a run: `samples` of a scratch database → a run's tables.

    samples ─┬─► histograms              counts by second, step, measure and bucket
             ├─► sums ───────► measures  of each measure: count, sum, maximum
             ├─► outcomes ─┬─► steps     counts, errors by kind, statuses, bytes
             ├─► gauges ───┴─► load      a row for every second, so that gaps are seen
             ├─► checks                  by second and name
             └─► exemplars               the slowest few of each step and outcome

Before anything is counted, the steps of `samples` become numbers (ENUM), which makes that quick;
`sums` and `outcomes` are by second and step. A request belongs to the second in which it completed,
as in a run of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.errors import DataError
from perfwright.model.frame import MEASURES
from perfwright.model.imported import TABLE
from perfwright.model.units import NS_PER_S
from perfwright.store import layout
from perfwright.store.files import publish, store_error
from perfwright.store.imported import Extent, is_there

if TYPE_CHECKING:
    import duckdb

_EXEMPLARS_PER_STEP_AND_OUTCOME = 5
BUCKET = (
    "CASE WHEN {ns} < 512 THEN {ns}"
    " ELSE 256 * (floor(log2({ns}))::BIGINT - 8) + ({ns} >> (floor(log2({ns}))::BIGINT - 8)) END"
)
"""`model.histogram.bucket_of`. Where the logarithm of the last values below a power of two is
rounded up to it, the formula still gives their bucket: 255 + 256 is 511."""
_SECOND = "((started_us * 1000 + coalesce(service_ns, 0)) // 1000000000 - $origin_s)::INTEGER"


def write_tables(connection: duckdb.DuckDBPyConnection, run: Path, extent: Extent) -> int:
    """The Parquet tables that can be made of `samples`, into a run's folder. Returns the longest
    time without a request, in s. StoreError."""
    import duckdb

    measures = [one for one in MEASURES if is_there(connection, f"{one}_ns")]
    told = {"origin_s": extent.origin_s}
    try:
        for statement in _NAMES:
            connection.execute(statement)
        connection.execute(f"CREATE TEMP TABLE outcomes AS {_OUTCOMES}", told)
        connection.execute(f"CREATE TEMP TABLE gauges AS {_GAUGES}", told)
        connection.execute(f"CREATE TEMP TABLE sums AS {_sums(measures)}", told)
        for name, query in _queries(extent, measures).items():
            path = run / f"{name}.parquet"
            temporary = path.with_name(f"{path.name}.tmp")
            target = str(temporary).replace("'", "''")
            parameters = told if "$origin_s" in query else None
            connection.execute(
                f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)", parameters
            )
            publish(temporary, path)
        silent_s = connection.execute(_SILENCE).fetchone()
    except OSError as error:
        raise store_error("write", run, error) from error
    except duckdb.IOException as error:
        raise store_error("write", run, OSError(str(error))) from error
    except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
        raise DataError(
            "import: the times add up to more than can be kept: are they in another unit than the"
            " format says?"
        ) from error
    return silent_s[0] if silent_s else 0


_NAMES = (
    f"CREATE TYPE step_name AS ENUM (SELECT DISTINCT step FROM {TABLE} WHERE step IS NOT NULL)",
    f"CREATE TYPE measure_name AS ENUM ({', '.join(map(repr, MEASURES))})",
    f"ALTER TABLE {TABLE} ALTER step TYPE step_name",
)
_OUTCOMES = f"""
    SELECT {_SECOND} AS second, step, error, status::VARCHAR AS status,
        coalesce(any_value(kind), 'request') AS kind, count(*) AS requests,
        coalesce(sum(bytes_sent), 0)::BIGINT AS bytes_sent,
        coalesce(sum(bytes_received), 0)::BIGINT AS bytes_received, max(users) AS users
    FROM {TABLE} WHERE service_ns IS NOT NULL GROUP BY ALL
"""
_SILENCE = """
    SELECT coalesce(max(gap), 0)
    FROM (SELECT second - lag(second) OVER (ORDER BY second) AS gap FROM outcomes)
"""
_GAUGES = f"""
    SELECT second, max(users) AS users, sum(iterations) AS iterations, sum(dropped) AS dropped
    FROM (
        SELECT second, users, NULL AS iterations, NULL AS dropped FROM outcomes
        UNION ALL
        SELECT {_SECOND} AS second, users, iterations, dropped FROM {TABLE}
        WHERE service_ns IS NULL
    ) GROUP BY second
"""


def _ns(measure: str) -> str:
    return "coalesce(response_ns, service_ns)" if measure == "response" else f"{measure}_ns"


def _sums(measures: Sequence[str]) -> str:
    """Count, sum and maximum of each measure by second and step, side by side: one pass."""
    figures = ", ".join(
        f"count({_ns(one)}) AS {one}_count, sum({_ns(one)})::BIGINT AS {one}_total,"
        f" max({_ns(one)}) AS {one}_maximum"
        for one in measures
    )
    return f"SELECT {_SECOND} AS second, step, {figures} FROM {TABLE} GROUP BY ALL"


def _of_sums(measure: str, source: str) -> str:
    return (
        f"SELECT second, 0 AS worker, step::VARCHAR AS step, '{measure}' AS measure,"
        f" {source}_count AS count, {source}_total AS total, {source}_maximum AS maximum"
        f" FROM sums WHERE {source}_count > 0"
    )


def _buckets(source: str, measures: Sequence[str]) -> str:
    """Counts of one measure by second, step and bucket, for all the measures that it stands for."""
    ns, names = _ns(source), ", ".join(f"'{measure}'::measure_name" for measure in measures)
    return (
        f"SELECT second, step, unnest([{names}]) AS measure, bucket, count FROM ("
        f"SELECT {_SECOND} AS second, step, ({BUCKET.format(ns=ns)})::INTEGER AS bucket,"
        f" count(*) AS count FROM {TABLE} WHERE {ns} IS NOT NULL GROUP BY ALL)"
    )


def _queries(extent: Extent, measures: Sequence[str]) -> dict[str, str]:
    """By table. Service time stands for response time where that is not known."""
    last = max(0, int(extent.duration_s))
    standing = {one: [one] for one in measures}
    if "response" not in standing:
        standing["service"].append("response")
    sums = [_of_sums(one, source) for source, all_of in standing.items() for one in all_of]
    buckets = [_buckets(source, all_of) for source, all_of in standing.items()]
    return {
        layout.STEPS.name: f"""
            SELECT second, 0 AS worker, step::VARCHAR AS step, any_value(kind) AS kind,
                sum(requests)::BIGINT AS requests,
                coalesce(sum(requests) FILTER (error IS NOT NULL), 0)::BIGINT AS errors,
                coalesce(any_value(error_kinds), MAP {{}}) AS error_kinds,
                coalesce(any_value(codes), MAP {{}}) AS statuses,
                sum(bytes_sent)::BIGINT AS bytes_sent, sum(bytes_received)::BIGINT AS bytes_received
            FROM outcomes
            LEFT JOIN ({_map_of("error", "error_kinds")}) USING (second, step)
            LEFT JOIN ({_map_of("status", "codes")}) USING (second, step)
            GROUP BY second, step ORDER BY second, step
        """,
        "measures": f"{' UNION ALL '.join(sums)} ORDER BY second, step",
        "histograms": f"""
            SELECT second, 0 AS worker, step::VARCHAR AS step, measure::VARCHAR AS measure, bucket,
                count
            FROM ({" UNION ALL ".join(buckets)} ORDER BY second)
        """,
        layout.LOAD.name: f"""
            SELECT s.second::INTEGER AS second, 0 AS worker, true AS judged,
                coalesce(last_value(told.users IGNORE NULLS) OVER (ORDER BY s.second), 0)
                    AS users_active,
                0.0::DOUBLE AS users_target,
                coalesce(told.iterations, 0)::BIGINT AS iterations_started,
                coalesce(told.iterations, 0)::BIGINT AS iterations_completed,
                coalesce(told.dropped, 0)::BIGINT AS dropped,
                {", ".join(f"0::{layout.LOAD.columns[name]} AS {name}" for name in _UNKNOWN)}
            FROM range(0, {last + 1}) AS s(second)
            LEFT JOIN gauges AS told USING (second) ORDER BY s.second
        """,
        layout.CHECKS.name: f"""
            SELECT {_SECOND} AS second, 0 AS worker, step::VARCHAR AS name,
                count(*) FILTER (passed) AS passed, count(*) FILTER (NOT passed) AS failed
            FROM {TABLE} WHERE passed IS NOT NULL GROUP BY ALL ORDER BY second, name
        """,
        layout.EXEMPLARS.name: f"""
            SELECT {_SECOND} AS second, 0 AS worker, step::VARCHAR AS step,
                coalesce(error, 'ok') AS outcome,
                coalesce(status, 0) AS status, '' AS method, coalesce(url, '') AS url,
                greatest(started_us * 1000 - $origin_s::BIGINT * {NS_PER_S}, 0) AS intended_ns,
                coalesce(response_ns, service_ns) AS response_ns, service_ns,
                MAP {{}}::MAP(VARCHAR, BIGINT) AS phases_ns,
                coalesce(message, '') AS message, '' AS body_head, 0::BIGINT AS user,
                0::BIGINT AS iteration, '' AS trace_id
            FROM {TABLE} WHERE rowid IN (
                SELECT unnest(max_by(rowid, service_ns, {_EXEMPLARS_PER_STEP_AND_OUTCOME}))
                FROM {TABLE} WHERE service_ns IS NOT NULL GROUP BY step, error
            )
        """,
    }


def _map_of(column: str, name: str) -> str:
    """By second and step: how often each value of a column of `outcomes` was."""
    return f"""
        SELECT second, step, map_from_entries(list(({column}, n))) AS {name} FROM (
            SELECT second, step, {column}, sum(requests)::BIGINT AS n
            FROM outcomes WHERE {column} IS NOT NULL GROUP BY ALL
        ) GROUP BY ALL
    """


_UNKNOWN = tuple(
    name
    for name in layout.LOAD.columns
    if name
    not in (
        "second", "worker", "judged", "users_active", "users_target", "iterations_started",
        "iterations_completed", "dropped",
    )
)  # fmt: skip
"""What only our own kernel counts."""
