"""The tables of a run's report: SLOs, steps, errors by kind, checks, recorded values.

Each function takes the result and returns a table, or None where there is nothing to list. Times
are ms. Steps are those of the judged seconds (what SLOs see); errors and checks count the whole
run.
"""

from __future__ import annotations

from collections.abc import Mapping

from perfwright.model.result import RunResult, StepResult
from perfwright.model.units import format_duration
from perfwright.model.verdict import SloResult
from perfwright.report import wording
from perfwright.report.document import Cell, Column, Table, Tone

LIGHTS = {True: (Tone.GOOD, "met"), False: (Tone.BAD, "broken"), None: (Tone.UNSURE, "not judged")}
"""How an SLO's `ok` reads."""


def slo_table(result: RunResult) -> Table | None:
    if not result.slos:
        return None
    columns = (
        Column(title="SLO"),
        Column(title="Result"),
        Column(title="Measured", numeric=True),
        Column(title="Limit", numeric=True),
        Column(title="Detail"),
    )
    width = len(columns) if any(slo.detail for slo in result.slos) else len(columns) - 1
    return Table(
        caption="SLOs and what was measured",
        columns=columns[:width],
        rows=tuple(_slo_row(slo)[:width] for slo in result.slos),
    )


def steps_table(result: RunResult) -> Table | None:
    steps = result.judged_steps or result.steps
    if not steps:
        return None
    rows = [_step_row(step, step.name) for step in steps]
    if len(steps) > 1:
        rows.append(_step_row(result.overall, "all requests"))
    columns = (
        Column(title="Step"),
        Column(title="Requests", numeric=True),
        Column(title="Errors", numeric=True),
        Column(title="Per second", numeric=True),
        *(
            Column(title=title, numeric=True, group="Response, ms")
            for title in ("p50", "p95", "p99", "max")
        ),
        Column(title="p99", numeric=True, group="Service, ms"),
    )
    groups = [step.name for step in steps if step.kind == "group"]
    note = "A group of steps is timed as a whole and not counted again in “all requests”."
    return Table(
        caption=_steps_caption(result),
        columns=columns,
        rows=tuple(rows),
        note=note if groups else "",
        has_sum=len(steps) > 1,
    )


def errors_table(result: RunResult) -> Table | None:
    """By kind, most frequent first, with one kept message each."""
    messages = _messages(result)
    counts = [
        (number, kind, step)
        for step in result.steps
        if step.kind != "group"
        for kind, number in step.error_kinds.items()
    ]
    if not counts:
        return None
    rows = tuple(
        (
            Cell(text=kind, code=True, tone=Tone.BAD),
            Cell(text=step.name),
            Cell(text=f"{number:,}"),
            Cell(text=wording.percent(number / step.requests if step.requests else None)),
            Cell(text=messages.get((step.name, kind), wording.DASH), tone=Tone.QUIET),
        )
        for number, kind, step in sorted(counts, key=lambda row: (-row[0], row[1], row[2].name))
    )
    columns = (
        Column(title="Kind"),
        Column(title="Step"),
        Column(title="Count", numeric=True),
        Column(title="Of its requests", numeric=True),
        Column(title="For example"),
    )
    return Table(caption="Errors by kind, whole run", columns=columns, rows=rows)


def checks_table(result: RunResult) -> Table | None:
    if not result.checks:
        return None
    rows = []
    for check in result.checks:
        total = check.passed + check.failed
        tone = Tone.BAD if check.failed else Tone.GOOD
        ratio = wording.percent(check.passed / total if total else None)
        rows.append(
            (
                Cell(text=check.name),
                Cell(text=f"{check.passed:,}"),
                Cell(text=f"{check.failed:,}", tone=tone if check.failed else Tone.PLAIN),
                Cell(text=ratio, tone=tone),
            )
        )
    columns = (
        Column(title="Check"),
        Column(title="Passed", numeric=True),
        Column(title="Failed", numeric=True),
        Column(title="Passed, share", numeric=True),
    )
    return Table(caption="Checks, whole run", columns=columns, rows=tuple(rows))


def records_table(result: RunResult) -> Table | None:
    if not result.records:
        return None
    rows = tuple(
        (
            Cell(text=record.name),
            Cell(text=record.unit or wording.DASH),
            Cell(text=f"{record.count:,}"),
            *(Cell(text=f"{value:,.4g}") for value in (record.mean, record.min, record.max)),
        )
        for record in result.records
    )
    columns = (
        Column(title="Name"),
        Column(title="Unit"),
        *(Column(title=title, numeric=True) for title in ("Count", "Mean", "Min", "Max")),
    )
    return Table(caption="Values recorded by the scenario", columns=columns, rows=rows)


def _slo_row(slo: SloResult) -> tuple[Cell, ...]:
    tone, word = LIGHTS[slo.ok]
    return (
        Cell(text=slo.expr, code=True),
        Cell(text=word, tone=tone, light=True),
        Cell(text=wording.measured(slo.value, slo.unit), tone=tone),
        Cell(text=wording.measured(slo.limit, slo.unit)),
        Cell(text=slo.detail, tone=Tone.QUIET),
    )


def _step_row(step: StepResult, name: str) -> tuple[Cell, ...]:
    response, service = step.response_ms, step.service_ms
    error_ratio = step.errors / step.requests if step.requests else None
    return (
        Cell(text=name),
        Cell(text=f"{step.requests:,}"),
        Cell(
            text=wording.percent(error_ratio),
            tone=Tone.BAD if step.errors else Tone.QUIET,
        ),
        Cell(text=wording.count(step.throughput_per_s)),
        *(Cell(text=wording.milliseconds(response.get(p))) for p in ("p50", "p95", "p99", "max")),
        Cell(text=wording.milliseconds(service.get("p99")), tone=Tone.QUIET),
    )


def _steps_caption(result: RunResult) -> str:
    judged_s = sum(end - start for start, end in result.judged_s)
    if not result.judged_steps or judged_s <= 0:
        return "Steps, whole run"
    if judged_s >= result.totals.duration_s - 1:
        return "Steps, whole run"
    return (
        f"Steps, over the {format_duration(judged_s)} that are judged "
        "(without warm-up, ramp and wind-down)"
    )


def _messages(result: RunResult) -> Mapping[tuple[str, str], str]:
    """One message by step and kind; where none was kept, what was answered."""
    messages: dict[tuple[str, str], str] = {}
    for exemplar in result.exemplars:
        text = exemplar.message
        if not text and exemplar.status:
            text = f"{exemplar.status}: {exemplar.body_head}".rstrip(": ")
        if text:
            messages.setdefault((exemplar.step, exemplar.outcome), wording.shorten(text, 160))
    return messages
