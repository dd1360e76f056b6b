"""Counts another tool's requests into a run: `samples` in a scratch database → a run's tables.

    samples ─┬─► histograms            counts by second, step, measure and bucket
             ├─► sums ───────► measures
             ├─► outcomes ─┬─► steps     counts, errors by kind, statuses, bytes
             ├─► gauges ───┴─► load      a row for every second, so that gaps are seen
             ├─► checks                  by second and name
             └─► exemplars               the slowest few of each step and outcome

The scratch database lies in the store and is bounded in memory, so that files larger than memory
can be read; it goes when the import ends. Its tables are temporary ones: what is read a few times
is not worth compressing. Before anything is counted, the steps of `samples` become numbers (ENUM),
which makes that quick; `sums` and `outcomes` are by second and step. A request belongs to the
second in which it completed, as in a run of ours. Seconds count from the second in which the first
request started, or the first call of a benchmark ended.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from perfwright.model.errors import DataError
from perfwright.model.frame import MEASURES
from perfwright.model.imported import SAMPLE_COLUMNS, TABLE
from perfwright.model.units import NS_PER_S
from perfwright.store import layout
from perfwright.store.files import publish, store_error

if TYPE_CHECKING:
    import duckdb

_MEMORY = "1GB"
_EXEMPLARS_PER_STEP_AND_OUTCOME = 5
_LONGEST_S = 31 * 86_400
_US_PER_S = 1_000_000
_LATEST_US = 4_102_444_800 * _US_PER_S
"""The year 2100: times beyond are in another unit, or garbage."""
_NAME_CHARACTERS = 200
_GROUP = " (group)"
_SURELY_SHORT = _NAME_CHARACTERS - len(_GROUP)
_HAS_BREAKS = "contains(step, chr(10)) OR contains(step, chr(13)) OR contains(step, chr(9))"
_NAMELESS = "(no name)"
BUCKET = (
    "CASE WHEN {ns} < 512 THEN {ns}"
    " ELSE 256 * (floor(log2({ns}))::BIGINT - 8) + ({ns} >> (floor(log2({ns}))::BIGINT - 8)) END"
)
"""`model.histogram.bucket_of`. Where the logarithm of the last values below a power of two is
rounded up to it, the formula still gives their bucket: 255 + 256 is 511."""
_ENDED = "started_us + coalesce(service_ns, 0) // 1000"
_SECOND = "((started_us * 1000 + coalesce(service_ns, 0)) // 1000000000 - $origin_s)::INTEGER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """When the requests were: `origin_s` since the epoch, and how long. `senseless` rows (a time
    that is negative or no number, a start before 1970 or after 2100) were left out; `shortened`
    step names were too long."""

    origin_s: int
    duration_s: float
    requests: int
    senseless: int
    shortened: int = 0


@contextmanager
def scratch(store_dir: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with an empty `samples`, for as long as the context lasts. StoreError."""
    import duckdb

    try:
        store_dir.mkdir(parents=True, exist_ok=True)
        folder = TemporaryDirectory(prefix="import-", dir=store_dir)
    except OSError as error:
        raise store_error("write", store_dir, error) from error
    columns = ", ".join(f"{name} {kind}" for name, kind in SAMPLE_COLUMNS.items())
    settings: dict[str, Any] = {"memory_limit": _MEMORY, "preserve_insertion_order": "false"}
    with folder as path, duckdb.connect(f"{path}/samples.duckdb", config=settings) as connection:
        connection.execute(f"CREATE TEMP TABLE {TABLE} ({columns})")
        yield connection


def extent_of(connection: duckdb.DuckDBPyConnection) -> Extent:
    """Leaves senseless rows out, and says what is left. DataError: nothing, or a span of more than
    a month, which only a broken clock makes."""
    senseless = _without_senseless(connection)
    first, last, requests = _row(
        connection,
        f"SELECT min(CASE kind WHEN 'call' THEN {_ENDED} ELSE started_us END), max({_ENDED}),"
        f" count(service_ns) FROM {TABLE}",
    )
    if not requests:
        raise DataError("import: the file holds no request that could be read")
    if (last - first) / _US_PER_S > _LONGEST_S:
        raise DataError(
            f"import: the requests span {(last - first) / _US_PER_S / 86_400:,.0f} days: a clock"
            " jumped, or the times are in another unit than the format says; at most 31 days can be"
            " one run"
        )
    origin_s = first // _US_PER_S
    return Extent(
        origin_s=origin_s,
        duration_s=(last - origin_s * _US_PER_S) / _US_PER_S,
        requests=requests,
        senseless=senseless,
        shortened=_tidy_names(connection),
    )


