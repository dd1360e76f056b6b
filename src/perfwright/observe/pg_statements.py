"""pg_stat_statements, second by second: calls, time, rows and blocks of each statement.

The counters are read without texts (those lie in a file of up to megabytes); the text of a
statement is asked for once, when it first appears. Statements of perfwright's own are told by their
mark and left out. Statements that normalize to one text (IN lists of different lengths) are one.
Reference: PostgreSQL manual F.32 (pg_stat_statements ≥ 1.8, PostgreSQL ≥ 13).
"""

from __future__ import annotations

from dataclasses import dataclass

from perfwright.model.statements import fingerprint, normalize
from perfwright.model.units import NS_PER_MS
from perfwright.model.watched import Reading, StatementTally
from perfwright.observe.pg_activity import PRIVILEGE_NOTE
from perfwright.observe.pg_seen import SeenStatements
from perfwright.observe.pg_session import MARK, PgSession

_FIND = """
    SELECT quote_ident(n.nspname), current_setting('pg_stat_statements.max', true) IS NOT NULL,
        string_to_array(e.extversion, '.')::int[] >= ARRAY[1, 8]
    FROM (SELECT 1) AS always
    LEFT JOIN pg_extension e ON e.extname = 'pg_stat_statements'
    LEFT JOIN pg_namespace n ON n.oid = e.extnamespace
"""
_COUNTERS = """
    SELECT queryid, sum(calls)::float8, sum(total_exec_time)::float8, sum(rows)::float8,
        sum(shared_blks_hit)::float8, sum(shared_blks_read)::float8,
        sum(temp_blks_read + temp_blks_written)::float8
    FROM {schema}.pg_stat_statements(false)
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    GROUP BY queryid
"""
_TEXTS = """
    SELECT queryid, min(query) FROM {schema}.pg_stat_statements(true)
    WHERE queryid = ANY(%s) GROUP BY queryid
"""
_ESTIMATED = "statements are estimated from samples of sessions (time well, calls roughly)"
_IS_OURS = ""
MAX_TEXTS = 10_000


@dataclass(frozen=True, slots=True)
class StatisticsPlace:
    """Where the view is; `schema` None: not to be had, and `missing` says why and what to do."""

    schema: str | None
    missing: str = ""


def find_statistics(session: PgSession) -> StatisticsPlace:
    """Whether statements can be counted exactly."""
    schema, is_loaded, is_new = session.rows(_FIND)[0]
    if schema and is_loaded and is_new:
        return StatisticsPlace(schema)
    if schema and is_loaded:
        remedy = "ALTER EXTENSION pg_stat_statements UPDATE"
    elif is_loaded:
        remedy = "CREATE EXTENSION pg_stat_statements (in this database)"
    else:
        remedy = (
            "shared_preload_libraries = 'pg_stat_statements' (restart), then "
            "CREATE EXTENSION pg_stat_statements"
        )
    return StatisticsPlace(None, f"{_ESTIMATED}; for exact figures: {remedy}")


class StatementCounters:
    what = "pg_stat_statements"

    def __init__(self, session: PgSession, subject: str, schema: str, seen: SeenStatements) -> None:
        self._session = session
        self._subject = subject
        self._counters = _COUNTERS.format(schema=schema)
        self._texts_of = _TEXTS.format(schema=schema)
        self._seen = seen
        self._before: dict[int, list[float]] | None = None
        self._texts: dict[int, str] = {}

    def read(self, second: int, _now_s: float) -> Reading:
        """What was added since the last call."""
        rows = self._session.rows(self._counters)
        now = {queryid: counters for queryid, *counters in rows if queryid is not None}
        before, self._before = self._before, now
        if before is None:
            return Reading()
        gained = {
            queryid: gains
            for queryid, counters in now.items()
            if (gains := _gains(before.get(queryid), counters))[0] > 0
        }
        self._learn_texts(gained)
        hidden = len(now) < len(rows)
        return Reading(
            statements=self._tallies(second, gained),
            notes=(f"{self._subject}: {PRIVILEGE_NOTE}",) if hidden else (),
        )

    def _learn_texts(self, gained: dict[int, list[float]]) -> None:
        if len(self._texts) > MAX_TEXTS:
            self._texts.clear()
        unknown = [queryid for queryid in gained if queryid not in self._texts]
        if unknown:
            texts: dict[int, str] = dict(self._session.rows(self._texts_of, unknown))
            for queryid in unknown:
                text = texts.get(queryid) or _IS_OURS
                self._texts[queryid] = _IS_OURS if MARK in text else text

    def _tallies(self, second: int, gained: dict[int, list[float]]) -> tuple[StatementTally, ...]:
        sums: dict[str, tuple[str, list[float]]] = {}
        for queryid, gains in gained.items():
            text = self._texts[queryid]
            if text is not _IS_OURS:
                _, together = sums.setdefault(fingerprint(text), (text, [0.0] * len(gains)))
                together[:] = [a + b for a, b in zip(together, gains, strict=True)]
        for mark, (text, gains) in sums.items():
            self._seen.add_time(mark, text, gains[1] * NS_PER_MS)
        return tuple(
            StatementTally(
                second=second,
                subject=self._subject,
                fingerprint=mark,
                text=normalize(text),
                calls=calls,
                total_ns=total_ms * NS_PER_MS,
                rows=rows,
                blocks_hit=hit,
                blocks_read=read,
                temp_blocks=temp,
            )
            for mark, (text, (calls, total_ms, rows, hit, read, temp)) in sums.items()
        )


def _gains(before: list[float] | None, now: list[float]) -> list[float]:
    """All of it where the statement is new, or has been forgotten and counted anew."""
    if before is None or now[0] < before[0]:
        return now
    return [b - a for a, b in zip(before, now, strict=True)]
