"""All requests as numbers, and what they come to by target, agent and visitor.

`hits` has a row for each request that is HTTP: its visitor and its target are 64-bit hashes, so
that millions of distinct paths cost no memory. A visitor is told by `user` where nearly all
requests have one (else a login would cut a session in two), else by address and agent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from perfwright.model.traffic import LONGEST_TARGET, Agents, Targets, Totals, Visitors

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

IS_HTTP = "method IS NOT NULL"
WITH_USER_RATIO = 0.9
PATH = f"left(split_part(split_part(target, '?', 1), '#', 1), {LONGEST_TARGET})"
TARGET = f"(hash(method, {PATH}) >> 1)::BIGINT"
QUERY = "nullif(split_part(target, '?', 2), '')"
_BY_USER = "hash(coalesce(\"user\", client, ''))"
_BY_ADDRESS = "hash(coalesce(client, ''), coalesce(agent, ''))"
_IS_ERROR = "count(*) FILTER (status >= 400)"
_ROBOTS = "count(*) FILTER (target LIKE '/robots.txt%')"


def make_hits(connection: duckdb.DuckDBPyConnection) -> None:
    share = connection.execute(
        f'SELECT count("user") >= {WITH_USER_RATIO} * count(*) AND count("user") > 0'
        f" FROM requests WHERE {IS_HTTP}"
    ).fetchone()
    by_user = bool(share and share[0])
    connection.execute(
        f'CREATE MACRO visitor_of("user", client, agent) AS {_BY_USER if by_user else _BY_ADDRESS}'
    )
    connection.execute(
        f'CREATE TABLE hits AS SELECT time_us, visitor_of("user", client, agent) AS visitor,'
        f" {TARGET} AS target, hash(agent) AS agent, hash(client) AS client,"
        f" coalesce(status, -1) AS status, duration_us, bytes_sent, bytes_received,"
        f" {QUERY} IS NOT NULL AS has_query, {by_user} AS by_user"
        f" FROM requests WHERE {IS_HTTP}"
    )
    connection.execute(
        f"CREATE TABLE targets AS SELECT {TARGET} AS target, any_value(method) AS method,"
        f" any_value({PATH}) AS path, count(*) AS requests FROM requests WHERE {IS_HTTP}"
        f" GROUP BY 1"
    )


def totals(connection: duckdb.DuckDBPyConnection) -> Totals:
    counted = connection.execute(
        "SELECT count(*), approx_count_distinct(visitor), coalesce(min(time_us), 0),"
        " coalesce(max(time_us), 0), count(duration_us), count(bytes_received),"
        " coalesce(any_value(by_user), false) FROM hits"
    ).fetchone()
    told = connection.execute(
        f'SELECT count("user"), count(agent) FROM requests WHERE {IS_HTTP}'
    ).fetchone()
    assert counted is not None
    assert told is not None
    return Totals(
        requests=counted[0],
        visitors=counted[1],
        begin_us=counted[2],
        end_us=counted[3],
        with_user=told[0],
        with_agent=told[1],
        with_duration=counted[4],
        with_bytes_received=counted[5],
        told_by="user" if counted[6] else "address and agent",
    )


def targets(connection: duckdb.DuckDBPyConnection, limit: int) -> Targets:
    """The most requested; half of them, with a sample of the others, where there are more."""
    row = connection.execute("SELECT count(*) FROM targets").fetchone()
    distinct = int(row[0]) if row else 0
    most = limit if distinct <= limit else limit // 2
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE chosen AS SELECT target, true AS is_most FROM targets"
        f" ORDER BY requests DESC, target LIMIT {most}"
    )
    connection.execute(  # a target is a hash: the lowest ones are a uniform sample
        "INSERT INTO chosen SELECT target, false FROM targets ANTI JOIN chosen USING (target)"
        f" ORDER BY target LIMIT {max(0, limit - most) if distinct > limit else 0}"
    )
    found = connection.execute(
        "SELECT any_value(t.method) AS method, any_value(t.path) AS path, count(*) AS requests,"
        f" approx_count_distinct(visitor) AS clients, {_IS_ERROR} AS failed,"
        " mode(status)::BIGINT AS first_status, any_value(is_most) AS is_most"
        " FROM hits JOIN chosen USING (target) JOIN targets AS t USING (target)"
        " GROUP BY target ORDER BY 3 DESC, path, method"
    ).fetchnumpy()
    is_most = np.asarray(found["is_most"], dtype=bool)
    sampled = int((~is_most).sum())
    weight = (distinct - most) / sampled if sampled else 1.0
    return Targets(
        method=_texts(found["method"]),
        path=_texts(found["path"]),
        requests=ints(found["requests"]),
        clients=ints(found["clients"]),
        failed=ints(found["failed"]),
        first_status=ints(found["first_status"]),
        weight=np.where(is_most, 1.0, weight),
        distinct=distinct,
    )


def agents(connection: duckdb.DuckDBPyConnection, limit: int) -> Agents:
    found = connection.execute(
        "SELECT agent, count(*) AS requests,"
        ' approx_count_distinct(visitor_of("user", client, agent)) AS visitors,'
        f" approx_count_distinct(split_part(target, '?', 1)) AS targets, {_IS_ERROR} AS errors,"
        f" {_ROBOTS} AS robots, count(*) FILTER (method = 'HEAD') AS heads,"
        f" count(referer) AS with_referer FROM requests WHERE {IS_HTTP}"
        f" GROUP BY agent ORDER BY requests DESC, agent LIMIT {limit}"
    ).fetchnumpy()
    counts = ("requests", "visitors", "targets", "errors", "robots", "heads", "with_referer")
    return Agents(
        agent=optional_texts(found["agent"]), **{name: ints(found[name]) for name in counts}
    )


def visitors(connection: duckdb.DuckDBPyConnection, limit: int) -> Visitors:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE chosen AS SELECT visitor FROM hits GROUP BY visitor"
        f" ORDER BY count(*) DESC, visitor LIMIT {limit}"
    )
    named = (
        'SELECT visitor_of("user", client, agent) AS visitor, any_value(client) AS client,'
        f" any_value(agent) AS agent, any_value({PATH}) AS target, {_ROBOTS} AS robots"
        f' FROM requests WHERE {IS_HTTP} AND visitor_of("user", client, agent) IN'
        " (SELECT visitor FROM chosen) GROUP BY 1"
    )
    counted = (
        "SELECT visitor, count(*) AS requests, approx_count_distinct(target) AS targets,"
        f" min(time_us) AS first_us, max(time_us) AS last_us, {_IS_ERROR} AS errors,"
        " avg(gap_s) AS gap_mean_s, approx_quantile(gap_s, 0.5)::DOUBLE AS gap_median_s,"
        " CASE WHEN count(gap_s) >= 3 THEN stddev_samp(gap_s) / nullif(avg(gap_s), 0) END AS gap_cv"
        " FROM (SELECT *, (time_us - lag(time_us) OVER (PARTITION BY visitor ORDER BY time_us))"
        " / 1e6 AS gap_s FROM hits SEMI JOIN chosen USING (visitor)) GROUP BY visitor"
    )
    found = connection.execute(
        f"SELECT * FROM ({counted}) JOIN ({named}) USING (visitor) ORDER BY requests DESC, visitor"
    ).fetchnumpy()
    return Visitors(
        visitor=np.asarray(found["visitor"], dtype=np.uint64),
        client=optional_texts(found["client"]),
        agent=optional_texts(found["agent"]),
        target=optional_texts(found["target"]),
        requests=ints(found["requests"]),
        targets=ints(found["targets"]),
        first_us=ints(found["first_us"]),
        last_us=ints(found["last_us"]),
        errors=ints(found["errors"]),
        robots=ints(found["robots"]),
        gap_mean_s=floats(found["gap_mean_s"]),
        gap_median_s=floats(found["gap_median_s"]),
        gap_cv=floats(found["gap_cv"]),
    )


def target_names(
    connection: duckdb.DuckDBPyConnection, numbers: Sequence[int] | NDArray[np.int64]
) -> tuple[tuple[str, str], ...]:
    wanted = [int(number) for number in numbers]
    rows = connection.execute(
        "SELECT target, method, path FROM targets WHERE target IN (SELECT unnest($1::BIGINT[]))",
        [wanted],
    ).fetchall()
    names = {target: (method, path) for target, method, path in rows}
    return tuple(names[number] for number in wanted)


def ints(column: object) -> NDArray[np.int64]:
    return np.asarray(column, dtype=np.int64)


def floats(column: object) -> NDArray[np.float64]:
    """NULL becomes nan."""
    return np.ma.filled(np.ma.asarray(column, dtype=np.float64), np.nan)


def optional_texts(column: object) -> tuple[str | None, ...]:
    return tuple(np.ma.filled(np.ma.asarray(column, dtype=object), None).tolist())


def _texts(column: object) -> tuple[str, ...]:
    return tuple(np.asarray(column, dtype=object).tolist())
