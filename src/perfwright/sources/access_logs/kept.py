"""The requests that count, by endpoint, parameter, session and time.

`assign` names the endpoint of every distinct target, `leave_out` the visitors that are no people.
Then `kept` is made once: a row for each request that counts, with the gap to the one before of its
visitor, so that a session's timeout can be chosen, and changed, without sorting anew. What is asked
endpoint by endpoint comes from smaller tables: `paths` and `queries` have a row for each different
one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from perfwright.model.traffic import (
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
    code: int,
    agents: Collection[str],
    visitors: Sequence[int] | NDArray[np.uint64],
) -> None:
    _make_no_people(connection)
    connection.execute(
        "INSERT OR IGNORE INTO no_agents SELECT hash(unnest($1::VARCHAR[])), $2",
        [list(agents), code],
    )
    connection.execute(
        "INSERT OR IGNORE INTO no_visitors SELECT unnest($1::UBIGINT[]), $2",
        [[int(one) for one in visitors], code],
    )


def left_out(connection: duckdb.DuckDBPyConnection) -> tuple[tuple[int, int], ...]:
    _make_no_people(connection)
    rows = connection.execute(
        f"SELECT endpoint, count(*) FROM ({judged('SELECT target, agent, visitor FROM hits')})"
        " WHERE endpoint < 0 GROUP BY endpoint ORDER BY 2 DESC, 1"
    ).fetchall()
    return tuple((int(code), int(requests)) for code, requests in rows)


def make_kept(connection: duckdb.DuckDBPyConnection) -> None:
    _make_no_people(connection)
    connection.execute(
        "CREATE TABLE kept AS SELECT place, time_us, visitor, target, endpoint, status,"
        " duration_us, bytes_sent, bytes_received, has_query,"
        " time_us - lag(time_us) OVER (PARTITION BY visitor ORDER BY time_us, place) AS gap_us"
        f" FROM ({judged('SELECT *, rowid AS place FROM hits')}) WHERE endpoint >= 0"
    )
    connection.execute(
        "CREATE TABLE paths AS SELECT endpoint, path, sum(requests)::BIGINT AS requests,"
        " sum(plain)::BIGINT AS plain FROM (SELECT endpoint, target, count(*) AS requests,"
        " count(*) FILTER (NOT has_query) AS plain FROM kept GROUP BY 1, 2)"
        " JOIN (SELECT target, path FROM targets) USING (target) GROUP BY 1, 2"
    )
    asked = (
        f"SELECT {TARGET} AS target, target AS whole, {QUERY} AS query, hash(agent) AS agent,"
        ' visitor_of("user", client, agent) AS visitor'
        f" FROM requests WHERE {IS_HTTP} AND {QUERY} IS NOT NULL"
    )
    connection.execute(
        f"CREATE TABLE queries AS SELECT endpoint, left(whole, {LONGEST_TARGET}) AS whole,"
        f" any_value(left(query, {LONGEST_TARGET})) AS query, count(*) AS requests"
        f" FROM ({judged(asked)}) WHERE endpoint >= 0 GROUP BY 1, 2"
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
        "SELECT endpoint, count(*) AS requests, count(*) FILTER (has_query) AS queries,"
        f" {quantiles} FROM kept GROUP BY endpoint ORDER BY requests DESC, endpoint"
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
        queries=ints(found["queries"]),
        statuses=tuple(tuple(statuses[int(one)]) for one in numbers),
        bytes_sent=np.column_stack([floats(found[f"bytes_sent_{n}"]) for n in range(2)]),
        bytes_received=floats(found["bytes_received_0"]),
        duration_s=np.column_stack([floats(found[f"duration_us_{n}"]) for n in range(3)]) / 1e6,
    )


def paths_of(
    connection: duckdb.DuckDBPyConnection, endpoint: int, limit: int, *, query: bool
) -> PathUse:
    counted = "SELECT path, requests FROM paths WHERE endpoint = $1"
    if query:
        counted = (
            "SELECT whole AS path, requests FROM queries WHERE endpoint = $1 UNION ALL"
            " SELECT path, plain FROM paths WHERE endpoint = $1 AND plain > 0"
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
    rows = connection.execute(
        "WITH used AS (SELECT split_part(pair, '=', 1) AS name,"
        " CASE WHEN contains(pair, '=') THEN pair[strpos(pair, '=') + 1:] ELSE '' END AS value,"
        " sum(requests)::BIGINT AS requests FROM"
        " (SELECT unnest(string_split(query, '&')) AS pair, requests FROM queries"
        " WHERE endpoint = $1) WHERE pair <> '' GROUP BY 1, 2),"
        " named AS (SELECT name, sum(requests)::BIGINT AS of_name, count(*) AS distinct_values"
        f" FROM used GROUP BY name ORDER BY of_name DESC, name LIMIT {_MOST_PARAMETERS})"
        " SELECT name, of_name, distinct_values, value, requests FROM used JOIN named USING (name)"
        " QUALIFY row_number() OVER (PARTITION BY name ORDER BY requests DESC, value) <= $2"
        " ORDER BY of_name DESC, name, requests DESC, value",
        [endpoint, limit],
    ).fetchall()
    found = []
    for (name, requests, distinct), of_name in groupby(rows, key=lambda row: row[:3]):
        values = tuple((value, count) for *_, value, count in of_name)
        found.append(
            ParameterUse(
                name=name,
                requests=requests,
                distinct=distinct,
                values=values,
                others=requests - sum(count for _, count in values),
            )
        )
    return tuple(found)


def gaps(connection: duckdb.DuckDBPyConnection, limit: int) -> NDArray[np.float64]:
    found = connection.execute(
        "SELECT gap_us FROM kept WHERE gap_us IS NOT NULL"
        f" AND {sampled(sampled_ratio(connection, limit))} ORDER BY gap_us"
    ).fetchnumpy()
    return ints(found["gap_us"]) / 1e6


def visits(connection: duckdb.DuckDBPyConnection, timeout_s: float, limit: int) -> Visits:
    ratio = sampled_ratio(connection, limit)
    begins = f"coalesce(gap_us > {round(timeout_s * 1e6)}, true)"
    found = connection.execute(
        "SELECT time_us, endpoint, target, coalesce(duration_us, -1) AS duration_us,"
        f" {begins} AS begins FROM kept WHERE {sampled(ratio)}"
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
        time_us=time_us[rows],
        endpoint=ints(found["endpoint"])[rows],
        target=ints(found["target"])[rows],
        duration_us=ints(found["duration_us"])[rows],
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
    for table, column in (("no_agents", "agent"), ("no_visitors", "visitor")):
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS {table} ({column} UBIGINT PRIMARY KEY, code BIGINT)"
        )


def judged(requests: str) -> str:
    """A query's rows with their endpoint, which is negative where they are left out. It has to tell
    target, agent and visitor as `hits` does."""
    return (
        "SELECT asked.*, coalesce(no_agents.code, no_visitors.code, assigned.endpoint) AS endpoint"
        f" FROM ({requests}) AS asked JOIN assigned USING (target)"
        " LEFT JOIN no_agents USING (agent) LEFT JOIN no_visitors USING (visitor)"
    )


def sampled_ratio(connection: duckdb.DuckDBPyConnection, limit: int) -> float:
    row = connection.execute("SELECT count(*) FROM kept").fetchone()
    requests = int(row[0]) if row else 0
    return 1.0 if requests <= limit else limit / requests


def sampled(ratio: float) -> str:
    """Whole visitors, by a hash of their own: the same for every question."""
    return f"hash(visitor, 1) % {_SAMPLED_OF} < {round(ratio * _SAMPLED_OF)}"
