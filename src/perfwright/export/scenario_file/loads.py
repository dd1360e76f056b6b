"""The `Test` at a file's end: target, load and objectives.

    test = Test(
        target="http://shop.test",
        load=arrivals(0).ramp(to=25, over="30s").hold("5m"),
        slos=["p99 < 300ms"],
    )

Where each scenario has its own load, they stand by name: `load={"buy": users(5).hold("5m"), …}`. A
shape of many parts is written as a statement of its own, one part a line, as ruff breaks it. What
`Test` would refuse (an objective that does not parse, a target that is no URL) is left out with a
note.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from perfwright.export.scenario_file.context import FileContext
from perfwright.export.scenario_file.layout import Atom, Block, Node, fits, mapping, sequence
from perfwright.export.scenario_file.literals import quoted, rounded
from perfwright.export.scenario_file.names import slug
from perfwright.export.scenario_file.prose import comment_lines, prose
from perfwright.export.scenario_file.values import string_node
from perfwright.model.errors import UsageError
from perfwright.model.journey import DraftLoad, LoadPart
from perfwright.plan import fields
from perfwright.plan.slo import parse_slo

LOOPBACK = "http://127.0.0.1:8000"


def write_test(file: FileContext, own: Mapping[str, DraftLoad]) -> tuple[Block, set[str]]:
    """The statements, and the names of perfwright that they use. `own`: loads by the names of
    their scenarios; empty where one load is for all."""
    draft, block = file.draft, Block()
    why = draft.load.why if draft.load else ""
    if own:
        load, models = _own_loads(own, file, block)
    else:
        begin, parts = _shape(draft.load)
        load, models = Atom(begin + "".join(parts)), {_model(begin)}
        if not fits(f"load={load.flat},", 1):
            for line in comment_lines(why):
                block.line(line)
            _write_chain("load", begin, parts, block)
            load, why = Atom("load"), ""
    target, is_ours = _target(file)
    slos = [string_node(slo) for slo in draft.slos if _is_slo(slo, file)]
    block.line("test = Test(")
    inside = block.inside()
    inside.statement("target=", string_node(target), ",")
    if is_ours:
        inside.lines[-1] += "  # the source names none: yours, or --target"
    for line in comment_lines(why, 1):
        inside.line(line)
    inside.statement("load=", load, ",")
    if slos:
        inside.statement("slos=", sequence(slos), ",")
    block.line(")")
    return block, {"Test", *models}


def _own_loads(
    own: Mapping[str, DraftLoad], file: FileContext, block: Block
) -> tuple[Node, set[str]]:
    """A shape by each scenario's name, after the statements of long ones; the models used."""
    shapes: dict[str, Node] = {}
    models = set()
    for name, load in own.items():
        begin, parts = _shape(load)
        models.add(_model(begin))
        shape = begin + "".join(parts)
        if not fits(f"{quoted(name, ascii_only=True)}: {shape},", 2):
            wanted = f"{slug(name, 'journey')}_load"
            is_whole = len(parts) > 1 or fits(f"{wanted}_99 = {shape}")  # else ruff breaks a call
            shape = file.names.take(wanted if is_whole else "load")
            _write_chain(shape, begin, parts, block)
        shapes[name] = Atom(shape)
    return replace(mapping(shapes.items()), broken=True), models


def _model(begin: str) -> str:
    return begin.partition("(")[0]


def _shape(load: DraftLoad | None) -> tuple[str, list[str]]:
    """The call that begins the shape, and those that follow."""
    parts = [] if load is None else [part for part in load.parts if _is_sound(part)]
    if load is None or not any(part.to > 0 for part in parts):
        return "users(5)", ['.hold("30s")']
    is_open = load.kind == "arrivals"
    first = parts[0]
    begins = _level(0 if first.over_s > 0 else first.to, is_open)
    process = ', process="poisson"' if is_open and load.process == "poisson" else ""
    calls = []
    level = begins
    for number, part in enumerate(parts):
        to = _level(part.to, is_open)
        if part.over_s > 0:
            calls.append(f".ramp(to={to}, over={quoted(duration(part.over_s))})")
        elif number and to != level:
            calls.append(f".ramp(to={to}, over=0)")
        if part.hold_s > 0:
            calls.append(f".hold({quoted(duration(part.hold_s))})")
        level = to
    return f"{load.kind}({begins}{process})", calls


def duration(seconds: float) -> str:
    """Seconds in the spelling that `parse_duration` reads: 1h30m, 90.5s, 250ms."""
    if seconds < 1:
        return f"{rounded(seconds * 1000, 3)}ms" if seconds >= 1e-3 else "1ms"
    if seconds != int(seconds):
        if seconds < 600:
            return f"{round(seconds, 3)}s"
        seconds = round(seconds)
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return "".join(f"{n}{unit}" for n, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if n)


def _is_sound(part: LoadPart) -> bool:
    numbers = (part.to, part.over_s, part.hold_s)
    return all(math.isfinite(number) and 0 <= number < 1e9 for number in numbers)


def _level(value: float, is_open: bool) -> str:
    if is_open:
        return rounded(value, 3)
    return str(max(1, round(value)) if value > 0 else 0)


def _write_chain(variable: str, begin: str, calls: list[str], block: Block) -> None:
    """The shape as a statement; in the way that ruff breaks a chain of calls."""
    chain = begin + "".join(calls)
    if fits(f"{variable} = {chain}"):
        block.line(f"{variable} = {chain}")
    else:
        pieces = (chain,) if fits(chain, 1) else (begin, *calls)
        block.line(f"{variable} = (")
        for piece in pieces:
            block.inside().line(piece)
        block.line(")")
    block.line()


def _target(file: FileContext) -> tuple[str, bool]:
    """The target, and whether it is made up."""
    target = file.draft.target
    if not target:
        return LOOPBACK, True
    try:
        return fields.url("target", target), False
    except UsageError:
        file.note(f"the target was left out, for it is no URL: {prose(target, 80)}")
        return LOOPBACK, True


def _is_slo(text: str, file: FileContext) -> bool:
    try:
        parse_slo(text)
    except UsageError:
        file.note(f"an objective was left out, for it does not parse: {prose(text, 80)}")
        return False
    return True
