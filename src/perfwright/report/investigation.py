"""An investigation's part of the report: findings first, then what they rest on.

findings → knee → where the time goes → what is busy → statements → flame graphs → watched
"""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.analyze.demands import demands
from perfwright.analyze.healthy import next_limit
from perfwright.analyze.layers import layers
from perfwright.analyze.view import View
from perfwright.model.finding import Finding
from perfwright.model.units import NS_PER_MS
from perfwright.model.watched import StatementPlan, StatementTally
from perfwright.report import wording
from perfwright.report.document import Block, Cell, Code, Column, Paragraph, Section, Table
from perfwright.report.finding_cards import finding_cards
from perfwright.report.flame import flame_blocks

_STATEMENTS = 10
_FLAMES = 4
_FLAME_LEAD = (
    "Each box is a function, as wide as its share of the samples; below it stands what it called. "
    "Search, zoom by click or Enter, move by arrow keys."
)


def investigation_sections(view: View, findings: Sequence[Finding]) -> tuple[Section, ...]:
    """Sections that have nothing to show are left out."""
    from perfwright.report.investigation_charts import busy_chart, knee_charts, layers_chart

    found = demands(view)
    sections = (
        Section(key="findings", title="Findings", blocks=_findings(view, findings)),
        Section(
            key="knee", title="The knee", blocks=knee_charts(view, found), lead=_knee_lead(view)
        ),
        _section("layers", "Where the time goes", layers_chart(layers(view)), _layers_table(view)),
        _section("busy", "What is busy", busy_chart(view, found)),
        Section(
            key="flame",
            title="Flame graphs",
            blocks=flame_blocks(view.watched.stacks)[:_FLAMES],
            lead=_FLAME_LEAD,
        ),
        Section(key="statements", title="Statements", blocks=_statements(view)),
        _section("components", "What was watched", _components(view)),
    )
    return tuple(section for section in sections if section.blocks)


def _findings(view: View, findings: Sequence[Finding]) -> tuple[Block, ...]:
    cards = finding_cards(view, findings)
    return cards or (Paragraph(text=next_limit(view)),)


def _section(key: str, title: str, *blocks: Block | None) -> Section:
    return Section(key=key, title=title, blocks=tuple(b for b in blocks if b is not None))


def _knee_lead(view: View) -> str:
    knee = view.knee
    if knee is None:
        return "The load was not raised to a limit in this run."
    held = f"Held: {wording.count(knee.low)}"
    broken = f"; broken: {wording.count(knee.high)}" if knee.high else ""
    unit = "iterations/s" if view.low.model == "open" else "users"
    return f"{held}{broken} {unit}. The search ended because {knee.limited_by}."


def _layers_table(view: View) -> Table | None:
    found = layers(view)
    if not found:
        return None
    return Table(
        caption="Mean response time by layer",
        columns=(
            Column(title="layer"),
            Column(title="low load, ms", numeric=True),
            Column(title="at the knee, ms", numeric=True),
            Column(title="told by"),
        ),
        rows=tuple(
            (
                Cell(text=layer.name),
                Cell(text=wording.milliseconds(layer.low_ms)),
                Cell(text=wording.milliseconds(layer.knee_ms)),
                Cell(text=layer.source),
            )
            for layer in found
        ),
    )


def _statements(view: View) -> tuple[Block, ...]:
    busiest = view.statements(view.under_stress)[:_STATEMENTS]
    if not busiest:
        return ()
    plans = {(plan.subject, plan.fingerprint): plan for plan in view.watched.plans}
    known = [(one, plans.get((one.subject, one.fingerprint))) for one in busiest]
    return (_statement_table(view, busiest), *(_plan(s, p) for s, p in known if p is not None))


def _statement_table(view: View, busiest: Sequence[StatementTally]) -> Table:
    requests = max(1.0, view.under_stress.throughput_per_s * view.under_stress.duration_s)
    total_ns = sum(one.total_ns for one in view.statements(view.under_stress)) or 1.0
    titles = ("calls a request", "mean, ms", "rows a call", "share of time")
    return Table(
        caption="The busiest statements, under the highest load",
        columns=(
            Column(title="statement"),
            *(Column(title=title, numeric=True) for title in titles),
        ),
        rows=tuple(
            (
                Cell(text=wording.shorten(one.text, 160), code=True),
                Cell(text=f"{one.calls / requests:.3g}"),
                Cell(text=wording.milliseconds(one.total_ns / max(1.0, one.calls) / NS_PER_MS)),
                Cell(text=wording.count(one.rows / max(1.0, one.calls))),
                Cell(text=wording.percent(one.total_ns / total_ns)),
            )
            for one in busiest
        ),
    )


def _plan(statement: StatementTally, plan: StatementPlan) -> Code:
    advice = ""
    if plan.index:
        advice = f"\n\n{plan.index};"
        if plan.cost_now is not None and plan.cost_then is not None:
            advice += f"\n-- cost {plan.cost_now:,.0f} → {plan.cost_then:,.0f}"
    caption = f"Plan of {wording.shorten(statement.text, 90)}"
    return Code(caption=caption, text=plan.plan + advice, folded=True)


def _components(view: View) -> Table | None:
    latest = {one.subject: one for one in view.watched.components}
    if not latest:
        return None
    return Table(
        caption="Components",
        columns=tuple(Column(title=t) for t in ("component", "runtime", "talks to", "what it is")),
        rows=tuple(
            (
                Cell(text=one.subject),
                Cell(text=one.runtime or wording.DASH),
                Cell(text=", ".join(one.talks_to) or wording.DASH),
                Cell(text=wording.shorten(one.detail, 100)),
            )
            for one in latest.values()
        ),
    )
