"""Sampled stacks of one component as a flame graph and a table of its hottest functions.

Loads are threads on average (`analyze/stacks.py`): cores in mode `cpu`, the share of time that the
interpreter's lock is held in mode `gil`. Where there are profiles of low load and of the knee, or
of a base and a candidate, the graph shows either, or the latter coloured by whose share grew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perfwright.analyze.frames import parse_frame
from perfwright.analyze.stacks import FunctionLoad, Stacks, functions, select, total_load
from perfwright.model.watched import StackCount
from perfwright.report import wording
from perfwright.report.document import Cell, Column, Flame, Table
from perfwright.report.flame_tree import boxes_of, kind_of, laid_out

_MODES = {
    "cpu": ("on CPU", "cores"),
    "gil": ("holding the interpreter lock", "of the time"),
    "wall": ("all threads, waiting ones too", "threads"),
    "offcpu": ("waiting", "threads"),
}
_MOMENTS = {
    "candidate": "in the candidate",
    "knee": "at the knee",
    "run": "during the run",
    "low": "at low load",
    "base": "in the base",
}
"""What is shown first, beside what is last."""
_ROWS = 12


def flame_blocks(stacks: Sequence[StackCount]) -> tuple[Flame, ...]:
    """One flame graph for each component that was profiled, the busiest first."""
    subjects = dict.fromkeys(stack.subject for stack in stacks)
    busy = {one: total_load(select(stacks, subject=one, mode="cpu")) for one in subjects}
    return tuple(
        flame_block(select(stacks, subject=subject))
        for subject in sorted(subjects, key=lambda subject: -busy[subject])
    )


def flame_block(stacks: Stacks) -> Flame:
    """The flame graph of one component's stacks (at least one), in all modes that were taken."""
    subject = stacks[0].subject
    taken = {stack.moment for stack in stacks}
    moments = [moment for moment in _MOMENTS if moment in taken]
    high, low = moments[0], moments[-1]
    modes = [mode for mode in _MODES if select(stacks, mode=mode, moment=high)]
    frames: dict[str, int] = {}
    drawn = [_mode(select(stacks, mode=mode), mode, high, low, frames) for mode in modes]
    table = _table(select(stacks, mode=modes[0]), modes[0], high, low)
    most = table.rows[0][0].text if table.rows else wording.DASH
    return Flame(
        key="".join(char if char.isalnum() else "-" for char in subject),
        title=f"Where {subject} spends its time",
        description=f"Flame graph of {subject}. Most time of its own: {most}. Arrow keys move.",
        data={
            "frames": [_name(text) for text in frames],
            "kinds": [kind_of(text) for text in frames],
            "modes": drawn,
        },
        table=table,
    )


def _mode(stacks: Stacks, mode: str, high: str, low: str, frames: dict[str, int]) -> dict[str, Any]:
    name, unit = _MODES[mode]
    return {
        "name": name,
        "unit": unit,
        "pair": high != low and bool(select(stacks, moment=low)),
        "high": _MOMENTS[high],
        "low": _MOMENTS[low],
        "tree": laid_out(boxes_of(stacks, high, low), frames),
    }


def _table(stacks: Stacks, mode: str, high: str, low: str) -> Table:
    found = [one for one in functions(select(stacks, moment=high)) if one.self_load > 0][:_ROWS]
    before = {(one.function, one.file): one for one in functions(select(stacks, moment=low))}
    pair = high != low and bool(before)
    titles = ("of its own", "with what it calls", *([f"own {_MOMENTS[low]}"] if pair else []))
    return Table(
        caption=f"The functions with the most time {_MODES[mode][0]}, {_MOMENTS[high]}",
        columns=(
            Column(title="function"),
            Column(title="code"),
            *(Column(title=title, numeric=True) for title in titles),
        ),
        rows=tuple(
            _row(one, before.get((one.function, one.file)) if pair else None, pair=pair)
            for one in found
        ),
        note=f"Share of all samples {_MODES[mode][0]}; {_MOMENTS[high]} "
        f"{total_load(select(stacks, moment=high)):.2g} {_MODES[mode][1]}.",
    )


def _row(one: FunctionLoad, before: FunctionLoad | None, *, pair: bool) -> tuple[Cell, ...]:
    earlier = before.self_ratio if before else 0.0
    shown = (one.self_ratio, one.ratio, *([earlier] if pair else []))
    return (
        Cell(text=wording.shorten(one.name, 90), code=True),
        Cell(text="application" if one.is_own else "library"),
        *(Cell(text=wording.percent(ratio)) for ratio in shown),
    )


def _name(text: str) -> str:
    """A frame as people read it."""
    return wording.clean(parse_frame(text).name)
