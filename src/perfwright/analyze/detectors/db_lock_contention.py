"""db.lock_contention: transactions wait for one another's locks in the database.

Looks for sessions that wait on a lock (PostgreSQL's wait events of type `Lock`: another's row or
transaction; sessions blocked), more of them under stress than at light load, and a real part of
those that are active. The statement that waits is the one whose time a call grew most. A row that
every transaction updates is a server of its own with one place: it is held for its transaction's
length, and lets 1 / that through. Worth: that bound goes; the next hard one is left. Fooled by a
moment's lock (a migration, a vacuum): so the mean over the stage counts.
"""

from __future__ import annotations

from perfwright.analyze.predict import with_limit_lifted
from perfwright.analyze.statements import Cost, cost_at, costs
from perfwright.analyze.telling import (
    both,
    low_and_stress,
    number,
    response_evidence,
    seconds,
    seen,
)
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding

_LEAST_WAITING = 0.5
_PART_OF_ACTIVE = 0.25
_GREW = 3.0
_LOCKS = "Lock:"
_EXPLAINS = (
    "pool.exhausted", "db.connection_limit", "db.slow_query", "errors.under_load",
    "thread_pool.exhausted", "dependency.slow", "lock.contention", "latency.periodic_stall",
)  # fmt: skip


def detect(view: View) -> list[Finding]:
    """One finding for each database whose sessions queue for locks."""
    return [
        finding for subject in view.subjects(metrics.DB_WAITS) if (finding := _judge(view, subject))
    ]


def _judge(view: View, subject: str) -> Finding | None:
    events = [one for one in view.labels(metrics.DB_WAITS, subject) if one.startswith(_LOCKS)]
    low = high = 0.0
    for event in events:
        at_low, at_high = low_and_stress(view, metrics.DB_WAITS, subject, event)
        low, high = low + (at_low or 0.0), high + (at_high or 0.0)
    stage = view.under_stress
    active = view.mean(metrics.DB_SESSIONS, subject, "active", stage=stage) or high
    if high < max(_LEAST_WAITING, _PART_OF_ACTIVE * active):
        return None
    if view.compares and high < _GREW * low:
        return None
    return _finding(view, subject, events, high, active)


def _finding(view: View, subject: str, events: list[str], waiting: float, active: float) -> Finding:
    waiters = _waiters(view, subject)
    told = waiters[0].told if waiters else ""
    part = min(waiting / active, 1.0) if active > 0 else 1.0
    return Finding(
        kind="db.lock_contention",
        subject=told or f"locks of {subject}",
        component=subject,
        confidence=min(0.95, 0.7 + 0.3 * part),
        impact=with_limit_lifted(
            view,
            f"Little's law: {number(waiting)} transactions wait for a lock at a time; a row that"
            " all of them update is a server with one place.",
        ),
        evidence=(
            *(seen(view, f"sessions in {event}", metrics.DB_WAITS, subject, event)
              for event in events[:3]),
            *_blocked(view, subject),
            *(_grown(view, cost) for cost in waiters[:2]),
            response_evidence(view),
        ),
        recommendation=_recommendation(told),
        explains=_EXPLAINS,
    )  # fmt: skip


def _waiters(view: View, subject: str) -> list[Cost]:
    """Statements whose time grew under stress, by what grew of it in all."""
    grown = []
    for cost in costs(view, view.under_stress):
        if cost.subject != subject:
            continue
        light = cost_at(view, view.low, cost)
        more_s = cost.mean_s - light.mean_s if light else cost.mean_s
        grown.append((more_s * cost.calls_per_s, cost))
    grown.sort(key=lambda pair: -pair[0])
    return [cost for more, cost in grown if more > 0]


def _grown(view: View, cost: Cost) -> Evidence:
    light = cost_at(view, view.low, cost)
    return Evidence(
        what="time a call of the statement that waits",
        value=f"{both(view, light.mean_s if light else None, cost.mean_s, seconds)}: {cost.told}",
        source=f"{cost.subject} statements",
    )


def _blocked(view: View, subject: str) -> tuple[Evidence, ...]:
    """Who waits for whom, as it was seen happening."""
    said = [
        one for one in view.watched.occurrences if one.kind == "blocked" and one.subject == subject
    ]
    told = (
        (seen(view, "sessions blocked by another", metrics.DB_BLOCKED, subject),)
        if subject in view.subjects(metrics.DB_BLOCKED)
        else ()
    )
    if not said:
        return told
    last = Evidence(what="who waits for whom", value=said[-1].message, source=f"{subject} locks")
    return (*told, last)


def _recommendation(statement: str) -> str:
    what = f"`{statement}` waits for row locks. " if statement else ""
    return (
        f"{what}Hold the lock for less: make the hot row's update the last statement before"
        " COMMIT, keep calls to others and work out of that transaction, or spread the row (several"
        " counters summed when read, an append-only table, a queue)."
    )
