"""The requests that count, by endpoint, parameter, session and time.

`assign` names the endpoint of every distinct target, `leave_out` the visitors that are no people.
Then `kept` is made once: a row for each request that counts, with the gap to the one before of its
visitor, so that a session's timeout can be chosen, and changed, without sorting anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from perfwright.model.traffic import (
    LEFT_OUT_BY_VISITOR,
    LONGEST_TARGET,
    Bins,
    EndpointUse,
    ParameterUse,
    PathUse,
    Visits,
)
from perfwright.sources.access_logs.hits import IS_HTTP, QUERY, TARGET, floats, ints

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

_BATCH = 50_000
_MOST_PARAMETERS = 100
_MOST_BINS = 5_000_000
_SAMPLED_OF = 1_000_000
_IS_LEFT_OUT = (
    "(agent IN (SELECT number FROM no_people WHERE what = 'agent')"
    " OR client IN (SELECT number FROM no_people WHERE what = 'client')"
    " OR visitor IN (SELECT number FROM no_people WHERE what = 'visitor'))"
)


def assign(
    connection: duckdb.DuckDBPyConnection,
    endpoint_of: Callable[[Sequence[str], Sequence[str]], Sequence[int] | NDArray[np.int64]],
) -> None:
    connection.execute("CREATE OR REPLACE TABLE assigned (target BIGINT, endpoint BIGINT)")
    cursor = connection.cursor().execute(
        "SELECT target, method, path FROM targets ORDER BY requests DESC, path, method"
    )
    while rows := cursor.fetchmany(_BATCH):
        numbers, methods, paths = zip(*rows, strict=True)
        endpoints = [int(one) for one in endpoint_of(methods, paths)]
        connection.execute(
            "INSERT INTO assigned SELECT unnest($1::BIGINT[]), unnest($2::BIGINT[])",
            [list(numbers), endpoints],
        )


def leave_out(
    connection: duckdb.DuckDBPyConnection,
    agents: Collection[str],
    visitors: Sequence[int] | NDArray[np.uint64],
    clients: Collection[str],
) -> int:
    _make_no_people(connection)
    for what, texts in (("agent", agents), ("client", clients)):
        connection.execute(
            "INSERT INTO no_people SELECT $1, hash(unnest($2::VARCHAR[]))", [what, list(texts)]
        )
    connection.execute(
        "INSERT INTO no_people SELECT 'visitor', unnest($1::UBIGINT[])",
        [[int(one) for one in visitors]],
    )
    row = connection.execute(f"SELECT count(*) FROM hits WHERE {_IS_LEFT_OUT}").fetchone()
    return int(row[0]) if row else 0


def left_out(connection: duckdb.DuckDBPyConnection) -> tuple[tuple[int, int], ...]:
    _make_no_people(connection)
    rows = connection.execute(
        f"SELECT CASE WHEN {_IS_LEFT_OUT} THEN {LEFT_OUT_BY_VISITOR} ELSE endpoint END AS code,"
        " count(*) FROM hits JOIN assigned USING (target) GROUP BY code HAVING code < 0"
        " ORDER BY 2 DESC, 1"
    ).fetchall()
    return tuple((int(code), int(requests)) for code, requests in rows)


def make_kept(connection: duckdb.DuckDBPyConnection) -> None:
    _make_no_people(connection)
    connection.execute(
        "CREATE TABLE kept AS SELECT place, time_us, visitor, target, endpoint, status,"
        " duration_us, bytes_sent, bytes_received, has_query,"
        " time_us - lag(time_us) OVER (PARTITION BY visitor ORDER BY time_us, place) AS gap_us"
        " FROM (SELECT *, hits.rowid AS place FROM hits JOIN assigned USING (target)"
        f" WHERE endpoint >= 0 AND NOT {_IS_LEFT_OUT})"
    )
    tagged = (
        f"SELECT {TARGET} AS target, target AS whole, {QUERY} AS query, hash(agent) AS agent,"
        ' hash(client) AS client, visitor_of("user", client, agent) AS visitor'
        f" FROM requests WHERE {IS_HTTP} AND contains(target, '?')"
    )
    connection.execute(
        f"CREATE TABLE queries AS SELECT endpoint, left(whole, {LONGEST_TARGET}) AS whole,"
        f" any_value(left(query, {LONGEST_TARGET})) AS query, count(*) AS requests"
        f" FROM ({tagged}) JOIN assigned USING (target)"
        f" WHERE endpoint >= 0 AND NOT {_IS_LEFT_OUT} GROUP BY 1, 2"
    )


def endpoints(connection: duckdb.DuckDBPyConnection) -> EndpointUse:
    quantiles = ", ".join(
        f"approx_quantile({column}, {q})::DOUBLE AS {column}_{place}"
        for column, qs in (
            ("bytes_sent", (0.5, 0.95)),
            ("bytes_received", (0.5,)),
            ("duration_us", (0.5, 0.95, 0.99)),
        )
        for place, q in enumerate(qs)
    )
    found = connection.execute(
        "SELECT endpoint, count(*) AS requests, approx_count_distinct(visitor) AS visitors,"
        f" count(*) FILTER (has_query) AS queries, {quantiles} FROM kept GROUP BY endpoint"
        " ORDER BY requests DESC, endpoint"
    ).fetchnumpy()
    statuses: dict[int, list[tuple[int, int]]] = {}
    for endpoint, status, requests in connection.execute(
        "SELECT endpoint, status, count(*) FROM kept GROUP BY 1, 2 ORDER BY 3 DESC, 2"
    ).fetchall():
        statuses.setdefault(endpoint, []).append((status, requests))
    numbers = ints(found["endpoint"])
    return EndpointUse(
        endpoint=numbers,
        requests=ints(found["requests"]),
        visitors=ints(found["visitors"]),
        queries=ints(found["queries"]),
        statuses=tuple(tuple(statuses[int(one)]) for one in numbers),
        bytes_sent=np.column_stack([floats(found[f"bytes_sent_{n}"]) for n in range(2)]),
        bytes_received=floats(found["bytes_received_0"]),
        duration_s=np.column_stack([floats(found[f"duration_us_{n}"]) for n in range(3)]) / 1e6,
    )


def paths_of(
    connection: duckdb.DuckDBPyConnection, endpoint: int, limit: int, *, query: bool
) -> PathUse:
    counted = (
        "SELECT path, count(*) AS requests FROM kept JOIN targets USING (target)"
        " WHERE endpoint = $1 GROUP BY path"
    )
    if query:
        counted = (
            "SELECT whole AS path, requests FROM queries WHERE endpoint = $1 UNION ALL"
            " SELECT path, count(*) FROM kept JOIN targets USING (target)"
            " WHERE endpoint = $1 AND NOT has_query GROUP BY path"
        )
    rows = connection.execute(
        f"SELECT path, requests, count(*) OVER (), sum(requests) OVER ()::BIGINT FROM ({counted})"
        f" ORDER BY requests DESC, path LIMIT {limit}",
        [endpoint],
    ).fetchall()
    distinct, requests = (rows[0][2], rows[0][3]) if rows else (0, 0)
    counts = [row[1] for row in rows]
    return PathUse(
        path=tuple(row[0] for row in rows),
        requests=np.array(counts, dtype=np.int64),
        distinct=distinct,
        others=requests - sum(counts),
    )


def parameters(
    connection: duckdb.DuckDBPyConnection, endpoint: int, limit: int
) -> tuple[ParameterUse, ...]:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE used AS SELECT split_part(pair, '=', 1) AS name,"
        " CASE WHEN contains(pair, '=') THEN pair[strpos(pair, '=') + 1:] ELSE '' END AS value,"
        " sum(requests)::BIGINT AS requests FROM"
        " (SELECT unnest(string_split(query, '&')) AS pair, requests FROM queries"
        " WHERE endpoint = $1) WHERE pair <> '' GROUP BY 1, 2",
        [endpoint],
    )
    names = connection.execute(
        "SELECT name, sum(requests)::BIGINT, count(*) FROM used GROUP BY name"
        f" ORDER BY 2 DESC, 1 LIMIT {_MOST_PARAMETERS}"
    ).fetchall()
    found = []
    for name, requests, distinct in names:
        values = connection.execute(
            f"SELECT value, requests FROM used WHERE name = $1 ORDER BY 2 DESC, 1 LIMIT {limit}",
            [name],
        ).fetchall()
        found.append(
            ParameterUse(
                name=name,
                requests=requests,
                distinct=distinct,
                values=tuple((value, count) for value, count in values),
                others=requests - sum(count for _, count in values),
            )
        )
    return tuple(found)


def gaps(connection: duckdb.DuckDBPyConnection, limit: int) -> NDArray[np.float64]:
    found = connection.execute(
        "SELECT gap_us FROM kept WHERE gap_us IS NOT NULL"
        f" AND {_sampled(_sampled_ratio(connection, limit))} ORDER BY visitor, time_us, place"
    ).fetchnumpy()
    return ints(found["gap_us"]) / 1e6


def visits(connection: duckdb.DuckDBPyConnection, timeout_s: float, limit: int) -> Visits:
    ratio = _sampled_ratio(connection, limit)
    begins = f"coalesce(gap_us > {round(timeout_s * 1e6)}, true)"
    found = connection.execute(
        f"SELECT visitor, time_us, endpoint, target, coalesce(duration_us, -1) AS duration_us,"
        f" status::BIGINT AS status, {begins} AS begins FROM kept WHERE {_sampled(ratio)}"
        " ORDER BY visitor, time_us, place"
    ).fetchnumpy()
    row = connection.execute(f"SELECT count(*) FILTER ({begins}) FROM kept").fetchone()
    begun = np.flatnonzero(np.asarray(found["begins"], dtype=bool))
    time_us = ints(found["time_us"])
    lengths = np.diff(np.append(begun, len(time_us)))
    order = np.argsort(time_us[begun], kind="stable")
    session = np.repeat(np.arange(len(begun)), lengths[order])
    # The rows of each session, one session after the other in the order of their beginnings.
    starts = np.repeat(begun[order], lengths[order])
    within = np.arange(len(time_us)) - np.repeat(
        np.cumsum(lengths[order]) - lengths[order], lengths[order]
    )
    rows = starts + within
    return Visits(
        session=session.astype(np.int64),
        visitor=np.asarray(found["visitor"], dtype=np.uint64)[rows],
        time_us=time_us[rows],
        endpoint=ints(found["endpoint"])[rows],
        target=ints(found["target"])[rows],
        duration_us=ints(found["duration_us"])[rows],
        status=ints(found["status"])[rows],
        sessions=int(row[0]) if row else 0,
        sampled_ratio=ratio,
    )


def per_bin(connection: duckdb.DuckDBPyConnection, bin_s: float, timeout_s: float) -> Bins:
    """ValueError: there would be millions of bins."""
    bin_us = round(bin_s * 1e6)
    found = connection.execute(
        f"SELECT time_us // {bin_us} AS bin, count(*) AS requests,"
        f" count(*) FILTER (coalesce(gap_us > {round(timeout_s * 1e6)}, true)) AS sessions"
        " FROM kept GROUP BY bin ORDER BY bin"
    ).fetchnumpy()
    bins = ints(found["bin"])
    if not len(bins):
        return Bins(
            begin_s=np.empty(0), requests=np.empty(0, np.int64), sessions=np.empty(0, np.int64)
        )
    span = int(bins[-1] - bins[0]) + 1
    if span > _MOST_BINS:
        raise ValueError(f"bins of {bin_s} s would be {span:,}: take longer ones")
    requests, sessions = np.zeros(span, np.int64), np.zeros(span, np.int64)
    requests[bins - bins[0]] = ints(found["requests"])
    sessions[bins - bins[0]] = ints(found["sessions"])
    begin_s = (bins[0] + np.arange(span)) * (bin_us / 1e6)
    return Bins(begin_s=begin_s, requests=requests, sessions=sessions)


def _make_no_people(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS no_people (what VARCHAR, number UBIGINT)")


def _sampled_ratio(connection: duckdb.DuckDBPyConnection, limit: int) -> float:
    row = connection.execute("SELECT count(*) FROM kept").fetchone()
    requests = int(row[0]) if row else 0
    return 1.0 if requests <= limit else limit / requests


def _sampled(ratio: float) -> str:
    """Whole visitors, by a hash of their own: the same for every question."""
    return f"hash(visitor, 1) % {_SAMPLED_OF} < {round(ratio * _SAMPLED_OF)}"
