"""The part of a test plan that says what must be there: objectives, data, environment, what is
watched, schedule, commands, and what the sources left open."""

from __future__ import annotations

from perfwright.model.plan_page import Objective, PlanPage
from perfwright.model.units import format_duration
from perfwright.report.document import (
    Block,
    Callout,
    Cell,
    Code,
    Column,
    Paragraph,
    Table,
    Tone,
)
from perfwright.report.wording import DASH

_TO_FILL_IN = "…"
_COLUMNS_SHOWN = 8


def objective_blocks(page: PlanPage) -> tuple[Block, ...]:
    if not page.objectives:
        return (Callout(tone=Tone.UNSURE, text="None yet: give some with --slo."),)
    table = Table(
        caption="Service level objectives",
        columns=(
            Column(title="SLO"), Column(title="today", numeric=True),
            Column(title="margin", numeric=True), Column(title="stands"), Column(title="basis"),
        ),
        rows=tuple(_objective_row(one) for one in page.objectives),
    )  # fmt: skip
    if not any(one.is_proposal for one in page.objectives):
        return (table,)
    return (Callout(tone=Tone.UNSURE, text=_PROPOSED), table)


def _objective_row(one: Objective) -> tuple[Cell, ...]:
    margin = DASH if one.margin_ratio is None else f"{one.margin_ratio:+,.0%}"
    return (
        Cell(text=one.expr, code=True),
        Cell(text=one.today or DASH),
        Cell(text=margin),
        Cell(text="proposal" if one.is_proposal else "agreed"),
        Cell(text=one.basis),
    )


def data_blocks(page: PlanPage) -> tuple[Block, ...]:
    if not page.data:
        text = "The scenario needs no data files; what varies, it makes itself."
        return (Paragraph(text=text),)
    return (
        Table(
            caption="Data files",
            columns=(
                Column(title="file"), Column(title="rows", numeric=True),
                Column(title="columns"), Column(title="drawn"),
            ),
            rows=tuple(
                (
                    Cell(text=need.file, code=True), Cell(text=f"{need.rows:,}"),
                    Cell(text=_columns(need.columns)), Cell(text=need.drawn),
                )
                for need in page.data
            ),
            note="Values come from the source and have to exist in the test environment: load the "
            "same records there, or replace the rows (perfwright data makes more).",
        ),
    )  # fmt: skip


def _columns(columns: tuple[str, ...]) -> str:
    more = len(columns) - _COLUMNS_SHOWN
    shown = ", ".join(columns[:_COLUMNS_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown


def environment_blocks(page: PlanPage) -> tuple[Block, ...]:
    return (
        Table(
            caption="How the test environment differs from production, and what that does",
            columns=(
                Column(title="aspect"), Column(title="production"),
                Column(title="test"), Column(title="effect of a difference on the result"),
            ),
            rows=tuple(
                (
                    Cell(text=row.aspect), Cell(text=row.production or _TO_FILL_IN),
                    Cell(text=row.test or _TO_FILL_IN), Cell(text=row.effect),
                )
                for row in page.environment
            ),
            note="U: utilization, X: throughput, D: service demand (busy seconds a request), N: "
            "requests under way, R: response time.",
        ),
    )  # fmt: skip


def watched_blocks(page: PlanPage) -> tuple[Block, ...]:
    return (
        Table(
            caption="Probes",
            columns=(Column(title="spec"), Column(title="sees"), Column(title="answers")),
            rows=tuple(
                (Cell(text=one.spec, code=True), Cell(text=one.sees), Cell(text=one.why))
                for one in page.watched
            ),
        ),
    )


def schedule_blocks(page: PlanPage) -> tuple[Block, ...]:
    last = page.schedule[-1]
    total = format_duration(last.begin_s + last.duration_s)
    return (
        Table(
            caption=f"{total} in all, if nothing is repeated",
            columns=(
                Column(title="begins", numeric=True),
                Column(title="takes", numeric=True),
                Column(title="what"),
                Column(title="who, when"),
            ),
            rows=tuple(
                (
                    Cell(text=f"+{format_duration(slot.begin_s)}"),
                    Cell(text=format_duration(slot.duration_s)),
                    Cell(text=slot.what),
                    Cell(text=_TO_FILL_IN),
                )
                for slot in page.schedule
            ),
        ),
    )


def command_blocks(page: PlanPage) -> tuple[Block, ...]:
    lines = "\n\n".join(f"# {one.what}\n{one.line}" for one in page.commands)
    return (Code(caption="From the folder of this plan", text=lines, language="sh"),)


def note_blocks(page: PlanPage) -> tuple[Block, ...]:
    """A paragraph each; nothing where there is nothing to say."""
    sources = ", ".join(page.draft.sources)
    blocks: list[Block] = [Paragraph(text=f"Made from {sources}.")] if sources else []
    blocks += [Callout(tone=Tone.QUIET, text=note) for note in page.notes]
    return tuple(blocks)


_PROPOSED = (
    "Proposals, not objectives: nobody has agreed to them. Where the log told today's times, a "
    "margin was added; the log has the server's own time, without network and queue before it. "
    "Agree on each, and write it into scenario.py."
)
