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
_FAILED = "count(*) FILTER (status >= 400)"
_IS_ROBOTS = "starts_with(target, '/robots.txt')"


def make_hits(connection: duckdb.DuckDBPyConnection) -> Totals:
    counted = connection.execute(
        'SELECT count(*), count("user"), coalesce(min(time_us), 0), coalesce(max(time_us), 0)'
        f" FROM requests WHERE {IS_HTTP}"
    ).fetchone()
    assert counted is not None
    requests, with_user, begin_us, end_us = counted
    by_user = with_user > 0 and with_user >= WITH_USER_RATIO * requests
    connection.execute(
        f'CREATE MACRO visitor_of("user", client, agent) AS {_BY_USER if by_user else _BY_ADDRESS}'
    )
    connection.execute(
        'CREATE TABLE hits AS SELECT time_us, visitor_of("user", client, agent) AS visitor,'
        f" {TARGET} AS target, hash(agent) AS agent, coalesce(status, -1) AS status, duration_us,"
        f" bytes_sent, bytes_received, {QUERY} IS NOT NULL AS has_query,"
        f" {_IS_ROBOTS} AS is_robots FROM requests WHERE {IS_HTTP}"
    )
    return Totals(
        requests=requests,
        begin_us=begin_us,
        end_us=end_us,
        told_by="user" if by_user else "address and agent",
    )


def make_targets(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"CREATE TABLE targets AS SELECT {TARGET} AS target, any_value(method) AS method,"
        f" any_value({PATH}) AS path, count(*) AS requests, {_FAILED} AS failed"
        f" FROM requests WHERE {IS_HTTP} GROUP BY 1"
    )


def targets(connection: duckdb.DuckDBPyConnection, limit: int) -> Targets:
    """The most requested; half of them, with a sample of the others, where there are more."""
    row = connection.execute("SELECT count(*) FROM targets").fetchone()
    distinct = int(row[0]) if row else 0
    most = limit if distinct <= limit else limit // 2
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE chosen AS SELECT *, true AS is_most FROM targets"
        f" ORDER BY requests DESC, target LIMIT {most}"
    )
    connection.execute(  # a target is a hash: the lowest ones are a uniform sample
        "INSERT INTO chosen SELECT *, false FROM targets ANTI JOIN chosen USING (target)"
        f" ORDER BY target LIMIT {max(0, limit - most) if distinct > limit else 0}"
    )
    found = connection.execute(
        "SELECT method, path, requests, failed, is_most FROM chosen"
        " ORDER BY requests DESC, path, method"
    ).fetchnumpy()
    is_most = np.asarray(found["is_most"], dtype=bool)
    sampled = int((~is_most).sum())
    weight = (distinct - most) / sampled if sampled else 1.0
    return Targets(
        method=_texts(found["method"]),
        path=_texts(found["path"]),
        requests=ints(found["requests"]),
        failed=ints(found["failed"]),
        weight=np.where(is_most, 1.0, weight),
        distinct=distinct,
    )


def agents(connection: duckdb.DuckDBPyConnection, limit: int) -> Agents:
    found = connection.execute(
        f"SELECT agent, count(*) AS requests FROM requests WHERE {IS_HTTP} GROUP BY agent"
        f" ORDER BY requests DESC, agent LIMIT {limit}"
    ).fetchnumpy()
    return Agents(agent=_optional_texts(found["agent"]), requests=ints(found["requests"]))


def visitors(connection: duckdb.DuckDBPyConnection, limit: int) -> Visitors:
    """Gaps are reckoned of those who ask for one thing only: few of all requests need sorting."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE chosen AS SELECT visitor, count(*) AS requests,"
        f" {_FAILED} AS errors, count(*) FILTER (is_robots) AS robots,"
        " CASE WHEN min(target) = max(target) THEN min(target) END AS target"
        f" FROM hits GROUP BY visitor ORDER BY requests DESC, visitor LIMIT {limit}"
    )
    named = (
        'SELECT visitor_of("user", client, agent) AS visitor, any_value(client) AS client,'
        f" any_value(agent) AS agent FROM requests WHERE {IS_HTTP}"
        ' AND visitor_of("user", client, agent) IN (SELECT visitor FROM chosen) GROUP BY 1'
    )
    paced = (
        "SELECT visitor, avg(gap_s) AS gap_mean_s,"
        " approx_quantile(gap_s, 0.5)::DOUBLE AS gap_median_s,"
        " CASE WHEN count(gap_s) >= 3 THEN stddev_samp(gap_s) / nullif(avg(gap_s), 0) END AS gap_cv"
        " FROM (SELECT visitor, (time_us - lag(time_us) OVER (PARTITION BY visitor"
        " ORDER BY time_us)) / 1e6 AS gap_s FROM hits SEMI JOIN"
        " (SELECT visitor FROM chosen WHERE target IS NOT NULL AND requests > 1) USING (visitor))"
        " GROUP BY visitor"
    )
    found = connection.execute(
        "SELECT chosen.*, client, agent, targets.path, gap_mean_s, gap_median_s, gap_cv"
        f" FROM chosen JOIN ({named}) USING (visitor) LEFT JOIN targets USING (target)"
        f" LEFT JOIN ({paced}) USING (visitor) ORDER BY chosen.requests DESC, visitor"
    ).fetchnumpy()
    return Visitors(
        visitor=np.asarray(found["visitor"], dtype=np.uint64),
        client=_optional_texts(found["client"]),
        agent=_optional_texts(found["agent"]),
        only_path=_optional_texts(found["path"]),
        requests=ints(found["requests"]),
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


def _optional_texts(column: object) -> tuple[str | None, ...]:
    return tuple(np.ma.asarray(column, dtype=object).tolist())


def _texts(column: object) -> tuple[str, ...]:
    return tuple(np.asarray(column, dtype=object).tolist())
