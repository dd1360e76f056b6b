"""What a gate says as GitHub-flavoured Markdown: a job's summary, or the comment of a pull request.

    verdict and reasons · steps with bars · chart · budgets · SLOs · what grew · notes (folded)

A comment may not hold pictures of its own (data: addresses are stripped), so what it shows is drawn
in text: bars in the table, and a Mermaid chart, which GitHub and GitLab both draw. The text stays
below its limit (a summary takes 1 MiB, a comment 65,536 characters): tables are cut to their first
rows, the worst steps being first. Foreign text cannot form markup.
"""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.analyze.budgets import signed
from perfwright.model.gate import BudgetResult, Kept
from perfwright.model.verdict import SloResult, Status
from perfwright.report import wording
from perfwright.report.gate_rows import (
    OK,
    StepRow,
    bar,
    base,
    change,
    interval,
    now,
    step_rows,
)
from perfwright.report.gate_text import headline
from perfwright.report.markdown import escape
from perfwright.report.mermaid import change_chart
from perfwright.workflow.gate import Gated

SUMMARY_LIMIT_BYTES = 1_000_000
COMMENT_LIMIT_BYTES = 60_000
MARK = "<!-- perfwright gate -->"
"""Opens a comment, so that whoever posts it can find and replace the one before."""

_ROWS = (500, 100, 30, 10, 3)
_TEXT_MAX = 400
_NAME_MAX = 100
_LIGHTS = {True: "🟢", False: "🔴", None: "⚪"}
_WORDS = {Status.PASS: "✅", Status.FAIL: "❌", Status.INCONCLUSIVE: "⚠️"}
_BAR_LEAST = 0.05
"""A change that fills a bar is at least this ratio, so that noise does not look like one."""


def render_gate_markdown(gated: Gated, *, limit_bytes: int, picture: str = "") -> str:
    """The whole text, below `limit_bytes`. `picture`: the name of the chart's file beside it."""
    for rows_max in _ROWS:
        text = _render(gated, rows_max, picture)
        if len(text.encode()) <= limit_bytes:
            break
    return text


def _render(gated: Gated, rows_max: int, picture: str) -> str:
    result = gated.result
    name = wording.shorten(gated.manifest.name or result.run_id, _NAME_MAX)
    rows = step_rows(result.comparison) if result.comparison else []
    grown = result.comparison.attribution if result.comparison else ()
    parts = (
        MARK,
        f"## {_WORDS[result.verdict.status]} {result.word} · {escape(name)}",
        f"**{_line(headline(gated))}**",
        _bullets(result.verdict.reasons, rows_max),
        _steps(rows, rows_max, result.comparison.margin) if result.comparison else "",
        change_chart(rows),
        f"_The intervals as a picture: {escape(picture)}, among this job's files._"
        if picture
        else "",
        _section("What grew", _bullets(grown, rows_max)),
        _budgets(result.budgets[:rows_max]),
        _slos(result.slos[:rows_max]),
        _folded("Notes", _bullets(result.notes, rows_max)),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _steps(rows: Sequence[StepRow], rows_max: int, margin: float) -> str:
    if not rows:
        return ""
    changes = [abs(row.metric.change or 0.0) for row in rows if row.metric]
    full = max(_BAR_LEAST, min(1.0, max(changes, default=0.0)))
    lines = [_step(row, full) for row in rows[:rows_max]]
    title = (
        f"**Steps against the baseline** (times in ms; a bar is ±{full * 100:.0f}%, "
        f"the margin ±{margin * 100:g}%)"
    )
    head = (
        "| | step | figure | base | now | change | 95% interval | |",
        "|---|:--|:--|--:|--:|--:|--:|:--|",
    )
    more = len(rows) - len(lines)
    rest = f"\n\n_{more:,} more steps are in the run's own report._" if more > 0 else ""
    return f"{title}\n\n" + "\n".join((*head, *lines)) + rest


def _step(row: StepRow, full: float) -> str:
    metric, verdict = row.metric, row.step.verdict
    drawn = bar(metric.change, full=full) if metric else ""
    cells = (
        f"{_LIGHTS[OK[verdict]]} {verdict}",
        escape(wording.shorten(row.step.name, _NAME_MAX)),
        row.title,
        base(row),
        now(row),
        change(row),
        interval(row),
        f"`{drawn}`" if drawn else "",
    )
    return f"| {' | '.join(cells)} |"


def _budgets(budgets: Sequence[BudgetResult]) -> str:
    if not budgets:
        return ""
    lines = [
        "| budget | change | 95% interval | |",
        "|:--|--:|--:|:--|",
        *(_budget(budget) for budget in budgets),
    ]
    return _section("Budgets", "\n".join(lines))


def _budget(budget: BudgetResult) -> str:
    change = wording.DASH if budget.change is None else signed(budget.change, budget.unit)
    interval = wording.DASH
    if budget.ci is not None:
        interval = " to ".join(signed(end, budget.unit) for end in budget.ci)
    told = f"{_LIGHTS[OK[budget.verdict]]} {budget.verdict}"
    if budget.verdict is Kept.UNKNOWN and budget.detail:
        told += f": {_line(budget.detail)}"
    return f"| {_line(budget.expr)} | {change} | {interval} | {told} |"


def _slos(slos: Sequence[SloResult]) -> str:
    if not slos:
        return ""
    lines = [
        f"| {_LIGHTS[slo.ok]} {_line(slo.expr)} | {wording.measured(slo.value, slo.unit)} "
        f"| {_line(slo.detail)} |"
        for slo in slos
    ]
    return _section("SLOs", "\n".join(("| SLO | measured | |", "|:--|--:|:--|", *lines)))


def _section(title: str, body: str) -> str:
    return f"**{title}**\n\n{body}" if body else ""


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>" if body else ""


def _bullets(texts: Sequence[str], rows_max: int) -> str:
    return "\n".join(f"- {_line(text)}" for text in texts[:rows_max])


def _line(text: str) -> str:
    return escape(wording.shorten(text, _TEXT_MAX))
