"""One load test from its plan to its verdict: the wiring of plan, load, store and analysis.

    target allowed? ─► pre-flight ─► outputs start ─► load starts ─► a frame a second ─► load ends
                                                        │   judged? ─► digest, stop rules, outputs
    result ◄─ outputs stop ◄─ last manifest ◄─ conclude ◄─────────────── @teardown, workers' last ┘

Whatever happens once the outputs have started, what was measured by then is kept: a Ctrl-C, a rule
of `stop_if`, a lost worker, a full disk still end in a verdict. Only an error of the load itself
(a PerfwrightError) does not; the run is kept in the state "failed" then, and the error goes on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from perfwright.analyze.conclude import conclude
from perfwright.analyze.digest import Digest
from perfwright.analyze.facts import RunFacts
from perfwright.analyze.slos import window_lengths_s
from perfwright.analyze.stop_rules import StopRules
from perfwright.load.local import LoadOutcome, LocalLoad
from perfwright.model import errors
from perfwright.model.frame import in_windows
from perfwright.model.manifest import RunManifest
from perfwright.model.protocols import Sink
from perfwright.model.result import RunResult
from perfwright.plan.targets import allowed_targets
from perfwright.plan.test import Test
from perfwright.plan.test_plan import TestPlan
from perfwright.store.run_id import new_run_id
from perfwright.workflow.conductor import Conductor, Planned
from perfwright.workflow.host import usable_cores
from perfwright.workflow.interrupts import interrupts
from perfwright.workflow.manifest import failed_manifest, first_manifest, last_manifest
from perfwright.workflow.options import RunOptions
from perfwright.workflow.outputs import Outputs
from perfwright.workflow.preflight import limits_for, preflight
from perfwright.workflow.watching import Watching, check_watch

_TRACES_PER_S = 20.0
"""Requests traced while spans are received: enough for every stage of some seconds, and few enough
to cost a system that traces next to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """A run that has a verdict, and its manifest in its last form."""

    manifest: RunManifest
    result: RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """How the load went."""

    digest: Digest
    outcome: LoadOutcome
    stop_reason: str | None
    interrupted: bool
    watch_notes: tuple[str, ...]

    @property
    def state(self) -> str:
        early = self.stop_reason or self.interrupted or self.outcome.scenario_broken
        return "stopped" if early else "finished"


def run_test(
    plan: TestPlan,
    options: RunOptions,
    sinks: Sequence[Sink] = (),
    conductor: Conductor | None = None,
) -> FinishedRun:
    """Run the plan. UsageError: it cannot be run as written; StoreError: it cannot be kept;
    WorkerError: the load could not be made. `conductor`: who leads it, if not its plan."""
    test = plan.test
    conductor = conductor or Planned(test.judged_windows())
    allowed = allowed_targets(test.target, options.allow_targets, test.resolve)
    plan = dataclasses.replace(plan, test=test.replaced(allow_targets=allowed))
    check_watch(test.watch, options.profile)
    workers = test.workers or default_workers()
    workers = min(workers, test.max_users or workers)  # a worker without a user has nothing to do
    notes = (*plan.notes, *preflight(test, workers, limits_for(test.target)))
    for note in notes:
        options.say(note)
    manifest = first_manifest(new_run_id(), plan, options, workers=workers, notes=notes)
    outputs = Outputs(options.store, sinks, options.say)
    outputs.start(manifest)
    try:
        course = _loaded(plan, workers, options, outputs, conductor)
    except BaseException as error:
        outputs.stop(failed_manifest(manifest, str(error) or "interrupted before it could end"))
        raise
    return _concluded(test, manifest, course, outputs, conductor)


def default_workers() -> int:
    """One core is left to the system and to us."""
    return max(1, usable_cores() - 1)


def _loaded(
    plan: TestPlan, workers: int, options: RunOptions, outputs: Outputs, conductor: Conductor
) -> _Course:
    """Make the load, frame by frame, to its end."""
    test = plan.test
    digest = Digest(window_lengths_s=window_lengths_s(test.slos))
    rules = StopRules(test.stop_if)
    windows = test.judged_windows()
    stop_reason: str | None = None
    load = LocalLoad(_traced(plan), workers=workers)
    watching = Watching(test.target, test.watch, options.profile)
    try:
        load.start()
        watching.start(load.origin_ns)
        with interrupts(load, options.say) as signals:
            for bare in load.frames():
                frame = dataclasses.replace(
                    bare,
                    judged=in_windows(bare.second, windows),
                    watched=watching.second(bare.second),
                )
                digest.feed(frame)
                outputs.frame(frame)
                conductor.frame(frame, load, watching)
                if stop_reason is None and (stop_reason := rules.feed(frame)) is not None:
                    outputs.event("stop_if", stop_reason)
                    load.stop()
            interrupted = signals.count > 0
            outcome = load.finish()
        last = watching.close()
        outputs.keep(last)
        conductor.last(last)
        if outcome.scenario_broken:
            options.say(outcome.scenario_broken)
        for failure in outcome.teardown_failures:
            options.say(f"@teardown: {failure}")
    finally:
        watching.close()
        load.close()
    return _Course(
        digest=digest,
        outcome=outcome,
        stop_reason=stop_reason,
        interrupted=interrupted,
        watch_notes=tuple(watching.notes),
    )


def _traced(plan: TestPlan) -> TestPlan:
    """Where spans are received, some of the requests ask for them."""
    receives = any(spec.partition(":")[0] == "otlp" for spec in plan.test.watch)
    return dataclasses.replace(plan, traces_per_s=_TRACES_PER_S) if receives else plan


def _concluded(
    test: Test, manifest: RunManifest, course: _Course, outputs: Outputs, conductor: Conductor
) -> FinishedRun:
    outcome = course.outcome
    for what in outcome.lost_workers:
        outputs.event("worker_lost", what)
    if course.interrupted:
        outputs.event("interrupted", "stopped by hand")
    outputs.drain()
    facts = RunFacts(
        run_id=manifest.run_id,
        duration_s=outcome.duration_s,
        judged_s=manifest.judged_s,
        workers=manifest.workers,
        max_users=test.max_users,
        lost_workers=outcome.lost_workers,
        teardown_failures=tuple(map(_in_a_line, outcome.teardown_failures)),
        scenario_broken=outcome.scenario_broken and _in_a_line(outcome.scenario_broken),
        stop_reason=course.stop_reason,
        interrupted=course.interrupted,
        cpu_us_per_request=outcome.cpu_us_per_request,
        notes=(*manifest.notes, *outcome.notes, *course.watch_notes, *outputs.notes),
        path=str(outputs.path),
    )
    result = conductor.concluded(conclude(course.digest, facts, test.slos))
    last = last_manifest(manifest, state=course.state, result=result)
    told = len(outputs.notes)
    outputs.stop(last)
    result = dataclasses.replace(result, notes=(*result.notes, *outputs.notes[told:]))
    return FinishedRun(manifest=last, result=result)


def _in_a_line(message: str) -> str:
    """What raised and what; the traceback between them is told on its own."""
    lines = message.strip().splitlines() or [""]
    raised = lines[-1].strip().removeprefix(f"{errors.__name__}.")
    return " ".join(dict.fromkeys((lines[0], raised)))
