"""A run added up to one second, by the database: seconds of work where adding frames takes minutes.

    second 0 ─┐
    second 1 ─┼─► counts and buckets summed, maxima and gauges at their highest ─► the rows of one
    second n ─┘

For runs of one worker, as imported ones are: gauges of several would have to be added first.
"""

from __future__ import annotations

from perfwright.store import layout
from perfwright.store.rows import SecondRows
from perfwright.store.tables import Tables

_GAUGES = (
    "users_active", "users_target", "arrivals_target_per_s", "waiting", "busiest_cpu_ratio",
)  # fmt: skip
_COUNTERS = tuple(
    name for name in layout.LOAD.columns if name not in ("second", "worker", "judged", *_GAUGES)
)
_SUMS = ", ".join(f"sum({name})::BIGINT AS {name}" for name in _COUNTERS)
_HIGHEST = ", ".join(f"max({name}) AS {name}" for name in _GAUGES)


def _counts(column: str) -> str:
    """One map a step of the maps of all its seconds."""
    return f"""
        SELECT step, map_from_entries(list((key, number))) AS {column} FROM (
            SELECT step, entry.key AS key, sum(entry.value)::BIGINT AS number
            FROM (SELECT step, unnest(map_entries({column})) AS entry FROM {{steps}}) GROUP BY ALL
        ) GROUP BY step
    """


_QUERIES = {
    "load": f"SELECT 0 AS second, 0 AS worker, bool_and(judged) AS judged, {_HIGHEST}, {_SUMS},"
    " count(DISTINCT second) AS seconds FROM {load}",
    "steps": f"""
        SELECT 0 AS second, 0 AS worker, s.*, coalesce(k.error_kinds, MAP {{{{}}}}) AS error_kinds,
            coalesce(c.statuses, MAP {{{{}}}}) AS statuses
        FROM (
            SELECT step, any_value(kind) AS kind, sum(requests)::BIGINT AS requests,
                sum(errors)::BIGINT AS errors, sum(bytes_sent)::BIGINT AS bytes_sent,
                sum(bytes_received)::BIGINT AS bytes_received, min(second) AS first
            FROM {{steps}} GROUP BY step
        ) AS s
        LEFT JOIN ({_counts("error_kinds")}) AS k USING (step)
        LEFT JOIN ({_counts("statuses")}) AS c USING (step) ORDER BY s.first, step
    """,
    "measures": """
        SELECT 0 AS second, 0 AS worker, m.*, h.buckets, h.counts FROM (
            SELECT step, measure, sum(count)::BIGINT AS count, sum(total)::BIGINT AS total,
                max(maximum) AS maximum
            FROM {measures} GROUP BY ALL
        ) AS m LEFT JOIN (
            SELECT step, measure, list(bucket) AS buckets, list(count) AS counts FROM (
                SELECT step, measure, bucket, sum(count)::BIGINT AS count
                FROM {histograms} GROUP BY ALL
            ) GROUP BY ALL
        ) AS h USING (step, measure)
    """,
    "checks": "SELECT 0 AS second, 0 AS worker, name, sum(passed)::BIGINT AS passed,"
    " sum(failed)::BIGINT AS failed FROM {checks} GROUP BY name",
    "exemplars": "SELECT * REPLACE (0 AS worker) FROM {exemplars}",
    "events": "SELECT * FROM {events} WHERE worker IS NOT NULL",
}


def summed_rows(tables: Tables) -> tuple[SecondRows, int] | None:
    """The rows, and of how many seconds; None where nothing was measured."""
    rows = SecondRows(second=0)
    for table, query in _QUERIES.items():
        rows.by_table[table] = [*tables.rows(query)]
    seconds = rows.by_table["load"][0]["seconds"]
    return (rows, seconds) if seconds else None
