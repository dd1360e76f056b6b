"""A comparison's numbers and verdict as people read them, for every renderer."""

from __future__ import annotations

from perfwright.analyze.comparing import signed_percent
from perfwright.model.comparison import Comparison, Judged, MetricChange, StepComparison
from perfwright.model.units import format_number
from perfwright.model.verdict import Status
from perfwright.report import wording
from perfwright.report.document import VerdictBox

STATUSES = {
    Judged.SAME: Status.PASS,
    Judged.FASTER: Status.PASS,
    Judged.SLOWER: Status.FAIL,
    Judged.UNKNOWN: Status.INCONCLUSIVE,
}
_REASONS = 5


def value_text(metric: MetricChange, value: float | None) -> str:
    """`41.2 ms`, `350/s`, `0.12%`."""
    if value is None:
        return wording.DASH
    if metric.unit == "%":
        return wording.percent(value / 100)
    return f"{format_number(value)}{' ms' if metric.unit == 'ms' else '/s'}"


def change_text(metric: MetricChange) -> str:
    """`+12.3%`; of errors the difference: `+0.21 pp`."""
    if metric.change is None:
        return wording.DASH
    return _points(metric.change) if metric.unit == "%" else signed_percent(metric.change)


def interval_text(metric: MetricChange) -> str:
    """`+5.1% to +20.0%`."""
    if metric.ci is None:
        return "too little to tell"
    spelled = _points if metric.unit == "%" else signed_percent
    return " to ".join(map(spelled, metric.ci))


def verdict_box(comparison: Comparison) -> VerdictBox:
    """The answer, and the steps that it comes from."""
    verdict, steps = comparison.verdict, comparison.steps
    telling = [step for step in steps if step.verdict is verdict]
    reasons = [f"{step.name}: {step.reason}" for step in telling if verdict is not Judged.SAME]
    if len(reasons) > _REASONS:
        reasons = [*reasons[:_REASONS], f"and {len(reasons) - _REASONS} more steps"]
    return VerdictBox(
        status=STATUSES[verdict],
        word=verdict,
        headline=_headline(comparison, telling),
        reasons=tuple(reasons),
    )


def _headline(comparison: Comparison, telling: list[StepComparison]) -> str:
    steps = wording.plural(len(comparison.steps), "step")
    of = f"{len(telling)} of {steps}" if len(comparison.steps) > 1 else "The step"
    verb = "are" if len(telling) > 1 else "is"
    match comparison.verdict:
        case Judged.SAME:
            what = f"All {steps} are" if len(comparison.steps) > 1 else "The step is"
            return f"{what} the same within ±{comparison.margin * 100:g}%."
        case Judged.UNKNOWN if not comparison.steps:
            return "There is nothing to compare: the runs have no step in common."
        case Judged.UNKNOWN:
            return f"Neither a change nor its absence is shown for {of.lower()}."
        case Judged.FASTER | Judged.SLOWER:
            return f"{of} {verb} {comparison.verdict}."


def _points(change: float) -> str:
    return f"{change * 100:+.2f} pp"
