"""A load on this machine: spawns the workers, keeps them in step, merges what they count.

start    spawn ─► Ready ×N ─► @setup on worker 0 ─► one origin for all
frames   Second k of every living worker ─► Frame k
finish   @teardown on worker 0, with the totals of all
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from perfwright.load.fleet_member import FleetMember
from perfwright.load.messages import (
    ChangeLoad,
    Done,
    Failed,
    Job,
    Located,
    Note,
    Ready,
    Report,
    RunSetup,
    RunTeardown,
    Second,
    SetupDone,
    Start,
    Stop,
    TeardownDone,
)
from perfwright.model.errors import PlanError, UsageError, WorkerError
from perfwright.model.frame import Frame, Tally, merged
from perfwright.model.units import NS_PER_S
from perfwright.plan.shapes import Segment
from perfwright.plan.test_plan import TestPlan

R = TypeVar("R", bound=Report)

_HEAD_START_NS = 100_000_000
"""From the last Ready to the common origin: time for every worker to build its kernel."""
_LOOK_EVERY_S = 1.0
"""How often to look for workers that say nothing."""
_BROKEN_AFTER = 10
"""So many iterations that all raised, and none that ended well, are a broken scenario; fewer where
there are fewer users."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOutcome:
    """`scenario_broken`: what to tell people when every user's first iteration raised.
    `cpu_us_per_request`: user + system CPU of the workers. `duration_s`: until the last ended."""

    lost_workers: tuple[str, ...]
    teardown_failures: tuple[str, ...]
    scenario_broken: str | None
    duration_s: float
    cpu_us_per_request: float | None
    notes: tuple[str, ...]


