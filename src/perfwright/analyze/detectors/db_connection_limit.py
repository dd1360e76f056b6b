"""db.connection_limit: the database refuses connections, or is about to.

Looks for client sessions at the server's limit (less the few it keeps for superusers) under stress,
while they were fewer at light load or requests fail. Worth: with the limit out of the way the next
hard bound is left. The size to ask for follows from Little's law: sessions that are really busy.
Fooled by many idle sessions well below the limit: no finding.
"""

from __future__ import annotations

from perfwright.analyze.plateau import queues
from perfwright.analyze.predict import with_limit_lifted
from perfwright.analyze.telling import measured, number, percent, seen
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Finding

_RESERVED = 4
_NEAR = 0.9
_FAILING = 0.01
_EXPLAINS = (
    "errors.under_load", "pool.exhausted", "retry.storm", "connection.no_keepalive",
    "dependency.slow", "thread_pool.exhausted",
)  # fmt: skip


def detect(view: View) -> list[Finding]:
    """One finding for each database that is full of sessions."""
    return [
        finding
        for subject in view.subjects(metrics.DB_SESSIONS_LIMIT)
        if (finding := _judge(view, subject))
    ]


def _judge(view: View, subject: str) -> Finding | None:
    stage = view.under_stress
    limit = view.mean(metrics.DB_SESSIONS_LIMIT, subject, stage=stage) or 0.0
    sessions = view.values(metrics.DB_SESSIONS, subject, stage=stage)
    if limit <= 0 or not sessions.size:
        return None
    most = float(sessions.max())
    full = most >= max(_NEAR * limit, 1) or most >= limit - _RESERVED
    failing = stage.error_ratio >= max(_FAILING, 3 * view.low.error_ratio)
    if not full or not (failing or queues(view)):
        return None
    return _finding(view, subject, limit, most, failing=failing)


def _finding(view: View, subject: str, limit: float, most: float, *, failing: bool) -> Finding:
    stage = view.under_stress
    active = view.mean(metrics.DB_SESSIONS, subject, "active", stage=stage) or 0.0
    return Finding(
        kind="db.connection_limit",
        subject=f"{number(limit)} connections of {subject}",
        component=subject,
        confidence=0.95 if failing else 0.6,
        impact=with_limit_lifted(
            view, f"All but {number(max(limit - most, 0))} of {number(limit)} sessions are taken."
        ),
        evidence=(
            seen(view, f"sessions, of {number(limit)}", metrics.DB_SESSIONS, subject),
            seen(view, "sessions that do something", metrics.DB_SESSIONS, subject, "active"),
            measured(
                view, "requests that failed", view.low.error_ratio, stage.error_ratio, percent
            ),
        ),
        recommendation=(
            f"{number(most)} of {number(limit)} sessions are open and {number(active)} of them do"
            " something. Share them: a pool in each process, or one before the database (PgBouncer"
            f" in transaction mode), of about {max(4, round(2 * active) + 2)} connections in all;"
            " raise max_connections only if that many are truly busy."
        ),
        explains=_EXPLAINS,
    )
