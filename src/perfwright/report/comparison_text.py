"""A comparison as text for a terminal of any width from 60 columns: the verdict comes last.

    runs · a line a step · all figures of the steps that are not the same · what grew · notes · ━━

A figure that decides has a mark; changes are candidate ÷ base - 1, intervals 95%.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from perfwright.model.comparison import Comparison, Judged, MetricChange, StepComparison
from perfwright.model.manifest import RunManifest
from perfwright.report.comparison_words import (
    STATUSES,
    change_text,
    interval_text,
    value_text,
    verdict_box,
)
from perfwright.report.console import WIDTH_MIN, console_text
from perfwright.report.terminal import BAR_STYLES
from perfwright.report.text_blocks import bar, bullet, bullets, fit, heading, plain_table
from perfwright.workflow.compare import Compared

_ROWS_MAX = 30
_DETAILED_MAX = 6
_COLUMN = 25
_WIDE = 80
_STYLES = {
    Judged.SLOWER: "bold red",
    Judged.FASTER: "green",
    Judged.SAME: "",
    Judged.UNKNOWN: "yellow",
}


def render_comparison(compared: Compared, *, width: int = 80, color: bool = False) -> str:
    """The whole text, each line at most `width` columns wide."""
    width = max(WIDTH_MIN, width)
    return console_text(_blocks(compared, width), width=width, color=color)


def _blocks(compared: Compared, width: int) -> Iterator[RenderableType]:
    comparison = compared.comparison
    yield Text()
    for side, manifest in (("base", compared.base), ("candidate", compared.candidate)):
        yield Text(fit(f"{side:<9}  {_run_text(manifest)}", width), "bold")
    if comparison.steps:
        yield from _steps(comparison, width)
    changed = [step for step in comparison.steps if step.verdict is not Judged.SAME]
    for step in changed[:_DETAILED_MAX]:
        yield from _detail(step, width)
        if step.verdict is not comparison.verdict:  # whose reasons stand at the end
            yield bullet(step.reason)
    if changed:
        yield Text("* decides about the step", "dim")
    yield from bullets("What grew", comparison.attribution)
    yield from bullets("Notes", comparison.notes)
    box = verdict_box(comparison)
    yield from (Text(), bar(box.shown, BAR_STYLES[STATUSES[comparison.verdict]], width))
    yield Text(box.headline, "bold")
    for reason in box.reasons:
        yield bullet(reason)


def _run_text(manifest: RunManifest) -> str:
    parts = (
        manifest.run_id,
        manifest.name,
        (manifest.git_commit or "")[:8],
        manifest.started_at.replace("T", " ").split(".")[0].removesuffix("Z"),
    )
    return " · ".join(part for part in parts if part)


def _steps(comparison: Comparison, width: int) -> Iterator[RenderableType]:
    yield heading("Change of response time, with its 95% interval")
    table = plain_table()
    shown = ("median", "p95") if width >= _WIDE else ("p95",)
    names_width = width - (10 + (_COLUMN + 1) * len(shown))
    table.add_column("step", width=names_width, no_wrap=True)
    table.add_column("verdict", width=8, no_wrap=True)
    for title in shown:
        table.add_column(title, width=_COLUMN, no_wrap=True)
    for step in comparison.steps[:_ROWS_MAX]:
        metrics = {metric.name: metric for metric in step.metrics}
        table.add_row(
            Text(fit(step.name, names_width)),
            Text(step.verdict, _STYLES[step.verdict]),
            *(Text(_short(metrics[name])) for name in shown),
        )
    yield table
    if len(comparison.steps) > _ROWS_MAX:
        yield Text(f"{len(comparison.steps) - _ROWS_MAX} more steps in the report", "dim")


def _short(metric: MetricChange) -> str:
    """`+12.3% (+5.1 to +20.0)`."""
    if metric.ci is None:
        return f"{change_text(metric)} (too few)"
    return f"{change_text(metric)} ({interval_text(metric).replace('%', '')})"


def _detail(step: StepComparison, width: int) -> Iterator[RenderableType]:
    yield heading(fit(f"{step.name}: {step.verdict}", width))
    table = plain_table()
    titles = ("base", "candidate", "change", "95% interval")
    widths = (11, 11, 10, 24)
    first = 0 if width >= _WIDE else 1
    table.add_column("", width=12, no_wrap=True)
    for title, columns in list(zip(titles, widths, strict=True))[first:]:
        table.add_column(title, width=columns, justify="right", no_wrap=True)
    for metric in step.metrics:
        name, *cells = _detail_row(metric)
        table.add_row(name, *cells[first:])
    yield table


def _detail_row(metric: MetricChange) -> Sequence[Text]:
    style = "" if metric.decides else "dim"
    return (
        Text(f"{metric.name} *" if metric.decides else metric.name, style),
        Text(value_text(metric, metric.base), style),
        Text(value_text(metric, metric.candidate), style),
        Text(change_text(metric), style),
        Text(interval_text(metric), style),
    )
