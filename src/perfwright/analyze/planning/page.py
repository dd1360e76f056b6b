"""A test plan from a draft and, where there is one, the workload behind it: a pure function.

draft ── visits, load ──► tests, schedule, commands
  └──── workload ───────► risks, objectives, environment ──► PlanPage
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perfwright.analyze.planning.loads import HOLD_S, Means, shape_of
from perfwright.analyze.planning.objectives import objectives_of
from perfwright.analyze.planning.purposes import KINDS, PURPOSES
from perfwright.analyze.planning.risks import risks_of
from perfwright.analyze.planning.shell import SCRIPT, TARGET_VARIABLE, command_line
from perfwright.analyze.planning.surroundings import differences, may_be_production, watched
from perfwright.analyze.planning.tests import Basis, planned_tests
from perfwright.analyze.planning.visits import Visits, visits_of
from perfwright.analyze.support import requests_needed
from perfwright.model.calls import calls_of
from perfwright.model.journey import DataFile, DraftLoad, ScenarioDraft
from perfwright.model.plan_page import (
    Command,
    DataNeed,
    PlannedTest,
    PlanPage,
    Purpose,
    Slot,
    StepShare,
)
from perfwright.model.workload import Workload
from perfwright.plan.shapes import Shape
from perfwright.plan.slo import parse_slo

_BREAK_S = 300.0
_TIMES_NEEDED = 3.0
"""Times the fewest requests of a quantile: what its largest value needs for 95% confidence."""
_MANY_TIMES = 5.0
_ORDERS = {
    "sequential": "in order, again from the start",
    "shuffled": "shuffled, each once per pass",
    "random": "at random",
    "weighted": "at random, in proportion to their weight",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the person says. `slos_proposed`: nobody gave them. `target_named`: somebody gave it.
    `targets_allowed`: public hosts that the commands must name."""

    name: str
    purpose: Purpose = "general"
    slos_proposed: bool = True
    target_named: bool = False
    targets_allowed: tuple[str, ...] = ()
    made_by: str = ""
    peak: float | None = None
    """The expected peak, where the load of the file is not it but the mean of history."""


def plan_page(draft: ScenarioDraft, workload: Workload | None, wanted: Wanted) -> PlanPage:
    """`draft` has a load. UsageError: its load or SLOs cannot mean anything."""
    assert draft.load is not None, "the workflow gives every draft a load"
    visits = visits_of(draft)
    means = Means(requests=visits.requests, think_s=visits.think_s)
    shape = _with_length(draft.load)
    basis = Basis(
        shape=shape,
        peak=shape.peak if wanted.peak is None else wanted.peak,
        means=means,
        session_s=max(visits.think_s, _session_s(workload, visits.requests)),
        judged=tuple(_judged(draft.slos, visits)),
        options=_options(draft, wanted),
    )
    called = PURPOSES[wanted.purpose]
    tests = planned_tests(called.kinds, basis)
    load_test = next(test for test in tests if test.kind == "load")
    return PlanPage(
        name=wanted.name,
        made_by=wanted.made_by,
        purpose=wanted.purpose,
        aim=called.aim,
        target=draft.target,
        target_is_open=_is_open(draft, wanted),
        draft=draft,
        workload=workload,
        steps=_shares(visits.by_step),
        requests_per_iteration=visits.requests,
        think_s=visits.think_s,
        risks=risks_of(draft, tuple(calls_of(draft)), workload, called.kinds),
        tests=tests,
        not_called_for=tuple(kind for kind in KINDS if kind not in called.kinds),
        objectives=objectives_of(draft.slos, workload, proposed=wanted.slos_proposed),
        data=tuple(_need(file) for file in draft.data),
        environment=differences(
            workload.arrivals.peak_requests_per_s if workload else None, load_test.requests_per_s
        ),
        watched=watched(draft.target),
        schedule=tuple(_schedule(tests)),
        commands=tuple(_commands(tests, basis.options, is_open=_is_open(draft, wanted))),
        notes=_notes(draft, workload),
    )


def _with_length(load: DraftLoad) -> Shape:
    shape = shape_of(load)
    return shape if shape.segments else shape.hold(HOLD_S)


def _session_s(workload: Workload | None, requests: float) -> float:
    """The median session of the slowest kind that a tenth of all sessions are of. Kinds far longer
    than a session of the test (`requests`) are of many visitors that were taken for one."""
    patterns = workload.sessions.patterns if workload else ()
    usual = (p for p in patterns if p.share >= 0.1 and p.length_mean <= _MANY_TIMES * requests)
    return max((p.duration_p50_s for p in usual), default=0.0)


def _judged(slos: Sequence[str], visits: Visits) -> Iterator[tuple[str, float]]:
    """Quantiles, each with the iterations that bring it enough requests."""
    for expr in slos:
        slo = parse_slo(expr)
        each = visits.requests if slo.step is None else visits.by_step.get(slo.step, 0.0)
        if slo.quantile is not None and each > 0:
            yield expr, _TIMES_NEEDED * requests_needed(slo.quantile) / each


def _is_open(draft: ScenarioDraft, wanted: Wanted) -> bool:
    return not draft.target or (may_be_production(draft.target) and not wanted.target_named)


def _options(draft: ScenarioDraft, wanted: Wanted) -> tuple[str, ...]:
    words = ["--target", TARGET_VARIABLE] if _is_open(draft, wanted) else []
    for host in wanted.targets_allowed:
        words += ["--allow-target", host]
    return tuple(words)


def _shares(by_step: dict[str, float]) -> tuple[StepShare, ...]:
    total = sum(by_step.values()) or 1.0
    ordered = sorted(by_step.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(
        StepShare(name=name, per_iteration=number, share=number / total) for name, number in ordered
    )


def _need(file: DataFile) -> DataNeed:
    drawn = _ORDERS[file.order] + (", each at most once in a run" if file.unique else "")
    return DataNeed(
        file=f"data/{file.name}.csv", columns=tuple(file.columns), rows=len(file.rows), drawn=drawn
    )


def _schedule(tests: Sequence[PlannedTest]) -> Iterator[Slot]:
    at_s = 0.0
    for number, test in enumerate(tests):
        yield Slot(begin_s=at_s, duration_s=test.duration_s, what=test.title)
        at_s += test.duration_s
        if number < len(tests) - 1:
            yield Slot(begin_s=at_s, duration_s=_BREAK_S, what="Read the result, let it calm down")
            at_s += _BREAK_S


def _commands(
    tests: Sequence[PlannedTest], options: Sequence[str], *, is_open: bool
) -> Iterator[Command]:
    if is_open:
        yield Command(what="The system under test", line="export TARGET=http://HOST:PORT")
    once = command_line("perfwright", "run", SCRIPT, "--once", *options)
    yield Command(what="Every scenario once, every request shown", line=once)
    for test in tests:
        yield Command(what=test.title, line=test.command)
    yield Command(
        what="The limit and what sets it",
        line=command_line("perfwright", "investigate", SCRIPT, *options),
    )
    yield Command(what="The report of the last run", line="perfwright report latest")


def _notes(draft: ScenarioDraft, workload: Workload | None) -> tuple[str, ...]:
    """The draft's, those of reading the log and those of its model, each once."""
    of_log = (*workload.facts.notes, *workload.notes) if workload else ()
    return tuple(dict.fromkeys((*draft.notes, *of_log)))
