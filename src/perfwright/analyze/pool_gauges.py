"""Gauges that a pool publishes about itself, in whatever exporter: used, idle, waiting, size.

    db_client_connection_count{state="used"}, db_client_connection_pending_requests   OpenTelemetry
    hikaricp_connections_active, _pending, _max          pool_in_use, pool_waiters, pool_size  …

Metrics are recognised by words in their name and label: one that means *waiting* makes a pool, and
its sisters (same subject, names that share the first word) its state. Fooled by a metric that uses
these words for something else: therefore a pool counts only with a waiting gauge that rises above
zero and with used connections beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from perfwright.analyze.telling import seen
from perfwright.analyze.view import View
from perfwright.model.finding import Evidence
from perfwright.model.stage import Stage

_POOL = re.compile(r"pool|connection", re.IGNORECASE)
_WAITING = re.compile(r"pending|waiting|waiters|queued|wait_count|requests_waiting", re.IGNORECASE)
_USED = re.compile(r"used|in_use|inuse|active|busy|checked_?out|acquired|borrowed", re.IGNORECASE)
_IDLE = re.compile(r"idle|available|free", re.IGNORECASE)
_SIZE = re.compile(r"max|size|limit|capacity|total", re.IGNORECASE)
_OURS = ("system.", "process.", "db.session.", "db.table.", "cache.", "container.", "perfwright.")

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolGauge:
    """Series by their key: metric, subject, label."""

    view: View
    subject: str
    pending: Key
    in_use: Key | None
    free: Key | None
    limit: Key | None

    def waiting(self, stage: Stage) -> float:
        return self._mean(self.pending, stage)

    def used(self, stage: Stage) -> float:
        return self._mean(self.in_use, stage)

    def size(self, stage: Stage) -> float:
        """The limit that it tells, or used and idle together."""
        limit = self._mean(self.limit, stage)
        return limit or self.used(stage) + self._mean(self.free, stage)

    def evidence(self) -> tuple[Evidence, ...]:
        told = (("requests that wait for a connection", self.pending),)
        used = (("connections in use", self.in_use),) if self.in_use else ()
        return tuple(seen(self.view, what, *key) for what, key in told + used)

    def _mean(self, key: Key | None, stage: Stage) -> float:
        return (self.view.mean(*key, stage=stage) or 0.0) if key else 0.0


def pool_gauges(view: View) -> tuple[PoolGauge, ...]:
    """Every pool that publishes how many wait for it."""
    keys = [key for key in view.series if not key[0].startswith(_OURS) and _POOL.search(key[0])]
    return tuple(
        _gauge(view, key, [other for other in keys if _sisters(key, other)])
        for key in keys
        if _WAITING.search(f"{key[0]} {key[2]}")
    )


def _gauge(view: View, pending: Key, sisters: list[Key]) -> PoolGauge:
    def first(words: re.Pattern[str]) -> Key | None:
        return next((key for key in sisters if words.search(f"{key[0]} {key[2]}")), None)

    return PoolGauge(
        view=view,
        subject=pending[1],
        pending=pending,
        in_use=first(_USED),
        free=first(_IDLE),
        limit=first(_SIZE),
    )


def _sisters(one: Key, other: Key) -> bool:
    """Other gauges of the same pool: same subject, a name of the same first words."""
    if one == other or one[1] != other[1] or _WAITING.search(f"{other[0]} {other[2]}"):
        return False
    return _stem(one[0]) == _stem(other[0])


def _stem(metric: str) -> str:
    return "_".join(re.split(r"[._]", metric.lower())[:2])
