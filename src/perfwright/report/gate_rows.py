"""A comparison as rows for people: the figure of each step that tells most, and how it is spelled.

    slower, faster    the figure that moved furthest that way, of those that decide
    same, unknown     p95, or the median where p95 could not be told

Steps that are slower come first, then those that are unknown: a table may be cut at its end.
"""

from __future__ import annotations

from dataclasses import dataclass

from perfwright.model.comparison import Comparison, Judged, MetricChange, StepComparison
from perfwright.model.gate import Kept
from perfwright.report import wording
from perfwright.report.comparison_words import change_text, interval_text

ORDER = (Judged.SLOWER, Judged.UNKNOWN, Judged.FASTER, Judged.SAME)
OK: dict[Judged | Kept, bool | None] = {
    Judged.SLOWER: False, Judged.UNKNOWN: None, Judged.FASTER: True, Judged.SAME: True,
    Kept.BROKEN: False, Kept.UNKNOWN: None, Kept.KEPT: True,
}  # fmt: skip
"""What each verdict means for a light."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """`metric`: None where nothing of the step could be compared."""

    step: StepComparison
    metric: MetricChange | None

    @property
    def title(self) -> str:
        return self.metric.name if self.metric else ""


def step_rows(comparison: Comparison) -> list[StepRow]:
    """A row a step, the worst first."""
    steps = sorted(comparison.steps, key=lambda step: ORDER.index(step.verdict))
    return [StepRow(step=step, metric=_telling(step)) for step in steps]


def base(row: StepRow) -> str:
    """The base's figure in few characters: `12.3` (ms), `0.4%`, `120/s`."""
    return _figure(row.metric.base, row.metric.unit) if row.metric else wording.DASH


def now(row: StepRow) -> str:
    """As `base`, of the run."""
    return _figure(row.metric.candidate, row.metric.unit) if row.metric else wording.DASH


def change(row: StepRow) -> str:
    """`+12.3%`; of errors `+0.40 pp`, percentage points."""
    return change_text(row.metric) if row.metric else wording.DASH


def interval(row: StepRow) -> str:
    """`+8.1% to +16.5%`, `-0.10 to +0.40 pp`."""
    if row.metric is None or row.metric.ci is None:
        return wording.DASH
    return interval_text(row.metric).replace(" pp to ", " to ")


def bar(change: float | None, *, full: float, columns: int = 10) -> str:
    """A change as a bar around a middle line, of ± `full` at most: `     │███  `."""
    if change is None or full <= 0:
        return ""
    eighths = min(columns * 8, round(abs(change) / full * columns * 8))
    whole, rest = divmod(eighths, 8)
    if change >= 0:
        drawn = "█" * whole + ("", *"▏▎▍▌▋▊▉")[rest]
        return f"{'·' * columns}│{drawn}{'·' * (columns - len(drawn))}"
    drawn = ("▐" if rest >= 4 else "") + "█" * whole
    return f"{'·' * (columns - len(drawn))}{drawn}│{'·' * columns}"


def _figure(value: float | None, unit: str) -> str:
    return wording.milliseconds(value) if unit == "ms" else wording.measured(value, unit)


def _telling(step: StepComparison) -> MetricChange | None:
    known = {metric.name: metric for metric in step.metrics if metric.change is not None}
    deciding = [metric for metric in known.values() if metric.decides and metric.ci]
    moved = step.verdict in (Judged.SLOWER, Judged.FASTER)
    if moved and deciding:
        sense = 1 if step.verdict is Judged.SLOWER else -1
        return max(deciding, key=lambda metric: sense * _worse(metric))
    for name in ("p95", "median"):
        if name in known and known[name].ci:
            return known[name]
    return next(iter(known.values()), None)


def _worse(metric: MetricChange) -> float:
    """How much worse, on one scale; a point of errors weighs as much as a percent of time."""
    change = metric.change or 0.0
    return -change if metric.name == "throughput" else change
