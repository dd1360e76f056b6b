"""What PostgreSQL counts for a database and its tables, as rates; and how many sessions it takes.

The session limit is what is left for this database: `max_connections`, less the slots kept for
superusers (where the application is none), less the sessions of other databases; or the database's
or the application role's own limit where that is lower. Statistics reach the views up to a second
late, so one second's figure may fall into the next.
"""

from __future__ import annotations

from collections.abc import Iterable

from perfwright.model.metrics import (
    DB_CACHE_HITS,
    DB_COMMITS,
    DB_DEADLOCKS,
    DB_SEQ_ROWS,
    DB_SEQ_SCANS,
    DB_SESSIONS_LIMIT,
    DB_TABLE_ROWS,
    DB_TEMP,
)
from perfwright.model.watched import Reading, Sample
from perfwright.observe.counters import Counters
from perfwright.observe.pg_session import PgSession

MAX_TABLES = 40
_DATABASE = """
    SELECT xact_commit, xact_rollback, blks_hit, blks_read, temp_bytes, deadlocks
    FROM pg_stat_database WHERE datname = current_database()
"""
_LIMIT = """
    WITH sessions AS (
        SELECT usesysid, datname = current_database() AND application_name <> 'perfwright' AS inside
        FROM pg_stat_activity
        WHERE coalesce(backend_type, 'client backend') = 'client backend' AND datname IS NOT NULL
    ), application AS (
        SELECT usesysid FROM sessions WHERE inside GROUP BY usesysid ORDER BY count(*) DESC LIMIT 1
    )
    SELECT current_setting('max_connections')::int,
        current_setting('superuser_reserved_connections')::int
            + coalesce(current_setting('reserved_connections', true), '0')::int,
        (SELECT count(*) FROM sessions WHERE NOT inside),
        d.datconnlimit, coalesce(r.rolsuper, false), coalesce(r.rolconnlimit, -1)
    FROM pg_database d
    LEFT JOIN application ON true LEFT JOIN pg_roles r ON r.oid = application.usesysid
    WHERE d.datname = current_database()
"""
_TABLES = f"""
    SELECT CASE s.schemaname WHEN 'public' THEN '' ELSE s.schemaname || '.' END || s.relname,
        coalesce(s.seq_scan, 0), coalesce(s.seq_tup_read, 0),
        CASE WHEN c.reltuples > 0 THEN c.reltuples ELSE coalesce(s.n_live_tup, 0) END::float8
    FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
    ORDER BY s.seq_tup_read DESC NULLS LAST LIMIT {MAX_TABLES}
"""


class DatabaseCounters:
    what = "pg_stat_database"

    def __init__(self, session: PgSession, subject: str) -> None:
        self._session = session
        self._subject = subject
        self._counters = Counters()

    def read(self, second: int, now_s: float) -> Reading:
        """Rates since the last call; nothing but the limit at the first."""
        values = [("", DB_SESSIONS_LIMIT, self._sessions_limit())]
        rates = [
            self._counters.rate(place, counter, now_s)
            for place, counter in enumerate(self._session.rows(_DATABASE)[0])
        ]
        own = self._counters.rate("own", self._session.statements, now_s) or 0.0
        if None not in rates:
            commit, rollback, hit, read, temp, deadlocks = (rate or 0.0 for rate in rates)
            values += [
                ("commit", DB_COMMITS, max(0.0, commit - own)),
                ("rollback", DB_COMMITS, rollback),
                ("", DB_TEMP, temp),
                ("", DB_DEADLOCKS, deadlocks),
            ]
            if hit + read > 0:
                values.append(("", DB_CACHE_HITS, hit / (hit + read)))
        return _reading(second, self._subject, values)

    def _sessions_limit(self) -> float:
        slots, reserved, others, of_database, is_super, of_role = self._session.rows(_LIMIT)[0]
        left = slots - others - (0 if is_super else reserved)
        return float(min([left, *(limit for limit in (of_database, of_role) if limit >= 0)]))


class TableCounters:
    what = "pg_stat_user_tables"

    def __init__(self, session: PgSession, subject: str) -> None:
        self._session = session
        self._subject = subject
        self._counters = Counters()
        self._scanned: set[str] = set()

    def read(self, second: int, now_s: float) -> Reading:
        """Sequential scans of the tables that had any since the first call, and all tables' rows;
        the 40 most scanned ones."""
        values = []
        for table, scans, rows_read, rows in self._session.rows(_TABLES):
            values.append((table, DB_TABLE_ROWS, rows))
            scans_per_s = self._counters.rate((table, "scans"), scans, now_s) or 0.0
            rows_per_s = self._counters.rate((table, "rows"), rows_read, now_s) or 0.0
            if scans_per_s:
                self._scanned.add(table)
            if table in self._scanned:
                values.append((table, DB_SEQ_SCANS, scans_per_s))
                values.append((table, DB_SEQ_ROWS, rows_per_s))
        return _reading(second, self._subject, values)


def _reading(second: int, subject: str, values: Iterable[tuple[str, str, float]]) -> Reading:
    return Reading(
        samples=tuple(
            Sample(second=second, metric=metric, subject=subject, value=float(value), label=label)
            for label, metric, value in values
        )
    )
