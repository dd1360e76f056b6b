"""Is a budget kept? The interval of a metric's change against what it is allowed to be.

                     allowed
    kept      ├──────┤  │              the whole interval is within
    unknown        ├────┼───┤          it spans the limit: measure more
    broken              │  ├──────┤    its lower end lies beyond: surely worse than allowed

So a budget is not broken by chance (no more often than the interval is wrong), and is kept only
where that is shown. A fall of throughput is worse, so there the picture is mirrored.
"""

from __future__ import annotations

from perfwright.analyze.comparing import signed_percent
from perfwright.model.comparison import MetricChange
from perfwright.model.gate import BudgetResult, Kept
from perfwright.plan.budget import Budget

_TOO_LITTLE = "too little was measured to tell: run longer (--for)"
_SPANS = "the interval spans what is allowed: run longer (--for) to tell"


def judge_budget(budget: Budget, change: MetricChange | None, *, why: str = "") -> BudgetResult:
    """`change` is of the budget's metric and step; None where there is none, and `why` says so."""
    unit, factor = surface(budget)
    scale = None if change is None else _scale(budget, change)
    if change is None or change.change is None or scale is None:
        verdict, value, ci, detail = Kept.UNKNOWN, None, None, why or _TOO_LITTLE
    elif change.ci is None:
        verdict, value, ci, detail = Kept.UNKNOWN, change.change * scale, None, _TOO_LITTLE
    else:
        value = change.change * scale
        ci = (change.ci[0] * scale, change.ci[1] * scale)
        verdict = _verdict(budget, ci)
        detail = _SPANS if verdict is Kept.UNKNOWN else ""
    return BudgetResult(
        expr=budget.expr,
        verdict=verdict,
        unit=unit,
        allowed=budget.direction * budget.allowed * factor,
        change=None if value is None else value * factor,
        ci=None if ci is None else (ci[0] * factor, ci[1] * factor),
        detail=detail,
    )


def surface(budget: Budget) -> tuple[str, float]:
    """The unit in which people read a change of this metric, and the factor to it."""
    if budget.is_relative:
        return "%", 100.0
    if budget.metric == "errors":
        return "points", 100.0
    return ("1/s", 1.0) if budget.metric == "throughput" else ("ms", 1e3)


def signed(value: float, unit: str) -> str:
    """A change in a unit of `surface`: `+12.3%`, `+20 ms`, `-5/s`, `+0.50 pp` (of a share)."""
    match unit:
        case "%":
            return signed_percent(value / 100)
        case "points":
            return f"{value:+.2f} pp"
        case _:
            return f"{value:+,.3g}{'/s' if unit == '1/s' else f' {unit}'}"


def _verdict(budget: Budget, ci: tuple[float, float]) -> Kept:
    """`ci` of the change, in the unit of `budget.allowed`."""
    least_worse, most_worse = sorted(budget.direction * end for end in ci)
    if least_worse > budget.allowed:
        return Kept.BROKEN
    return Kept.KEPT if most_worse <= budget.allowed else Kept.UNKNOWN


def _scale(budget: Budget, change: MetricChange) -> float | None:
    """What makes `change.change` (relative, or a difference of ratios) the budget's own unit.

    The base counts as known: its uncertainty is in the relative interval already.
    """
    if budget.is_relative or budget.metric == "errors":
        return 1.0
    if change.base is None:
        return None
    return change.base if budget.metric == "throughput" else change.base / 1e3
