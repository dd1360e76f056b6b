"""Raises the load to the knee, watches everything it can, and says what limits the system.

plan ─► stage loads ─► run_test ── frame ──► KneeSearch ──► change load, take profiles, stop
                          │                                              │
                          └── readings ─► View ◄─── stages and knee ◄────┘
                                           └─► findings ─► result, report
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from perfwright.analyze.chance import broken_by_chance
from perfwright.analyze.digest import Digest
from perfwright.analyze.findings import examine
from perfwright.analyze.healthy import next_limit
from perfwright.analyze.knee_search import Finish, KneeSearch, SetLoad, TakeProfile
from perfwright.analyze.layers import layers
from perfwright.analyze.load_series import load_reading
from perfwright.analyze.slo_values import said
from perfwright.analyze.slos import judge_slos, looked_at, window_lengths_s
from perfwright.analyze.view import View
from perfwright.analyze.view_of import view_of
from perfwright.load.local import LocalLoad
from perfwright.model.errors import UsageError
from perfwright.model.finding import Finding
from perfwright.model.frame import Frame
from perfwright.model.protocols import Sink
from perfwright.model.result import RunResult
from perfwright.model.stage import Knee
from perfwright.model.verdict import Status, Verdict
from perfwright.model.watched import Reading, joined
from perfwright.plan.shapes import arrivals, users
from perfwright.plan.slo import Slo
from perfwright.plan.test_plan import TestPlan
from perfwright.workflow.options import RunOptions
from perfwright.workflow.run import FinishedRun, run_test
from perfwright.workflow.stage_loads import StageLoads
from perfwright.workflow.watching import Watching, usual_watch

_LEAST_BUDGET_S = 20.0
_GRACE_S = 5.0
_LIMITING = ("response", "service", "errors", "checks", "apdex", "probe")
"""SLO metrics that a rising load can break; a throughput that is asked for breaks at low load."""
_MAX_USERS = 2_000
"""At once, where the test says nothing: what piles up past the knee must be waited for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Investigated:
    finished: FinishedRun
    knee: Knee | None
    findings: tuple[Finding, ...]


def investigate(
    plan: TestPlan,
    options: RunOptions,
    sinks: Sequence[Sink] = (),
    *,
    budget_s: float,
    visits: Sequence[float] = (),
) -> Investigated:
    """As `run_test`, with a load of its own making. `budget_s`: all of it, start-up left out.
    `visits`: levels to measure on the way. UsageError: too little time for one stage."""
    if budget_s < _LEAST_BUDGET_S:
        raise UsageError(
            f"--budget {budget_s:g}s: too short to measure one load; give "
            f"{_LEAST_BUDGET_S:g}s or more, and 60s or more to find a limit"
        )
    grace_s = min(_GRACE_S, plan.test.grace_s)
    loads = StageLoads.of(plan.test, budget_s - grace_s)
    conductor = _Investigation(plan.test.slos, loads, plan.test.target, visits)
    test = plan.test.replaced(
        load=loads.shapes(conductor.search.first_level),
        slos=(),
        warmup_s=0.0,
        grace_s=grace_s,
        max_users=plan.test.max_users or _MAX_USERS,
    )
    finished = run_test(dataclasses.replace(plan, test=test), options, sinks, conductor)
    return Investigated(finished=finished, knee=conductor.knee, findings=conductor.findings)


def with_model(plan: TestPlan, model: str | None) -> TestPlan:
    """The plan with users (closed) or arrivals (open) to raise; None leaves it as the test file has
    it, and raises arrivals at a URL."""
    if model is None and plan.request is None:
        return plan
    load = users(1) if model == "closed" else arrivals(1)
    return dataclasses.replace(plan, test=plan.test.replaced(load={"": load}))


def watched_plan(plan: TestPlan) -> TestPlan:
    """The plan; where nothing is said of what to watch, everything behind a target on this
    machine."""
    watch = plan.test.watch or usual_watch(plan.test.target)
    return dataclasses.replace(plan, test=plan.test.replaced(watch=watch))


def verifiable(findings: Sequence[Finding], run_id: str) -> tuple[Finding, ...]:
    """The findings, each with the command that proves its fix."""
    return tuple(
        dataclasses.replace(finding, verify=f"perfwright verify {run_id}#{finding.rank}")
        for finding in findings
    )


