"""A bottleneck with its evidence: what a run comes to besides its verdict.

The kinds are a catalogue; a new one is one detector (`analyze/detectors/`), one fault of the lab
and one test. `as_json` is the contract of `explain --json`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

TITLES = {
    "generator.saturated": "The load generator was the bottleneck",
    "cpu.saturated": "The CPU is used up",
    "cpu.throttled": "A CPU quota holds the service back",
    "code.hot_function": "One function takes most of the CPU",
    "event_loop.blocked": "Blocking code holds the event loop",
    "thread_pool.exhausted": "All worker threads are busy",
    "lock.contention": "Threads wait for one lock",
    "gc.pressure": "Garbage collection takes the time",
    "memory.leak": "Memory grows and does not come back",
    "memory.pressure": "Memory is running out",
    "disk.saturated": "A disk is at its limit",
    "log.sync_io": "Requests wait for log writes",
    "net.saturated": "The network link is full",
    "net.latency": "The network adds the time",
    "pool.exhausted": "The connection pool is too small",
    "db.missing_index": "A query reads a whole table for want of an index",
    "db.slow_query": "One query takes most of the database's time",
    "db.n_plus_one": "One request sends the same query over and over",
    "db.lock_contention": "Transactions wait for one another's row locks",
    "db.connection_limit": "The database takes no more connections",
    "cache.ineffective": "The cache seldom holds what is asked for",
    "dependency.slow": "A service behind this one is slow",
    "retry.storm": "Retries multiply the load",
    "connection.no_keepalive": "A new connection is opened for every request",
    "payload.bloat": "Answers are far larger than they need be",
    "lb.uneven": "The load is spread unevenly",
    "latency.periodic_stall": "Everything stops at regular times",
    "errors.under_load": "Requests fail once the load rises",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`what` was seen, its `value` as people read it, and the `source` it came from (a probe's name
    and what of it). `metric`, `subject`, `label` point at a series that shows it, for a chart."""

    what: str
    value: str
    source: str
    metric: str = ""
    subject: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """A figure now and as it should be without the bottleneck, with a 90% interval."""

    now: float
    predicted: float
    low: float
    high: float

    @property
    def gain(self) -> float:
        """How many times better: above 1 where it gets better. For throughput `predicted / now`;
        for a time take `1 / gain`."""
        return self.predicted / self.now if self.now > 0 else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What removing the bottleneck is worth. `response_ms_p95` is at the knee's load (the highest
    that was held), `throughput_per_s` the most that the system would complete. None: it does not
    change, or cannot be told. `method` names the law that says so, in a sentence."""

    response_ms_p95: Predicted | None = None
    throughput_per_s: Predicted | None = None
    method: str = ""

    @property
    def gain(self) -> float:
        """The larger of both gains, ≥ 1: what findings are ranked by."""
        faster = 1 / self.response_ms_p95.gain if self.response_ms_p95 else 1.0
        more = self.throughput_per_s.gain if self.throughput_per_s else 1.0
        return max(1.0, faster, more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`subject`: the very thing (`orders(customer_id)`, `shop.py:40 total`, `10 connections`);
    `component`: the subject (in the sense of `model/watched.py`) that it was found in. `confidence`
    0..1. `explains`: kinds of findings that are only symptoms of this one where both are found;
    those end up in `folded`. `rank` 1 is the first; 0 is not ranked yet."""

    kind: str
    subject: str
    component: str
    confidence: float
    impact: Impact
    evidence: tuple[Evidence, ...]
    recommendation: str
    explains: tuple[str, ...] = ()
    folded: tuple[Finding, ...] = ()
    rank: int = 0
    verify: str = ""

    @property
    def title(self) -> str:
        return TITLES[self.kind]

    @property
    def score(self) -> float:
        """What it is worth by how sure it is."""
        return (self.impact.gain - 1) * self.confidence

    def as_json(self) -> dict[str, Any]:
        document = dataclasses.asdict(self)
        document["title"] = self.title
        document["folded"] = [folded.as_json() for folded in self.folded]
        return document