class LocalLoad:
    """Use: start, frames (to its end), finish; and close, whatever happened."""

    def __init__(self, plan: TestPlan, *, workers: int) -> None:
        self._plan = plan
        self._open = ExitStack()
        self._members: list[FleetMember] = []
        self._count = workers
        self._total = Tally()
        self._origin_ns = 0
        self._over_s = math.inf
        self._ended_ns = 0
        self._cpu_s = 0.0
        self._broken: str | None = None
        self._notes: list[str] = []
        self._by_second: dict[int, dict[int, Tally]] = {}

    def start(self) -> None:
        """Spawns the workers, runs `@setup`, and fixes the origin.

        Raises UsageError for what a worker finds wrong in the test, PlanError when `@setup` fails,
        WorkerError when a worker dies."""
        folder = Path(self._open.enter_context(TemporaryDirectory(prefix="perfwright-")))
        for feeder in self._plan.feeders:
            feeder.build_index(folder)
        for number in range(self._count):
            member = FleetMember(number)
            self._open.callback(member.close)
            self._members.append(member)
            member.tell(
                Job(
                    test=self._plan.test,
                    path=self._plan.path,
                    request=self._plan.request,
                    replay=self._plan.replay,
                    worker=number,
                    workers=self._count,
                    feeders=folder,
                    traces_per_s=self._plan.traces_per_s,
                )
            )
        for member in self._members:
            _expect(member, Ready)
        given = self._set_up() if self._plan.setup else None
        self._origin_ns = time.monotonic_ns() + _HEAD_START_NS
        test = self._plan.test
        self._over_s = self._origin_ns / NS_PER_S + test.duration_s + test.grace_s
        for member in self._members:
            member.tell(Start(self._origin_ns, given))

    @property
    def origin_ns(self) -> int:
        """Where seconds count from (monotonic); once the load has started."""
        return self._origin_ns

    def frames(self) -> Iterator[Frame]:
        """One Frame a second, in order, until every worker is done or dead."""
        next_second = 0
        while any(self._running()):
            for member in self._ready():
                self._take(member, member.hear())
            for member in self._running():
                if member.end_if_held(self._over_s):
                    self._ended_ns = max(self._ended_ns, round(self._over_s * NS_PER_S))
            while self._complete(next_second):
                yield self._frame(next_second)
                next_second += 1
        for second in sorted(self._by_second):
            yield self._frame(second)

    def change_load(self, scenario: str, at_s: float, segments: tuple[Segment, ...]) -> None:
        """From `at_s` (since the origin; in the near future) on, `scenario`'s load ("" = all
        scenarios') follows `segments`, the first of which starts at `at_s`."""
        group = list(self._plan.test.load).index(scenario)
        parts = tuple((s.start_s, s.end_s, s.start, s.end) for s in segments)
        for member in self._members:
            member.tell(ChangeLoad(group, self._origin_ns + round(at_s * NS_PER_S), parts))

    def stop(self, *, now: bool = False) -> None:
        """No more iterations; those under way may finish (`now`: are unwound)."""
        left_s = 0.0 if now else self._plan.test.grace_s
        self._over_s = min(self._over_s, time.monotonic() + left_s)
        for member in self._members:
            member.tell(Stop(now))

    def finish(self) -> LoadOutcome:
        """Runs `@teardown` and says how the load went."""
        requests = self._total.requests()
        return LoadOutcome(
            lost_workers=tuple(member.lost for member in self._members if member.lost),
            teardown_failures=self._tear_down() if self._plan.teardown else (),
            scenario_broken=self._broken,
            duration_s=max(0, self._ended_ns - self._origin_ns) / NS_PER_S,
            cpu_us_per_request=self._cpu_s / requests * 1e6 if requests else None,
            notes=tuple(dict.fromkeys(self._notes)),
        )

    def close(self) -> None:
        """Ends the worker processes and removes the indexed data."""
        self._open.close()

    def _running(self) -> list[FleetMember]:
        return [member for member in self._members if not member.done and not member.lost]

    def _ready(self) -> list[FleetMember]:
        by_connection = {member.connection: member for member in self._running()}
        ready = wait(list(by_connection), _LOOK_EVERY_S)
        return [by_connection[c] for c in ready if c in by_connection]

    def _take(self, member: FleetMember, report: Report | None) -> None:
        match report:
            case None:
                self._ended_ns = max(self._ended_ns, time.monotonic_ns())
            case Second():
                tally = _tally(report, member.number)
                self._by_second.setdefault(report.second, {})[member.number] = tally
            case Done(ended_ns, cpu_s):
                member.done = True
                self._ended_ns = max(self._ended_ns, ended_ns)
                self._cpu_s += cpu_s
            case Located(file, line):
                member.held_at = f"{file}:{line}"
            case Note(text):
                self._notes.append(text)
            case Failed(message, usage):
                raise UsageError(message) if usage else WorkerError(message)

    def _complete(self, second: int) -> bool:
        """Whether nothing more can come for this second."""
        heard = self._by_second.get(second, {})
        return bool(heard) and all(member.number in heard for member in self._running())

    def _frame(self, second: int) -> Frame:
        by_worker = self._by_second.pop(second)
        frame = Frame(second=second, by_worker=by_worker, total=merged(by_worker.values()))
        self._total.merge(frame.total, gauges="last")
        self._notice_broken_scenarios()
        return frame

    def _notice_broken_scenarios(self) -> None:
        """When the first iteration of every user raised there is nothing to measure."""
        total = self._total
        if self._broken or total.iterations_completed or not total.scenario_errors:
            return
        loads = self._plan.test.load.values()
        closed = all(shape.model == "closed" for shape in loads)
        users = sum(shape.peak for shape in loads) if closed else _BROKEN_AFTER
        if total.iterations_failed >= min(users, _BROKEN_AFTER):
            first = max(total.scenario_errors, key=lambda error: error.count)
            self._broken = f"every iteration of {first.where!r} raised:\n{first.traceback}"
            self.stop(now=True)

    def _set_up(self) -> Any:
        self._members[0].tell(RunSetup())
        answer = _expect(self._members[0], SetupDone)
        if answer.error is not None:
            raise PlanError(f"@setup failed, so nothing was run:\n{answer.error}")
        return answer.value

    def _tear_down(self) -> tuple[str, ...]:
        first = self._members[0]
        if first.lost:
            return (f"it could not run: {first.lost}",)
        totals = {
            name: {"requests": step.requests, "errors": step.errors}
            for name, step in self._total.steps.items()
        }
        first.tell(RunTeardown(totals))
        try:
            return _expect(first, TeardownDone).failures
        except WorkerError as error:
            return (str(error),)


def _tally(report: Second, worker: int) -> Tally:
    document = json.loads(report.document)
    names = ("file", "line", "count", "total_ns", "longest_ns")
    document["holds"] = [dict(zip(names, hold, strict=True)) for hold in report.holds]
    document["scenario_errors"] = report.scenario_errors
    return Tally.from_wire(document, second=report.second, worker=worker)


def _expect(member: FleetMember, kind: type[R]) -> R:
    """The worker's answer; what it says instead becomes the error it is."""
    while True:
        report = member.hear()
        if isinstance(report, kind):
            return report
        if isinstance(report, Failed):
            raise UsageError(report.message) if report.usage else WorkerError(report.message)
        if report is None:
            raise WorkerError(f"{member.lost} before it could start; its words are above")
