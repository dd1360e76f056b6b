"""A plan in a terminal: what was read, the load, how faithful the model is, what to do next.

━━━━━━━━━━━━━━━━ plan-access ━━━━━━━━━━━━━━━━
what was read and left out · fidelity · notes · the files, and the next command
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from perfwright.analyze.planning.loads import busiest
from perfwright.analyze.planning.shell import command_line
from perfwright.analyze.planning.tests import expected_load
from perfwright.model.plan_page import PlanPage
from perfwright.model.units import format_count, format_duration, format_number
from perfwright.model.workload import Fidelity, Workload
from perfwright.report import wording
from perfwright.report.console import console_text
from perfwright.report.text_blocks import bar, bullets, fit, heading, plain_table

_STYLES = {
    "faithful": "bold green",
    "rough": "bold yellow",
    "unfaithful": "bold red",
    "unknown": "bold yellow",
}
_NOTES_MAX = 8
_SCENARIOS_MAX = 6
_LABEL_WIDTH = 9


def render_plan(page: PlanPage, out: Path, *, width: int = 80, color: bool = False) -> str:
    """The whole text."""
    return console_text(_parts(page, out, width), width=width, color=color)


def _parts(page: PlanPage, out: Path, width: int) -> Iterator[RenderableType]:
    yield bar(fit(f"plan: {page.name}", width - 4), "bold cyan", width)
    yield Text()
    yield _facts(page)
    fidelity = page.workload.fidelity if page.workload else None
    if fidelity is not None:
        yield from _fidelity(fidelity)
    yield from _notes(page)
    yield from _next(page, out, width)


def _facts(page: PlanPage) -> RenderableType:
    table = plain_table(header=False)
    table.add_column(width=_LABEL_WIDTH, style="dim")
    table.add_column(overflow="fold")
    for label, text in _lines(page):
        table.add_row(label, Text(wording.clean(text)))
    return table


def _lines(page: PlanPage) -> Iterator[tuple[str, str]]:
    if page.workload is not None:
        yield from _read(page.workload)
    scenarios, total = page.draft.scenarios, page.draft.weight
    parts = [
        wording.shorten(one.name, 40) + (f" {one.weight / total:.0%}" if one.weight < total else "")
        for one in sorted(scenarios, key=lambda one: -one.weight)[:_SCENARIOS_MAX]
    ]
    more = len(scenarios) - len(parts)
    label = "Scenario" if len(scenarios) == 1 else "Scenarios"
    yield label, ", ".join(parts) + (f" and {more} more" if more > 0 else "")
    load = page.load_test
    expected = expected_load(load)
    yield "Peak", f"{load.load}{f'; {expected}' if expected else ''}"
    yield "Tests", ", ".join(test.kind for test in page.tests)
    proposed = any(one.is_proposal for one in page.objectives)
    slos = ", ".join(one.expr for one in page.objectives[:4])
    more = len(page.objectives) - 4
    label = "Proposed" if proposed else "SLOs"
    yield label, slos + (f" and {more} more" if more > 0 else "")
    if page.data:
        files = [f"{need.file} ({wording.plural(need.rows, 'row')})" for need in page.data[:4]]
        more = len(page.data) - len(files)
        yield "Data", ", ".join(files) + (f" and {more} more" if more > 0 else "")


def _read(workload: Workload) -> Iterator[tuple[str, str]]:
    facts, sessions, arrivals = workload.facts, workload.sessions, workload.arrivals
    formats = ", ".join(name for name, _ in facts.formats[:3])
    bad = f"; {wording.plural(facts.bad_lines, 'line')} unreadable" if facts.bad_lines else ""
    yield "Read", f"{wording.plural(facts.lines, 'line')} ({formats}){bad}"
    for one in facts.examples[:1]:
        place = f"line {one.line:,} of {Path(one.file).name}"
        yield "Bad lines", f"{place} {one.why}: {wording.shorten(one.text, 100)}"
    if workload.left_out:
        parts = [f"{one.what} {wording.percent(one.share)}" for one in workload.left_out]
        yield "Left out", ", ".join(parts) + " of the requests"
    told = (
        f"{format_count(sessions.sessions)} of {format_number(sessions.length_mean)} requests, "
        f"told by {sessions.told_by}; gap {format_duration(sessions.timeout_s)}"
    )
    yield "Sessions", told
    peak = (
        f"{format_number(arrivals.requests_per_s)} requests/s in the mean, "
        f"{format_number(arrivals.peak_requests_per_s)} in the {busiest(arrivals)} "
        f"({format_number(arrivals.peak_sessions_per_s)} sessions/s)"
    )
    yield "Traffic", peak


def _fidelity(fidelity: Fidelity) -> Iterator[RenderableType]:
    title = Text.assemble(
        ("Fidelity: ", "bold cyan"), (fidelity.verdict, _STYLES.get(fidelity.verdict, ""))
    )
    yield Text()
    yield title
    yield Text(wording.clean(fidelity.why), "dim")
    if not fidelity.distances:
        return
    table = plain_table()
    table.add_column("", width=1)
    table.add_column("simulated against the log", no_wrap=True)
    for name in ("distance", "95% interval", "noise", "limit"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in fidelity.distances:
        sign, style = ("✓", "green") if one.ok else ("✗", "bold red")
        table.add_row(
            Text(sign, style),
            Text(fit(one.what, 26)),
            Text(f"{one.value:.3f}", style),
            f"{one.low:.3f}–{one.high:.3f}",
            Text(f"{one.noise:.3f}", "dim"),
            Text(f"{one.limit:.3f}", "dim"),
        )
    yield table


def _notes(page: PlanPage) -> Iterator[RenderableType]:
    notes = page.notes
    more = len(notes) - _NOTES_MAX
    shown = notes[:_NOTES_MAX] if more > 1 else notes
    last = [f"{more} more notes in TEST_PLAN.md"] if more > 1 else []
    yield from bullets("Notes", [*shown, *last])


def _next(page: PlanPage, out: Path, width: int) -> Iterator[RenderableType]:
    yield heading("Written")
    data = ", data/" if page.data else ""
    yield Text(fit(f"{out}/", width), "bold")
    yield Text(f"  scenario.py{data}, model.json, TEST_PLAN.md, test_plan.html")
    yield heading("Next")
    script = str(out / "scenario.py")
    options = ("--target", "URL") if page.target_is_open else ()
    yield Text(f"  {command_line('perfwright', 'run', script, '--once', *options)}")
    once = next(test for test in page.tests if test.kind == "smoke")
    words = f"then the tests of {out}/TEST_PLAN.md, {once.kind} first"
    yield Text(f"  {wording.clean(words)}", "dim")
