"""The final text of a run, for a terminal of any width from 60 columns: the verdict comes last.

    head · steps · errors by kind · failed checks · SLO lights · notes · ━━ FAIL ━━ and its reasons

Without colour (NO_COLOR, a pipe) the text says the same: lights are signs, the verdict stands in a
full-width rule. No line is wider than the terminal: names are cut in the middle, prose wraps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from perfwright.model.manifest import OWN_TOOL, RunManifest
from perfwright.model.result import RunResult, StepResult
from perfwright.model.units import format_duration
from perfwright.model.verdict import SloResult, Status
from perfwright.report import wording
from perfwright.report.console import WIDTH_MIN, console_text
from perfwright.report.load_words import load_of
from perfwright.report.run_document import notes_of, verdict_box
from perfwright.report.run_evidence import hold_text
from perfwright.report.text_blocks import (
    Light,
    bar,
    bullet,
    bullets,
    fit,
    heading,
    light_table,
    plain_table,
)

BAR_STYLES = {
    Status.PASS: "bold white on green",
    Status.FAIL: "bold white on red",
    Status.INCONCLUSIVE: "bold black on yellow",
}
_ROWS_MAX = 30
_MESSAGE_MAX = 200


def render_terminal(
    manifest: RunManifest, result: RunResult, *, width: int = 80, color: bool = False
) -> str:
    """The whole text, each line at most `width` columns wide."""
    width = max(WIDTH_MIN, width)
    return console_text(_blocks(manifest, result, width), width=width, color=color)


def _blocks(manifest: RunManifest, result: RunResult, width: int) -> Iterator[RenderableType]:
    yield _head(manifest, result, width)
    steps = result.judged_steps or result.steps
    if steps:
        yield _steps(result, steps, width)
    if errors := _errors(result, width):
        yield errors
    yield from bullets("Checks that failed", _failed_checks(result), style="red")
    yield from bullets("Scenario code", _scenario_code(result), style="red")
    if result.slos:
        yield slo_lights(result.slos, width)
    yield from bullets("Notes", notes_of(manifest, result), style="")
    yield from _verdict(result, width)


def _head(manifest: RunManifest, result: RunResult, width: int) -> RenderableType:
    totals, is_own = result.totals, manifest.tool == OWN_TOOL
    name = manifest.name or manifest.run_id
    title = Text(fit(f"{name} · {manifest.target}" if manifest.target else name, width), "bold")
    load = Text(wording.clean(load_of(manifest)), "dim")
    facts = (
        f"{wording.plural(totals.requests, 'request')} in {format_duration(totals.duration_s)}",
        f"{wording.count(totals.throughput_per_s)}/s",
        f"errors {wording.percent(totals.error_ratio)}",
        *([wording.plural(totals.iterations, "iteration")] if is_own or totals.iterations else []),
    )
    generator = (
        f"generator: CPU {wording.percent(result.generator.cpu_ratio)} of a core",
        f"lateness p99 {wording.duration(result.generator.lateness_ms.get('p99'))}",
    )
    made_by = " · ".join(generator) if is_own else f"measured by {manifest.tool}"
    lines = [load] if load else []
    lines += [Text(" · ".join(facts)), Text(made_by, "dim")]
    return Group(Text(), title, *lines)


def _steps(result: RunResult, steps: tuple[StepResult, ...], width: int) -> RenderableType:
    table = plain_table()
    names_width = max(12, width - 63)
    judged = "judged seconds only" if result.judged_steps != result.steps else "whole run"
    table.add_column("step", width=names_width, no_wrap=True)
    columns = (("requests", 9), ("errors", 6), ("/s", 6), ("p50", 6), ("p95", 6), ("p99", 6))
    for title, columns_wide in (*columns, ("max", 6), ("svc p99", 7)):
        table.add_column(title, width=columns_wide, justify="right", no_wrap=True)
    for step in steps[:_ROWS_MAX]:
        table.add_row(*_step_row(step, fit(step.name, names_width)))
    if len(steps) > 1:
        table.add_section()
        table.add_row(*_step_row(result.overall, "all requests"), style="bold")
    parts: list[RenderableType] = [heading(f"Response time in ms ({judged})"), table]
    if len(steps) > _ROWS_MAX:
        parts.append(Text(f"{len(steps) - _ROWS_MAX} more steps in the report", "dim"))
    return Group(*parts)


def _step_row(step: StepResult, name: str) -> list[Text]:
    response = step.response_ms
    ratio = step.errors / step.requests if step.requests else None
    return [
        Text(name),
        Text(wording.compact(step.requests, 9)),
        Text(wording.percent(ratio), "red" if step.errors else "dim"),
        Text(wording.compact(step.throughput_per_s, 6)),
        *(Text(wording.milliseconds(response.get(p))) for p in ("p50", "p95", "p99", "max")),
        Text(wording.milliseconds(step.service_ms.get("p99")), "dim"),
    ]


def _errors(result: RunResult, width: int) -> RenderableType | None:
    counts: dict[str, int] = {}
    for step in result.steps:
        if step.kind != "group":
            for kind, number in step.error_kinds.items():
                counts[kind] = counts.get(kind, 0) + number
    if not counts:
        return None
    groups = {step.name for step in result.steps if step.kind == "group"}
    messages = {
        exemplar.outcome: f"{exemplar.step}: {exemplar.message or exemplar.body_head}"
        for exemplar in reversed(result.exemplars)
        if (exemplar.message or exemplar.body_head) and exemplar.step not in groups
    }
    table = plain_table(header=False)
    table.add_column(width=18, no_wrap=True)
    table.add_column(width=9, justify="right", no_wrap=True)
    table.add_column(width=max(20, width - 31), overflow="fold")
    for kind, number in sorted(counts.items(), key=lambda item: -item[1]):
        message = wording.shorten(wording.clean(messages.get(kind, "")), _MESSAGE_MAX)
        table.add_row(Text(fit(kind, 18), "red"), Text(f"{number:,}"), Text(message, "dim"))
    return Group(heading("Errors by kind"), table)


def _failed_checks(result: RunResult) -> list[str]:
    return [
        f"{check.name}: {check.failed:,} of {check.passed + check.failed:,} failed"
        for check in result.checks
        if check.failed
    ]


def _scenario_code(result: RunResult) -> list[str]:
    errors = [
        f"{error.type} in {error.where}, {wording.times(error.count)}: {error.message}"
        for error in result.scenario_errors
    ]
    holds = [hold_text(hold) for hold in result.holds[:5]]
    return errors + holds


def slo_lights(slos: Sequence[SloResult], width: int) -> RenderableType:
    """A line each: its light, its value, what is to be said of it."""
    lights = [
        Light(
            ok=slo.ok, name=slo.expr, value=wording.measured(slo.value, slo.unit), told=slo.detail
        )
        for slo in slos
    ]
    return Group(heading("SLOs"), light_table(lights, names_width_max=width - 40, value_width=10))


def _verdict(result: RunResult, width: int) -> Iterator[RenderableType]:
    box = verdict_box(result)
    yield from (Text(), bar(box.status.upper(), BAR_STYLES[box.status], width))
    yield Text(box.headline, "bold")
    for reason in box.reasons:
        yield bullet(reason)
