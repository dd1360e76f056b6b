"""What one second of a run looks like.

    worker 0 ── Tally ─┐
    worker 1 ── Tally ─┼─► Frame (second 12) ──► sinks: store, terminal, …
    worker n ── Tally ─┘

A `Tally` counts everything one worker saw in one second (or any merge of such). Kernels send it as
one JSON document (`Tally.from_wire`); `Tally.merge` is associative and commutative, so any grouping
of workers and seconds gives the same sums. Memory is bounded by the number of steps, never of
requests.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from perfwright.model.histogram import Histogram
from perfwright.model.units import NS_PER_S
from perfwright.model.watched import NOTHING, Reading

MEASURES = ("response", "service", "dns", "connect", "tls", "send", "wait", "receive")
"""What is timed of each request, in ns. `response`: intended start → last byte. `service`: first
byte sent → last byte. The rest are phases: name look-up, TCP connect, TLS handshake, writing the
request, sent → first byte, first byte → last byte."""

ERROR_KINDS = (
    "dns", "connect_refused", "connect_timeout", "connect_failed", "tls", "reset", "closed_early",
    "timeout", "malformed", "too_many_redirects", "no_ports", "too_many_files",
    "not_allowed", "http_4xx", "http_5xx", "check", "exception",
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class StepTally:
    """One step's counts. `kind`: request | call (asyncio, thread) | group (`user.step`)."""

    kind: str = "request"
    requests: int = 0
    errors: int = 0
    error_kinds: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    bytes_sent: int = 0
    bytes_received: int = 0
    measures: dict[str, Histogram] = field(default_factory=dict)

    def merge(self, other: StepTally) -> None:
        self.requests += other.requests
        self.errors += other.errors
        self.bytes_sent += other.bytes_sent
        self.bytes_received += other.bytes_received
        _add_counts(self.error_kinds, other.error_kinds)
        _add_counts(self.statuses, other.statuses)
        for name, histogram in other.measures.items():
            self.measures.setdefault(name, Histogram()).merge(histogram)


@dataclass(slots=True, kw_only=True)
class CheckTally:
    passed: int = 0
    failed: int = 0


