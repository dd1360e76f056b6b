"""What probes see while a load goes on: one `Reading` a second from each, merged into the Frame.

    host ─────┐
    port:8000 ┼─ Reading ─► merged ─► Frame.watched ─► store: samples, queries, spans, stacks, …
    database ─┘

Seconds count from the run's origin, as everywhere. A `subject` names the thing watched, the same
way in every record, so that what is seen of one thing can be put together: `host`, `port:8000`,
`pid:4711`, `db:shop@127.0.0.1:5432`, `redis:127.0.0.1:6379`, `http://127.0.0.1:9100/metrics`. Texts
in here carry no secrets: whoever makes a record has redacted it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One number read. `metric`: a name of `model/metrics.py`, or an exporter's own. `label` tells
    the parts of one metric apart (`user`, `Lock:tuple`, `orders`); "" is the whole."""

    second: int
    metric: str
    subject: str
    value: float
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementTally:
    """One normalized SQL statement (or Redis command) in one second: what was added in it.

    `fingerprint` is stable over runs (it hashes the normalized text); `text` has placeholders for
    literals. Blocks are of the database's page size."""

    second: int
    subject: str
    fingerprint: str
    text: str
    calls: float
    total_ns: float
    rows: float = 0.0
    blocks_hit: float = 0.0
    blocks_read: float = 0.0
    temp_blocks: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPlan:
    """How the database means to run a statement, and what an index would change.

    `plan` is the plan as text. `relation`, `filter`: the costliest scan that reads rows only to
    throw them away ("" where there is none), `rows_scanned` of it a call. `index`: DDL of an index
    that would serve it ("" if none), `cost_now` and `cost_then` (planner's units; None: the
    database could not tell, as without HypoPG; both alike: no index would help)."""

    subject: str
    fingerprint: str
    plan: str
    relation: str = ""
    filter: str = ""
    rows_scanned: float = 0.0
    index: str = ""
    cost_now: float | None = None
    cost_then: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One operation of a distributed trace (OpenTelemetry). Ids in hex; `parent_id` "" at a root.
    `start_ns` since the origin. `kind`: internal | server | client | producer | consumer.
    `statement`: normalized; `code`: `file:line function` where the span says so."""

    second: int
    trace_id: str
    span_id: str
    parent_id: str
    service: str
    name: str
    kind: str
    start_ns: int
    duration_ns: int
    error: bool = False
    system: str = ""
    statement: str = ""
    code: str = ""
    peer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackCount:
    """How often a profiler saw one stack. `moment`: low | knee | run (when the profile was taken).

    `mode`: cpu (on a CPU), gil (holding Python's lock), wall (on or off), offcpu, sql (statements
    under way; the innermost frame is one, `SELECT … (sql/FINGERPRINT)`, with `/loop` behind it
    where it is sent from a loop). `stack`: frames
    root first, separated by `;`, each `function (file:line)`. `thread`: its name or id. A profile's
    samples are taken `rate_per_s` times a second for `duration_s`."""

    moment: str
    subject: str
    mode: str
    thread: str
    stack: str
    count: int
    rate_per_s: float
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A thing found or asked for: `runtime` is `python 3.11`, `go`, `postgresql 15.4`, …, `detail`
    what people recognise it by (its command line, secrets taken out). `port` 0: listens on none.
    `talks_to`: subjects of components that it has open sockets to. A database's processes are one,
    `port:5432`; what it says about itself is another, `db:…`, of the same port."""

    subject: str
    runtime: str = ""
    detail: str = ""
    pids: tuple[int, ...] = ()
    port: int = 0
    talks_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """Something that happened once: `blocked` (who waits for whom), `slow` (a slow-log entry), …"""

    second: int
    subject: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that one probe (or all of them) saw since it was last asked. `notes` say, for people,
    what could not be seen and how to make it visible; a note is told once a run."""

    samples: tuple[Sample, ...] = ()
    statements: tuple[StatementTally, ...] = ()
    plans: tuple[StatementPlan, ...] = ()
    spans: tuple[Span, ...] = ()
    stacks: tuple[StackCount, ...] = ()
    components: tuple[Component, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    notes: tuple[str, ...] = ()


NOTHING = Reading()


def joined(readings: Iterable[Reading]) -> Reading:
    """All of them as one, in their order."""
    parts = list(readings)
    fields = [field.name for field in dataclasses.fields(Reading)]
    return Reading(
        **{name: tuple(one for part in parts for one in getattr(part, name)) for name in fields}
    )