class _Investigation:
    """The conductor: obeys the search, and makes findings of what was seen."""

    def __init__(
        self, slos: tuple[Slo, ...], loads: StageLoads, target: str, visits: Sequence[float]
    ) -> None:
        self.knee: Knee | None = None
        self.findings: tuple[Finding, ...] = ()
        self._target = target
        self._slos = tuple(slo for slo in slos if slo.metric in _LIMITING)
        self._loads = loads
        self._watched: list[Reading] = []
        self._unjudged: dict[str, str] = {}
        self.search = KneeSearch(
            model=loads.model,
            budget_s=loads.length_s,
            objectives=self._broken_slo,
            visits=visits,
        )

    def frame(self, frame: Frame, load: LocalLoad, watching: Watching) -> None:
        self._watched += [frame.watched, load_reading([frame])]
        seen = looked_at(self._slos, frame.watched)
        for order in self.search.feed(dataclasses.replace(frame, watched=seen)):
            match order:
                case SetLoad(level, at_s):
                    self._loads.change(load, level, at_s)
                case TakeProfile(moment, at_s, duration_s):
                    watching.profile(moment, at_s=at_s, duration_s=duration_s)
                case Finish():
                    load.stop()

    def last(self, reading: Reading) -> None:
        self._watched.append(reading)

    def concluded(self, result: RunResult) -> RunResult:
        self.knee = self.search.finish()
        if not self.search.stages:
            return dataclasses.replace(result, verdict=_nothing_measured(result.verdict))
        view = view_of(self._target, self.search.stages, joined(self._watched), self.knee)
        examined = examine(view)
        self.findings = verifiable(examined.findings, result.run_id)
        return dataclasses.replace(
            result,
            verdict=verdict_of(view, self.findings),
            notes=(*result.notes, *examined.notes, *self._objectives_unseen()),
            extra={**result.extra, **investigated_json(view, self.findings)},
        )

    def _objectives_unseen(self) -> list[str]:
        """Notes on what the search could not judge when it last tried."""
        return [
            f"the objective {expr} was not judged: {why}" for expr, why in self._unjudged.items()
        ]

    def _broken_slo(self, frames: Sequence[Frame]) -> str:
        digest = Digest.of(frames, window_lengths_s=window_lengths_s(self._slos))
        results = judge_slos(self._slos, digest, judged_duration_s=len(frames))
        self._unjudged = {one.expr: one.detail for one in results if one.ok is None}
        for slo, judged in zip(self._slos, results, strict=True):
            if judged.ok is False and not broken_by_chance(slo, digest.judged):
                assert judged.value is not None, judged
                value = said(judged.value, judged.unit)
                return f"the objective {judged.expr} no longer held: {value}"
        return ""


def investigated_json(view: View, findings: Sequence[Finding]) -> dict[str, object]:
    """What `investigate --json` and `explain --json` have besides the run's own result."""
    return {
        "findings": [finding.as_json() for finding in findings],
        "knee": None if view.knee is None else dataclasses.asdict(view.knee),
        "stages": [dataclasses.asdict(stage) for stage in view.stages],
        "layers": [dataclasses.asdict(layer) for layer in layers(view)],
        "next_limit": next_limit(view),
    }


def verdict_of(view: View, findings: Sequence[Finding]) -> Verdict:
    """Pass: the limit was found, or the bottleneck. Inconclusive: neither was."""
    reasons = []
    knee = view.knee
    if knee is not None:
        reasons.append(f"The system holds {_held(view, knee)}; then {knee.limited_by}.")
    reasons += [f"{finding.title}: {finding.subject}." for finding in findings[:3]]
    if not findings:
        reasons.append(next_limit(view))
    found = bool(findings) or (knee is not None and knee.reached)
    return Verdict(status=Status.PASS if found else Status.INCONCLUSIVE, reasons=tuple(reasons))


def _held(view: View, knee: Knee) -> str:
    requests = f"{knee.throughput_per_s:,.4g} requests/s"
    if view.low.model == "closed":
        return f"{knee.users:,.4g} users ({requests})"
    if knee.rate_per_s == knee.throughput_per_s:
        return requests
    return f"{knee.rate_per_s:,.4g} iterations/s ({requests})"


def _nothing_measured(verdict: Verdict) -> Verdict:
    return Verdict(
        status=verdict.status if verdict.status is Status.FAIL else Status.INCONCLUSIVE,
        reasons=("The run ended before one stage was measured.", *verdict.reasons),
    )
