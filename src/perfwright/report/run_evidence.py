"""What a run kept as evidence: slow and failed requests, and what went wrong in scenario code.

Requests show where their time went by phase; times have their unit. Sections without evidence are
empty and get left out by the caller.
"""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.model.frame import Exemplar, Hold
from perfwright.model.result import RunResult
from perfwright.model.units import NS_PER_MS, NS_PER_S, format_duration
from perfwright.report import wording
from perfwright.report.document import Block, Callout, Cell, Code, Column, Section, Table, Tone

SHOWN = 20
_HOLD_REMEDY = (
    "While scenario code holds the loop nothing else can start: what follows is late, and the "
    "system gets the blame. Await instead of sleeping, and move heavy work to `user.thread`."
)


def evidence_sections(result: RunResult) -> tuple[Section, ...]:
    failed = [exemplar for exemplar in result.exemplars if exemplar.outcome != "ok"]
    slow = [exemplar for exemplar in result.exemplars if exemplar.outcome == "ok"]
    requests = [
        table
        for table in (
            _exemplars_table("Failed requests", failed, failed=True),
            _exemplars_table("Slowest requests that succeeded", slow, failed=False),
        )
        if table is not None
    ]
    return (
        Section(
            key="exemplars",
            title="Requests worth a look",
            blocks=tuple(requests),
            lead="A few of each step and outcome were kept, the slowest first.",
        ),
        Section(key="scenario", title="Scenario code", blocks=tuple(_scenario_blocks(result))),
    )


def hold_text(hold: Hold) -> str:
    """`shop.py:12 held the loop for 35 ms, 214 times`: the longest, and how often."""
    longest = format_duration(hold.longest_ns / NS_PER_S)
    return f"{hold.file}:{hold.line} held the loop for {longest}, {wording.times(hold.count)}"


def _exemplars_table(caption: str, exemplars: Sequence[Exemplar], *, failed: bool) -> Table | None:
    if not exemplars:
        return None
    shown = sorted(exemplars, key=lambda exemplar: -exemplar.response_ns)[:SHOWN]
    left_out = len(exemplars) - len(shown)
    return Table(
        caption=caption,
        columns=(
            Column(title="Step"),
            Column(title="At", numeric=True),
            Column(title="Response", numeric=True),
            Column(title="Service", numeric=True),
            Column(title="Where the time went"),
            Column(title="Outcome" if failed else "Status"),
            Column(title="Request"),
        ),
        rows=tuple(_exemplar_row(exemplar) for exemplar in shown),
        note=f"{left_out:,} more in the run folder." if left_out else "",
    )


def _exemplar_row(exemplar: Exemplar) -> tuple[Cell, ...]:
    ok, is_timed = exemplar.outcome == "ok", exemplar.response_ns > 0
    outcome = str(exemplar.status or exemplar.outcome)
    if not ok:
        status = f" {exemplar.status}" if exemplar.status else ""
        outcome = f"{exemplar.outcome}{status} {exemplar.message}".strip()
    request = f"{exemplar.method} {wording.shorten(exemplar.url, 120)}"
    return (
        Cell(text=exemplar.step),
        Cell(text=f"{exemplar.intended_ns / NS_PER_S:.1f} s" if is_timed else wording.DASH),
        Cell(text=wording.duration(exemplar.response_ns / NS_PER_MS if is_timed else None)),
        Cell(text=wording.duration(exemplar.service_ns / NS_PER_MS if is_timed else None)),
        Cell(text=phases_text(exemplar), tone=Tone.QUIET),
        Cell(text=wording.shorten(outcome, 160), tone=Tone.PLAIN if ok else Tone.BAD),
        Cell(text=request, code=True),
    )


def phases_text(exemplar: Exemplar) -> str:
    """`queued 31 ms · connect 1.1 ms · wait 204 ms`: phases below a hundredth are left out."""
    queued_ns = max(0, exemplar.response_ns - exemplar.service_ns - _before_sending_ns(exemplar))
    parts = {"queued": queued_ns, **exemplar.phases_ns}
    floor_ns = exemplar.response_ns / 100
    shown = (
        f"{name} {format_duration(value_ns / NS_PER_S)}"
        for name, value_ns in parts.items()
        if value_ns > floor_ns
    )
    return " · ".join(shown) or wording.DASH


def _before_sending_ns(exemplar: Exemplar) -> int:
    return sum(exemplar.phases_ns.get(phase, 0) for phase in ("dns", "connect", "tls"))


def _scenario_blocks(result: RunResult) -> list[Block]:
    blocks: list[Block] = []
    for error in result.scenario_errors:
        text = f"{error.type} in {error.where}, {wording.times(error.count)}: {error.message}"
        blocks.append(Callout(tone=Tone.BAD, text=wording.shorten(text, 400)))
        if error.traceback:
            caption = f"First traceback of {error.type} in {error.where}"
            blocks.append(Code(caption=caption, text=error.traceback, folded=True))
    holds = sorted(result.holds, key=lambda hold: -hold.total_ns)
    if holds:
        rows = tuple(
            (
                Cell(text=hold_text(hold)),
                Cell(text=format_duration(hold.total_ns / NS_PER_S)),
            )
            for hold in holds[:SHOWN]
        )
        columns = (Column(title="Line, longest, how often"), Column(title="In all", numeric=True))
        caption = "Scenario code that held the loop"
        blocks.append(Table(caption=caption, columns=columns, rows=rows, note=_HOLD_REMEDY))
    return blocks
