"""pool.exhausted: more requests want a connection than the pool has; the others queue for one.

What is looked for, per pair of components that talk (a service and its database, or a service
behind it):

    connections ── P ── P ── P     a plateau: their number stays while the load rises
    in flight   ── 2 ── 9 ── 60    far more requests than connections under stress
    hardware    has room           nothing hard explains the queue
    P / X       about R            Little: each connection is held for P / X a request, which must
                                   be no more than an unloaded request takes, nor next to nothing

or, surest, a gauge of the pool itself (an exporter's `…pending…`, `…waiting…` beside `…used…`). It
is surer where the database sees the connections in use, or where calls to somebody else stop at the
same number, for the connection is held meanwhile. Little's law gives the size for the throughput
that the next hard bound allows. Fooled by anything that queues in front of a pool that is merely
there (a lock, threads, a blocked event loop): there P / X seldom fits. What holds connections for
long (a slow statement, row locks) explains this finding, not the reverse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perfwright.analyze.laws import holding_s, servers_needed
from perfwright.analyze.plateau import is_softly_limited
from perfwright.analyze.pool_gauges import PoolGauge, pool_gauges
from perfwright.analyze.predict import with_limit_lifted
from perfwright.analyze.resources import component, process_of
from perfwright.analyze.roles import is_store
from perfwright.analyze.telling import idle_hardware, measured, number, response_evidence, seconds
from perfwright.analyze.telling import seen as series_seen
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding, Impact
from perfwright.model.units import format_count

_STEADY = 0.15
_QUEUE = 2.0
_BUSY = 0.5
_MOST = 500
_LEAST_SECONDS = 2
_HELD_LEAST, _HELD_MOST = 0.2, 2.0
_EXPLAINS = ("errors.under_load", "dependency.slow", "thread_pool.exhausted")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pool:
    """`size`: connections; `busy`: of them in use under stress, as the peer sees it (None: unseen);
    `waiting`: requests that have none; `told`: what shows it."""

    owner: str
    peer: str
    size: float
    busy: float | None
    waiting: float
    told: tuple[Evidence, ...]
    confidence: float


def detect(view: View) -> list[Finding]:
    """A finding for the pool that is used up, if one is."""
    if not is_softly_limited(view):
        return []
    pools = [*_told_by_gauges(view), *_seen_from_outside(view)]
    # Of two that stand at one number, what is kept ready rather than what is called meanwhile.
    pools.sort(key=lambda pool: (-pool.confidence, not is_store(view, pool.peer)))
    return [_finding(view, pools[0])] if pools else []


def _told_by_gauges(view: View) -> list[_Pool]:
    stage = view.under_stress
    return [
        _Pool(
            owner=process_of(view, gauge.subject),
            peer="",
            size=gauge.size(stage),
            busy=gauge.used(stage),
            waiting=gauge.waiting(stage),
            told=gauge.evidence(),
            confidence=0.95,
        )
        for gauge in pool_gauges(view)
        if _is_full(view, gauge)
    ]


def _is_full(view: View, gauge: PoolGauge) -> bool:
    stage = view.under_stress
    size = gauge.size(stage)
    return size > 0 and gauge.used(stage) >= 0.85 * size and gauge.waiting(stage) >= 1


def _seen_from_outside(view: View) -> list[_Pool]:
    found = []
    for owner in view.subjects(metrics.CONNECTIONS_TO):
        for peer in view.labels(metrics.CONNECTIONS_TO, owner):
            if peer and (pool := _plateau(view, owner, peer)):
                found.append(pool)
    return found


def _plateau(view: View, owner: str, peer: str) -> _Pool | None:
    """A pool whose connections are all there is, in a queue of more requests than connections."""
    stage = view.under_stress
    size = _settled_at(view, owner, peer)
    if size is None or stage.in_flight < size + _QUEUE or not _holds_fit(view, size):
        return None
    busy = _busy_at_peer(view, peer)
    return _Pool(
        owner=owner,
        peer=peer,
        size=size,
        busy=busy,
        waiting=stage.in_flight - size,
        told=_told(view, owner, peer),
        confidence=_confidence(view, owner, peer, size, busy),
    )


def _settled_at(view: View, owner: str, peer: str) -> int | None:
    """How many connections there are, where their number stays; None where it moves."""
    under = view.values(metrics.CONNECTIONS_TO, owner, peer, stage=view.under_stress)
    before = view.mean(metrics.CONNECTIONS_TO, owner, peer, stage=view.at_knee)
    if under.size < _LEAST_SECONDS or before is None:
        return None
    size = round(float(np.median(under)))
    steady = float(under.std()) <= max(_STEADY * size, 0.5)
    stays = abs(before - size) <= max(_STEADY * size, 1.0)
    return size if 1 <= size <= _MOST and steady and stays else None


def _holds_fit(view: View, size: int) -> bool:
    """Whether a request may well hold a connection for as long as the plateau asks."""
    held_s = holding_s(size, view.busiest.throughput_per_s)
    return _HELD_LEAST <= held_s / max(view.low.response_mean_s, 1e-9) <= _HELD_MOST


def _confidence(view: View, owner: str, peer: str, size: int, busy: float | None) -> float:
    seen_busy = 0.0 if busy is None else min(busy / size, 1.0)
    if seen_busy >= _BUSY:
        return 0.5 + 0.4 * seen_busy
    elsewhere = [
        _settled_at(view, owner, other)
        for other in view.labels(metrics.CONNECTIONS_TO, owner)
        if other and other != peer
    ]
    return 0.8 if any(other is not None and abs(other - size) <= 1 for other in elsewhere) else 0.55


def _busy_at_peer(view: View, peer: str) -> float | None:
    """Connections that the database sees in use: active, or idle in a transaction."""
    for subject in view.subjects(metrics.DB_SESSIONS):
        if _same_place(subject, peer):
            stage = view.under_stress
            active = view.mean(metrics.DB_SESSIONS, subject, "active", stage=stage)
            held = view.mean(metrics.DB_SESSIONS, subject, "idle_in_transaction", stage=stage)
            return None if active is None else active + (held or 0.0)
    return None


def _same_place(one: str, other: str) -> bool:
    """`db:shop@127.0.0.1:5432`, `127.0.0.1:5432` and `port:5432` name one thing."""
    return one.rpartition(":")[2] == other.rpartition(":")[2]


def _told(view: View, owner: str, peer: str) -> tuple[Evidence, ...]:
    told = [series_seen(view, f"connections to {peer}", metrics.CONNECTIONS_TO, owner, peer)]
    for subject in view.subjects(metrics.DB_SESSIONS):
        if _same_place(subject, peer):
            told += [
                series_seen(view, f"sessions {label}", metrics.DB_SESSIONS, subject, label)
                for label in ("active", "idle_in_transaction")
                if label in view.labels(metrics.DB_SESSIONS, subject)
            ]
    return tuple(told)


def _finding(view: View, pool: _Pool) -> Finding:
    stage = view.under_stress
    held_s = holding_s(pool.size, view.busiest.throughput_per_s)
    impact = with_limit_lifted(
        view,
        f"Little's law: {number(pool.size)} connections, each held {seconds(held_s)} a request,"
        f" let {number(view.busiest.throughput_per_s)} requests/s through.",
    )
    hardware = idle_hardware(view)
    return Finding(
        kind="pool.exhausted",
        subject=_subject(view, pool),
        component=pool.owner,
        confidence=pool.confidence,
        impact=impact,
        evidence=(
            *pool.told,
            measured(view, "requests in flight (X·R)", view.low.in_flight, stage.in_flight, number),
            response_evidence(view),
            *([hardware] if hardware else []),
        ),
        recommendation=_recommendation(pool, held_s, impact),
        explains=_EXPLAINS,
    )


def _subject(view: View, pool: _Pool) -> str:
    connections = "connection" if pool.size == 1 else "connections"
    known = component(view, pool.peer)
    runtime = known.runtime.partition(" ")[0] if known else ""
    to = " ".join(filter(None, (runtime, pool.peer)))
    return f"{format_count(pool.size)} {connections}" + (f" to {to}" if to else "")


def _recommendation(pool: _Pool, held_s: float, impact: Impact) -> str:
    now = (
        f"All {format_count(pool.size)} connections are busy and"
        f" {format_count(round(pool.waiting))} requests wait for one."
    )
    if impact.throughput_per_s is None:
        return f"{now} Raise the pool's size step by step and watch the database."
    rate = impact.throughput_per_s.predicted
    size = max(servers_needed(rate, held_s), round(pool.size) + 1)
    return (
        f"{now} Raise the pool's size to {size}: by Little's law that carries"
        f" {format_count(round(rate))} requests/s. Mind that the database takes that many (its"
        " connection limit), and shorten what holds a connection."
    )
