"""What a gate says in a terminal of any width from 60 columns: the verdict comes last.

head · steps against the baseline · what grew · budgets · SLOs · notes · ━━ PASS ━━ and why
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from perfwright.analyze.budgets import signed
from perfwright.model.comparison import Comparison
from perfwright.model.gate import BudgetResult
from perfwright.report import wording
from perfwright.report.console import WIDTH_MIN, console_text
from perfwright.report.gate_rows import (
    OK,
    StepRow,
    base,
    change,
    interval,
    now,
    step_rows,
)
from perfwright.report.terminal import BAR_STYLES, slo_lights
from perfwright.report.text_blocks import (
    SIGNS,
    Light,
    bar,
    bullet,
    bullets,
    fit,
    heading,
    light_table,
    plain_table,
)
from perfwright.workflow.gate import Gated

_ROWS_MAX = 30


def render_gate(gated: Gated, *, width: int = 80, color: bool = False) -> str:
    """The whole text, each line at most `width` columns wide."""
    width = max(WIDTH_MIN, width)
    return console_text(_blocks(gated, width), width=width, color=color)


def headline(gated: Gated) -> str:
    """One sentence under the bar: what was held against what."""
    result = gated.result
    against = f" against {result.baseline}" if result.baseline else ""
    return f"Run {result.run_id}{against}: exit code {result.exit_code}."


def _blocks(gated: Gated, width: int) -> Iterator[RenderableType]:
    result = gated.result
    name = gated.manifest.name or result.run_id
    yield Text()
    yield Text(fit(f"{name} · run {result.run_id}", width), "bold")
    if result.baseline:
        yield Text(fit(f"against {result.baseline}", width), "dim")
    if result.comparison and result.comparison.steps:
        yield _steps(result.comparison, width)
        yield from bullets("What grew", result.comparison.attribution, style="red")
    if result.budgets:
        yield _budgets(result.budgets, width)
    if result.slos:
        yield slo_lights(result.slos, width)
    yield from bullets("Notes", result.notes)
    yield from (Text(), bar(result.word, BAR_STYLES[result.verdict.status], width))
    yield Text(fit(headline(gated), width), "bold")
    for reason in result.verdict.reasons:
        yield bullet(reason)


def _steps(comparison: Comparison, width: int) -> RenderableType:
    rows = step_rows(comparison)
    table = plain_table()
    names_width = max(12, width - 62)
    table.add_column("", width=1)
    table.add_column("step", width=names_width, no_wrap=True)
    table.add_column("", width=6, no_wrap=True)
    for title, columns in (("base", 7), ("now", 7), ("change", 8), ("95% interval", 18)):
        table.add_column(title, width=columns, justify="right", no_wrap=True)
    table.add_column("", width=7, no_wrap=True)
    for row in rows[:_ROWS_MAX]:
        table.add_row(*_row(row, names_width))
    title = f"Compared with the baseline (times in ms, margin ±{comparison.margin * 100:g}%)"
    parts: list[RenderableType] = [heading(title), table]
    if len(rows) > _ROWS_MAX:
        parts.append(Text(f"{len(rows) - _ROWS_MAX} more steps in --json", "dim"))
    return Group(*parts)


def _row(row: StepRow, names_width: int) -> list[Text]:
    verdict = row.step.verdict
    sign, style = SIGNS[OK[verdict]]
    short = {"throughput": "rate"}.get(row.title, row.title)
    return [
        Text(sign, style),
        Text(fit(row.step.name, names_width)),
        Text(short, "dim"),
        Text(base(row)),
        Text(now(row)),
        Text(change(row), style),
        Text(interval(row), "dim"),
        Text(str(verdict), style),
    ]


def _budgets(budgets: tuple[BudgetResult, ...], width: int) -> RenderableType:
    lights = [
        Light(ok=OK[budget.verdict], name=budget.expr, value=_change(budget), told=_told(budget))
        for budget in budgets
    ]
    value_width = max(8, *(len(light.value) for light in lights))
    table = light_table(lights, names_width_max=width - 38 - value_width, value_width=value_width)
    return Group(heading("Budgets"), table)


def _change(budget: BudgetResult) -> str:
    return wording.DASH if budget.change is None else signed(budget.change, budget.unit)


def _told(budget: BudgetResult) -> str:
    """The interval, and what is to be said of it."""
    parts = [str(budget.verdict)]
    if budget.ci is not None:
        low, high = (signed(end, budget.unit) for end in budget.ci)
        parts.append(f"{low} to {high}")
    return "; ".join((*parts, *([budget.detail] if budget.detail else [])))
