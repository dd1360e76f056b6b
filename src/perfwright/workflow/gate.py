"""Lets a run pass or not: its SLOs, how it compares with a baseline, and what it may cost.

run ──► SLOs ─────────────────────────────┐
 └─► opened_base ──► compare_runs ────────┼──► give_gate_verdict ──► GateResult
              └────► budgets, each judged ┘
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from perfwright.analyze.budget_changes import compared_change, estimated_change, why_unknown
from perfwright.analyze.budgets import judge_budget
from perfwright.analyze.gate_verdict import give_gate_verdict
from perfwright.analyze.run_spread import beside_runs
from perfwright.model.comparison import Comparison
from perfwright.model.errors import NoHistory, UsageError
from perfwright.model.frame import Frame, Tally
from perfwright.model.gate import BudgetResult, GateResult
from perfwright.model.manifest import RunManifest
from perfwright.model.result import RunResult
from perfwright.plan.budget import Budget, parse_budget
from perfwright.store.stored_run import StoredRun
from perfwright.workflow.baselines import Base, opened_base
from perfwright.workflow.compare import compare_runs
from perfwright.workflow.imports import find_run
from perfwright.workflow.read_run import result_of
from perfwright.workflow.run_digest import digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOptions:
    """`baseline`: as of `opened_base`; "" to judge the SLOs alone. `margin`: changes within ± this
    ratio are none."""

    store: Path
    baseline: str
    margin: float
    budgets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """The run and what the gate says of it. `judged`: everything counted in its judged seconds."""

    manifest: RunManifest
    run: RunResult
    judged: Tally
    result: GateResult


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What became of holding it against a base. `missing`: why there was none."""

    base: Base | None = None
    comparison: Comparison | None = None
    budgets: tuple[BudgetResult, ...] = ()
    missing: str = ""


def gate(reference: str, options: GateOptions) -> Gated:
    """RunNotFound, DataError, StoreError; UsageError where a budget or the baseline means nothing.

    A branch without a run of this test yet is no error: the gate then says that it cannot tell.
    """
    budgets = [parse_budget(text) for text in options.budgets]
    if budgets and not options.baseline:
        raise UsageError(
            f"--budget {budgets[0].expr!r}: a budget is what may be worse than a baseline; "
            "name one with --baseline"
        )
    stored = find_run(options.store, reference)
    run = result_of(stored)
    judged = digest_of(stored, ()).judged.tally
    held = _held(stored, judged, budgets, options)
    verdict, cause = give_gate_verdict(
        run.verdict, held.comparison, held.budgets, missing=held.missing
    )
    return Gated(
        manifest=stored.manifest,
        run=run,
        judged=judged,
        result=GateResult(
            run_id=stored.manifest.run_id,
            baseline=held.base.label if held.base else "",
            verdict=verdict,
            cause=cause,
            slos=run.slos,
            comparison=held.comparison,
            budgets=held.budgets,
            notes=_notes(held, options),
        ),
    )


def _held(
    stored: StoredRun, judged: Tally, budgets: Sequence[Budget], options: GateOptions
) -> _Held:
    if not options.baseline:
        return _Held()
    try:
        with opened_base(options.store, options.baseline, stored.manifest) as base:
            compared = compare_runs(base.run, stored, margin=options.margin)
            comparison = beside_runs(compared.comparison, base.parts, judged)
            results = tuple(_judged(budgets, comparison, base.run, stored))
            return _Held(base=base, comparison=comparison, budgets=results)
    except NoHistory as none:
        why = "there is nothing to compare with"
        unknown = tuple(judge_budget(budget, None, why=why) for budget in budgets)
        return _Held(budgets=unknown, missing=f"There is nothing to compare with: {none}.")


def _judged(
    budgets: Sequence[Budget], comparison: Comparison, base: StoredRun, candidate: StoredRun
) -> Iterator[BudgetResult]:
    base_frames, frames = (list(run.frames()) if budgets else [] for run in (base, candidate))
    for budget in budgets:
        change = compared_change(budget, comparison)
        if change is None:
            change = estimated_change(budget, base_frames, frames)
        why = why_unknown(budget, _step_names(base_frames), _step_names(frames))
        yield judge_budget(budget, change, why=why)


def _step_names(frames: Sequence[Frame]) -> list[str]:
    return list(dict.fromkeys(name for frame in frames for name in frame.total.steps))


def _notes(held: _Held, options: GateOptions) -> tuple[str, ...]:
    if not options.baseline:
        return ("No baseline was named: judged by its SLOs alone (--baseline).",)
    of_base = held.base.notes if held.base else ()
    return (*of_base, *(held.comparison.notes if held.comparison else ()))
