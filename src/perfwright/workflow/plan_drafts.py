"""From recognised sources to one draft: each kind by its reader, several of them merged.

    logs ──────► one workload, one draft ─┐
    documents ─► a draft each, merged ────┴─► calls of the log completed from the document's

Readers are imported when they are needed: one document loads none of the others' libraries.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.calls import calls_of
from perfwright.model.errors import DataError, UsageError
from perfwright.model.journey import ScenarioDraft
from perfwright.plan.shapes import arrivals
from perfwright.plan.test_plan import TestPlan
from perfwright.workflow.plan_merge import completed_by, merged
from perfwright.workflow.plan_options import PlanOptions
from perfwright.workflow.plan_sources import Source, SourceKind

if TYPE_CHECKING:
    from perfwright.model.workload import Trace, Workload

OnProgress = Callable[[str], None]
SESSIONS_MIN, SESSIONS_MAX = 2_000, 20_000
"""How many are simulated: as many as the log has, within these."""
_NAMED_MAX = 8
_REASONS_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """`workload` and `trace`: of a log."""

    draft: ScenarioDraft
    workload: Workload | None = None
    trace: Trace | None = None

    def judged(self, scenario: Path, *, seed: int) -> Workload | None:
        """The workload with its fidelity, by a simulated run of the generated file."""
        if self.workload is None or self.trace is None:
            return self.workload
        from perfwright.analyze.workload.fidelity import judge_fidelity
        from perfwright.load.simulated import simulate
        from perfwright.plan.loader import load_test

        sessions = min(SESSIONS_MAX, max(SESSIONS_MIN, self.workload.sessions.sessions))
        plan = _with_sessions(load_test(scenario), sessions)
        simulated = simulate(plan, max_sessions=sessions, seed=seed)
        fidelity = judge_fidelity(self.trace, simulated.trace, seed=seed)
        notes = tuple(
            f"In the simulated run {sessions:,} sessions ended with: {message}"
            for message, sessions in simulated.errors
        )
        return dataclasses.replace(
            self.workload, fidelity=fidelity, notes=(*self.workload.notes, *notes)
        )


def _with_sessions(plan: TestPlan, sessions: int) -> TestPlan:
    """The plan with a load that begins so many: chance in few of them would pass for a difference.
    One level is held for longer; a course of the day is passed more slowly."""
    loads = {}
    for name, shape in plan.test.load.items():
        length_s = shape.duration_s or 0.0
        if shape.model == "open" and len(shape.segments) <= 2 and shape.peak > 0:
            level = arrivals(shape.peak, process=shape.process)
            loads[name] = level.hold(sessions / shape.peak)
        elif shape.model == "open" and (begun := shape.expected_arrivals(0, length_s)) > 0:
            loads[name] = shape.stretched(length_s * max(1.0, sessions / begun))
        else:
            loads[name] = shape
    return dataclasses.replace(plan, test=plan.test.replaced(load=loads))


def draft_of_sources(
    sources: Sequence[Source],
    options: PlanOptions,
    *,
    scratch: Path,
    on_progress: OnProgress = lambda _: None,
) -> Drafted:
    """`scratch`: a folder for what is too large for memory. `on_progress` hears what is done with a
    log, and "" at the end. UsageError, DataError."""
    logs = [source.path for source in sources if source.kind == "log"]
    environments = [Path(source.path) for source in sources if source.kind == "environment"]
    documents = [
        _document(source, options, environments)
        for source in sources
        if source.kind not in ("log", "environment")
    ]
    if not logs and not documents:
        raise UsageError(
            f"SOURCE: {sources[0].given!r} is a Postman environment; give its collection as well"
        )
    if options.only and not documents:
        raise UsageError("--only: it chooses parts of a document, and there is none; leave it out")
    if not logs:
        return Drafted(draft=_with_calls(merged(documents), sources))
    drafted = _of_logs(logs, options, scratch, on_progress)
    if not documents:
        return drafted
    return dataclasses.replace(drafted, draft=completed_by(drafted.draft, merged(documents)))


def _with_calls(draft: ScenarioDraft, sources: Sequence[Source]) -> ScenarioDraft:
    """The draft; DataError where it asks for nothing."""
    if next(calls_of(draft), None) is None:
        names = ", ".join(repr(source.given) for source in sources)
        why = "".join(f"; {note}" for note in draft.notes[:_REASONS_MAX])
        raise DataError(f"SOURCE: {names} holds no request that can become a test{why}")
    return draft


def _of_logs(
    paths: Sequence[str], options: PlanOptions, scratch: Path, on_progress: OnProgress
) -> Drafted:
    from perfwright.analyze.workload.draft_load import LoadOptions
    from perfwright.sources.access_logs import read_access_logs
    from perfwright.workflow.plan_log import LogOptions, plan_log

    load = LoadOptions(
        scale=options.scale,
        peak=options.peak,
        shape=options.shape,
        compress=options.compress,
        growth_per_year=options.growth_per_year,
        horizon_years=options.horizon_years,
    )
    wanted = LogOptions(
        keep_static=options.keep_static,
        keep_bots=options.keep_bots,
        session_timeout_s=options.timeout_s,
        seed=options.seed,
        title=options.name,
        target=options.target,
        load=load,
    )
    with read_access_logs(
        paths,
        scratch=scratch,
        log_format=options.log_format or None,
        mapping=options.mapping or None,
        zone=options.zone,
        on_progress=on_progress,
    ) as log:
        on_progress("finding endpoints, sessions and patterns")
        try:
            planned = plan_log(log, wanted)
        finally:
            on_progress("")
    return Drafted(draft=planned.draft, workload=planned.workload, trace=planned.trace)


def _document(source: Source, options: PlanOptions, environments: Sequence[Path]) -> ScenarioDraft:
    path = Path(source.path)
    if source.kind == "har":
        from perfwright.sources.har import HarOptions, read_har

        kept = HarOptions(
            keep_static=options.keep_static,
            keep_third_party=options.keep_third_party,
            only=options.only,
        )
        return read_har(path, options=kept)
    if source.kind == "openapi":
        from perfwright.sources.openapi import OpenApiOptions, read_openapi

        return read_openapi(
            path,
            options=OpenApiOptions(
                only=options.only, allow_remote=options.allow_remote_refs, seed=options.seed
            ),
        )
    return _chosen(_scripted(source.kind, path, environments), options.only, source.given)


def _scripted(kind: SourceKind, path: Path, environments: Sequence[Path]) -> ScenarioDraft:
    """What people wrote down call by call."""
    if kind == "postman":
        from perfwright.sources.postman import read_postman

        return read_postman(path, environments=environments)
    if kind == "jmx":
        from perfwright.sources.jmx import read_jmx

        return read_jmx(path)
    from perfwright.sources.curl import read_curl

    return read_curl(path)


def _chosen(draft: ScenarioDraft, only: Sequence[str], given: str) -> ScenarioDraft:
    """The journeys whose names match one of the patterns; UsageError where none does."""
    if not only:
        return draft
    patterns = [pattern.casefold() for pattern in only]
    journeys = tuple(
        journey
        for journey in draft.journeys
        if any(fnmatchcase(journey.name.casefold(), pattern) for pattern in patterns)
    )
    if not journeys:
        names = ", ".join(repr(journey.name) for journey in draft.journeys[:_NAMED_MAX])
        raise UsageError(f"--only: nothing in {given!r} is called so; it has {names}")
    load = journeys[0].load if len(journeys) == 1 else None
    return dataclasses.replace(draft, journeys=journeys, load=load or draft.load)