def _without_senseless(connection: duckdb.DuckDBPyConnection) -> int:
    """How many rows went; the extremes tell quickly where none has to."""
    limits = {"started_us": (1, _LATEST_US)}
    limits |= {f"{measure}_ns": (0, _LONGEST_S * NS_PER_S) for measure in MEASURES}
    within = " AND ".join(
        f"coalesce(min({name}) >= {low} AND max({name}) <= {high}, true)"
        for name, (low, high) in limits.items()
    )
    if _row(connection, f"SELECT count(*) = count(started_us) AND {within} FROM {TABLE}")[0]:
        return 0
    sensible = " AND ".join(
        f"coalesce({name} BETWEEN {low} AND {high}, {str(name != 'started_us').lower()})"
        for name, (low, high) in limits.items()
    )
    return _changed(connection, f"DELETE FROM {TABLE} WHERE NOT ({sensible})")


def _tidy_names(connection: duckdb.DuckDBPyConnection) -> int:
    """Step names of one line each, neither empty nor too long (returns how many were), and a group
    and a request of one name told apart. Rows are only looked at where some name needs it."""
    tidy = f"trim(step) <> '' AND NOT ({_HAS_BREAKS}) AND length(step) <= {_SURELY_SHORT}"
    connection.execute(f"CREATE TEMP TABLE names AS SELECT DISTINCT step FROM {TABLE}")
    untidy = _row(connection, f"SELECT count(*) FROM names WHERE ({tidy}) IS NOT true")[0]
    if untidy:
        connection.execute(
            f"UPDATE {TABLE} SET step = regexp_replace(step, '\\s+', ' ', 'g') WHERE {_HAS_BREAKS}"
        )
        connection.execute(
            f"UPDATE {TABLE} SET step = '{_NAMELESS}' WHERE coalesce(trim(step), '') = ''"
            " AND (service_ns IS NOT NULL OR passed IS NOT NULL)"
        )
    if _is_there(connection, "kind"):
        connection.execute(
            f"UPDATE {TABLE} SET step = concat(step, '{_GROUP}') WHERE kind = 'group' AND step IN"
            f" (SELECT step FROM {TABLE}"
            " WHERE kind IS DISTINCT FROM 'group' AND service_ns IS NOT NULL)"
        )
    if not untidy:
        return 0
    return _changed(
        connection,
        f"UPDATE {TABLE} SET step = concat(step[:{_NAME_CHARACTERS - 1}], '…')"
        f" WHERE length(step) > {_NAME_CHARACTERS}",
    )


def discard(run: Path) -> None:
    """Take away a run whose import did not come to its end. StoreError."""
    try:
        shutil.rmtree(run)
    except OSError as error:
        raise store_error("remove", run, error) from error


def write_tables(connection: duckdb.DuckDBPyConnection, run: Path, extent: Extent) -> None:
    """The Parquet tables that can be made of `samples`, into a run's folder. StoreError."""
    import duckdb

    measures = [one for one in MEASURES if _is_there(connection, f"{one}_ns")]
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
    except OSError as error:
        raise store_error("write", run, error) from error
    except duckdb.IOException as error:
        raise store_error("write", run, OSError(str(error))) from error
    except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
        raise DataError(
            "import: the times add up to more than can be kept: are they in another unit than the"
            " format says?"
        ) from error


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


def _changed(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    """How many rows the query changed."""
    return int(_row(connection, query)[0])


def _is_there(connection: duckdb.DuckDBPyConnection, column: str) -> bool:
    return bool(_row(connection, f"SELECT count({column}) > 0 FROM {TABLE}")[0])


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None, query
    return row