@dataclass(slots=True, kw_only=True)
class RecordTally:
    """Values of `user.record(name, value, unit=…)`; floats, so no histogram but exact moments."""

    unit: str = ""
    count: int = 0
    total: float = 0.0
    minimum: float = float("inf")
    maximum: float = float("-inf")

    def merge(self, other: RecordTally) -> None:
        self.unit = self.unit or other.unit
        self.count += other.count
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemplar:
    """A slow or failed request, kept whole enough to understand; times are ns since the origin.
    `trace_id`: of its spans (`Span.trace_id`), "" where it was not traced."""

    second: int
    worker: int
    step: str
    outcome: str
    status: int
    method: str
    url: str
    intended_ns: int
    response_ns: int
    service_ns: int
    phases_ns: Mapping[str, int]
    message: str
    body_head: str
    user: int
    iteration: int
    trace_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Scenario code that held the loop at `file:line`, `count` times, `longest_ns` at worst."""

    file: str
    line: int
    count: int
    total_ns: int
    longest_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioError:
    """An exception in user code: how often, and the first traceback."""

    where: str
    type: str
    message: str
    traceback: str
    count: int


@dataclass(slots=True, kw_only=True)
class Tally:
    """Everything counted in an interval by one or more workers."""

    steps: dict[str, StepTally] = field(default_factory=dict)
    checks: dict[str, CheckTally] = field(default_factory=dict)
    records: dict[str, RecordTally] = field(default_factory=dict)
    lateness: Histogram = field(default_factory=Histogram)
    users_active: int = 0
    """Users that exist and run an iteration (a gauge: summed over workers, last over seconds)."""
    users_target: float = 0.0
    """Closed model: users asked for now. Open model: 0."""
    arrivals_target_per_s: float = 0.0
    """Open model: iterations per second asked for now. Closed model: 0."""
    iterations_started: int = 0
    iterations_completed: int = 0
    iterations_failed: int = 0
    iterations_interrupted: int = 0
    requests_interrupted: int = 0
    waiting: int = 0
    """Open model under `--max-users`: arrivals that wait for a user now (a gauge)."""
    dropped: int = 0
    """Arrivals that never started."""
    reconnects: int = 0
    cpu_ns: int = 0
    busiest_cpu_ratio: float = 0.0
    """CPU of the busiest worker's reactor thread in this second, in cores (merged: max)."""
    exemplars: list[Exemplar] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    scenario_errors: list[ScenarioError] = field(default_factory=list)

    @classmethod
    def from_wire(cls, document: Mapping[str, Any], *, second: int, worker: int) -> Tally:
        """From the JSON document of a kernel's `take_tally`; its keys are the field names here."""
        plain = {key: document[key] for key in _GAUGES + _COUNTERS if key in document}
        return cls(
            steps={name: _step_from_wire(step) for name, step in document["steps"].items()},
            checks={name: CheckTally(**check) for name, check in document["checks"].items()},
            records={name: RecordTally(**record) for name, record in document["records"].items()},
            lateness=_histogram_from_wire(document["lateness"]),
            exemplars=[
                Exemplar(second=second, worker=worker, **exemplar)
                for exemplar in document["exemplars"]
            ],
            holds=[Hold(**hold) for hold in document["holds"]],
            scenario_errors=[ScenarioError(**error) for error in document["scenario_errors"]],
            busiest_cpu_ratio=document["cpu_ns"] / NS_PER_S,
            **plain,
        )

    def merge(self, other: Tally, *, gauges: str = "add") -> None:
        """Add `other`; `gauges` says what to do with them: "add" (workers) or "last" (seconds)."""
        for name, step in other.steps.items():
            self.steps.setdefault(name, StepTally(kind=step.kind)).merge(step)
        for name, check in other.checks.items():
            mine = self.checks.setdefault(name, CheckTally())
            mine.passed += check.passed
            mine.failed += check.failed
        for name, record in other.records.items():
            self.records.setdefault(name, RecordTally()).merge(record)
        self.lateness.merge(other.lateness)
        for key in _COUNTERS:
            setattr(self, key, getattr(self, key) + getattr(other, key))
        for key in _GAUGES:
            value = getattr(other, key)
            setattr(self, key, getattr(self, key) + value if gauges == "add" else value)
        self.busiest_cpu_ratio = max(self.busiest_cpu_ratio, other.busiest_cpu_ratio)
        self.exemplars = _keep_exemplars([*self.exemplars, *other.exemplars])
        self.holds = _merge_holds([*self.holds, *other.holds])
        self.scenario_errors = _merge_errors([*self.scenario_errors, *other.scenario_errors])

    def requests(self) -> int:
        """Requests and calls of all steps; groups are not counted twice."""
        return sum(step.requests for step in self.steps.values() if step.kind != "group")

    def errors(self) -> int:
        return sum(step.errors for step in self.steps.values() if step.kind != "group")

    def measure(self, name: str) -> Histogram:
        """All requests' and calls' histogram of one measure, merged over steps."""
        merged = Histogram()
        for step in self.steps.values():
            if step.kind != "group" and name in step.measures:
                merged.merge(step.measures[name])
        return merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One second of a run: [second, second + 1) s after the origin, all workers.

    `judged` is False while the run warms up, ramps or drains: measured and shown, not judged.
    `watched`: what probes saw and told since the frame before; their records carry seconds of their
    own, since a slow probe tells late.
    """

    second: int
    by_worker: Mapping[int, Tally]
    total: Tally
    watched: Reading = NOTHING
    judged: bool = True

    @classmethod
    def of_workers(cls, second: int, by_worker: Mapping[int, Tally], *, judged: bool) -> Frame:
        return cls(
            second=second, by_worker=by_worker, total=merged(by_worker.values()), judged=judged
        )


def merged(tallies: Iterable[Tally], *, gauges: str = "add") -> Tally:
    """A new Tally of all of them."""
    total = Tally()
    for tally in tallies:
        total.merge(tally, gauges=gauges)
    return total


def in_windows(second: int, windows: Iterable[tuple[float, float]]) -> bool:
    """Whether the second that begins at `second` begins inside one of the windows [from, to) in s.

    The one rule by which a whole second is judged or not: a fractional window keeps the second it
    ends in (answers to its last requests) and leaves out the one it begins in (still ramping).
    """
    return any(start <= second < end for start, end in windows)


_GAUGES = ("users_active", "users_target", "arrivals_target_per_s", "waiting")
_COUNTERS = (
    "iterations_started", "iterations_completed", "iterations_failed", "iterations_interrupted",
    "requests_interrupted", "dropped", "reconnects", "cpu_ns",
)  # fmt: skip
_KEPT_PER_STEP_AND_OUTCOME = 5


def _add_counts(into: dict[str, int], more: Mapping[str, int]) -> None:
    for key, count in more.items():
        into[key] = into.get(key, 0) + count


def _histogram_from_wire(document: Mapping[str, Any]) -> Histogram:
    return Histogram.from_pairs(document["buckets"], document["total"], document["maximum"])


def _step_from_wire(document: Mapping[str, Any]) -> StepTally:
    plain = {key: value for key, value in document.items() if key != "measures"}
    measures = {name: _histogram_from_wire(h) for name, h in document["measures"].items()}
    return StepTally(**plain, measures=measures)


def _keep_exemplars(exemplars: list[Exemplar]) -> list[Exemplar]:
    """A few of each step and outcome: the slowest."""
    kept: dict[tuple[str, str], list[Exemplar]] = {}
    for exemplar in sorted(exemplars, key=lambda e: -e.response_ns):
        group = kept.setdefault((exemplar.step, exemplar.outcome), [])
        if len(group) < _KEPT_PER_STEP_AND_OUTCOME:
            group.append(exemplar)
    return [exemplar for group in kept.values() for exemplar in group]


def _merge_holds(holds: list[Hold]) -> list[Hold]:
    by_line: dict[tuple[str, int], Hold] = {}
    for hold in holds:
        known = by_line.get((hold.file, hold.line))
        by_line[hold.file, hold.line] = (
            hold
            if known is None
            else dataclasses.replace(
                known,
                count=known.count + hold.count,
                total_ns=known.total_ns + hold.total_ns,
                longest_ns=max(known.longest_ns, hold.longest_ns),
            )
        )
    return list(by_line.values())


def _merge_errors(errors: list[ScenarioError]) -> list[ScenarioError]:
    by_kind: dict[tuple[str, str, str], ScenarioError] = {}
    for error in errors:
        key = (error.where, error.type, error.traceback)
        known = by_kind.get(key)
        by_kind[key] = (
            error if known is None else dataclasses.replace(known, count=known.count + error.count)
        )
    return list(by_kind.values())
