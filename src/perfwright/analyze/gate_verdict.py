"""One verdict of a gate from three judges: the run's SLOs, the comparison, the budgets.

    an SLO is broken (what users are promised)    fail, by SLO
    a step is slower, a budget is broken          fail, by regression
    a judge cannot tell                           inconclusive
    none of it                                    pass

The first line that applies decides, and its reasons come first.
"""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.analyze.budgets import signed
from perfwright.model.comparison import Comparison, Judged, StepComparison
from perfwright.model.gate import BudgetResult, Cause, Kept
from perfwright.model.verdict import Status, Verdict

_SHOWN = 5


def give_gate_verdict(
    own: Verdict,
    comparison: Comparison | None,
    budgets: Sequence[BudgetResult],
    *,
    missing: str = "",
) -> tuple[Verdict, Cause]:
    """`own`: the run's. `missing`: why there is nothing to compare with, though there should be."""
    steps = () if comparison is None else comparison.steps
    regressions = _few(
        [_step(step) for step in steps if step.verdict is Judged.SLOWER]
        + [_budget(budget) for budget in budgets if budget.verdict is Kept.BROKEN]
    )
    if comparison is not None and not steps:
        missing = "The run and the baseline have no step in common, so nothing was compared."
    doubts = _few(
        ([missing] if missing else [])
        + [_step(step) for step in steps if step.verdict is Judged.UNKNOWN]
        + [_budget(budget) for budget in budgets if budget.verdict is Kept.UNKNOWN]
    )
    failed = own.status is Status.FAIL
    if failed or regressions:
        cause = Cause.SLO if failed else Cause.REGRESSION
        first, then = (own.reasons, regressions) if failed else (regressions, own.reasons)
        return Verdict(status=Status.FAIL, reasons=(*first, *then, *doubts)), cause
    if own.status is Status.INCONCLUSIVE:
        return Verdict(status=own.status, reasons=(*own.reasons, *doubts)), Cause.UNKNOWN
    if doubts:
        verdict = Verdict(status=Status.INCONCLUSIVE, reasons=(*doubts, *own.reasons))
        return verdict, Cause.UNKNOWN
    reasons = (*own.reasons, *_praise(steps, budgets))
    return Verdict(status=Status.PASS, reasons=reasons), Cause.NONE


def budget_text(budget: BudgetResult) -> str:
    """`it changed by +12% (+8% to +16%)`, and why it is not known where it is not."""
    parts = []
    if budget.change is not None:
        interval = ""
        if budget.ci is not None:
            interval = " ({} to {})".format(*(signed(end, budget.unit) for end in budget.ci))
        parts.append(f"it changed by {signed(budget.change, budget.unit)}{interval}")
    return "; ".join([*parts, *([budget.detail] if budget.detail else [])])


def _step(step: StepComparison) -> str:
    told = " is slower" if step.verdict is Judged.SLOWER else ""
    return f"{step.name}{told}: {step.reason or 'it cannot be told why'}."


def _budget(budget: BudgetResult) -> str:
    told = "is broken" if budget.verdict is Kept.BROKEN else "could not be judged"
    return f"The budget {budget.expr} {told}: {budget_text(budget)}."


def _praise(steps: Sequence[StepComparison], budgets: Sequence[BudgetResult]) -> list[str]:
    praise = []
    if steps:
        faster = [step.name for step in steps if step.verdict is Judged.FASTER]
        praise.append(
            f"Faster: {', '.join(faster[:_SHOWN])}; no step is slower."
            if faster
            else "No step is slower than the baseline."
        )
    if budgets:
        praise.append(f"Kept: {', '.join(budget.expr for budget in budgets[:_SHOWN])}.")
    return praise


def _few(reasons: list[str]) -> list[str]:
    """The first ones, and how many there are besides: a report has them all."""
    more = len(reasons) - _SHOWN
    return [*reasons[:_SHOWN], f"… and {more} more like these."] if more > 0 else reasons
