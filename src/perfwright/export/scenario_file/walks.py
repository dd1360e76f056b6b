"""Walks as code: a function for each step, and for each walk a table of where it goes next.

    BROWSE: Table = {
        BEGIN: [
            (0.8, None, get_items),
            (0.2, None, search),
        ],
        get_items: [
            (0.55, lognormal(1.2, 0.8), get_item),
            (0.45, None, END),
        ],
        …
    }

Probabilities are rounded to ten-thousandths by largest remainders, so that each row adds up to 1
exactly. The walk itself is a dozen lines in the same file (`helpers.py`): nothing is hidden in a
library.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from perfwright.export.scenario_file.calls import write_call
from perfwright.export.scenario_file.context import STEPS, FileContext
from perfwright.export.scenario_file.flow import used_by
from perfwright.export.scenario_file.layout import Atom, Block, Bracket, Node, sequence
from perfwright.export.scenario_file.literals import rounded
from perfwright.export.scenario_file.names import constant, of_step
from perfwright.export.scenario_file.prose import comment_lines
from perfwright.export.scenario_file.scope import Scope
from perfwright.export.scenario_file.thinking import in_table
from perfwright.model.calls import calls_in
from perfwright.model.journey import Call, Edge, Walk

_PARTS = 10_000


def used_steps(walks: Sequence[Walk], steps: Sequence[Call]) -> dict[str, Call]:
    """The steps that walks can reach, by name, in the draft's order."""
    reached = {name for walk in walks for name, _ in _rows(walk) if name is not None}
    return {step.name: step for step in steps if step.name in reached}


def carried(steps: Iterable[Call]) -> set[str]:
    """Variables that some step takes over from another, or from itself."""
    calls = list(calls_in(steps))
    used = {name for call in calls for name in used_by(call)}
    taken = {other for call in calls for reuse in call.reuses for _, other in reuse.pairs}
    return used & taken


def write_step(call: Call, function: str, file: FileContext) -> Block:
    """`async def get_item(user: User) -> None:` and what it does."""
    scope = Scope(file, STEPS, is_step=True, reuses=call.reuses)
    body = Block(depth=1)
    write_call(call, scope, body)
    block = Block()
    seen = ", seen: dict[str, Any]" if file.has_memory else ""
    block.line(f"async def {function}(user: User{seen}) -> None:")
    scope.write_top(block.inside())
    block.lines.extend(body.lines)
    return block


def write_table(walk: Walk, table: str, functions: dict[str, str], file: FileContext) -> Block:
    """The table of a walk; steps without a function (no call of that name) end it."""
    block = Block()
    for line in comment_lines(walk.comment):
        block.line(line)
    rows: list[tuple[str, Node]] = []
    for source, edges in _rows(walk):
        if source is not None and source not in functions:
            continue
        kept = [edge for edge in edges if edge.to is None or edge.to in functions]
        row = [_edge_node(edge, share, walk, functions, file) for share, edge in _shares(kept)]
        leaves = functions[source] if source else "BEGIN"
        rows.append((f"{leaves}: ", sequence(row or [_END], broken=True)))
    block.statement(f"{table}: Table = ", Bracket("{", rows, "}"))
    return block


def function_names(steps: Sequence[str], file: FileContext) -> dict[str, str]:
    return {name: file.names.take(of_step(name), suffix="step") for name in steps}


def table_name(walk: Walk, file: FileContext) -> str:
    return file.names.take(constant(walk.name, "WALK"), suffix="WALK")


_END = sequence([Atom("1"), Atom("None"), Atom("END")], "()")


def _rows(walk: Walk) -> list[tuple[str | None, list[Edge]]]:
    """Edges by the step they leave, the beginning first, then by how they are reached; likely ones
    first. Steps that nothing leaves have no edges."""
    leaving: dict[str | None, list[Edge]] = {}
    for edge in walk.edges:
        if edge.probability > 0 and math.isfinite(edge.probability):
            leaving.setdefault(edge.source, []).append(edge)
    for edges in leaving.values():
        edges.sort(key=lambda edge: -edge.probability)
    reached: dict[str | None, None] = {None: None}
    waiting: list[str | None] = [None]
    while waiting:
        for edge in leaving.get(waiting.pop(0), ()):
            if edge.to is not None and edge.to not in reached:
                reached[edge.to] = None
                waiting.append(edge.to)
    return [(step, leaving.get(step, [])) for step in reached]


def _shares(edges: Sequence[Edge]) -> list[tuple[float, Edge]]:
    """Edges with ten-thousandths that add up to 1; those that come to none are left out."""
    total = math.fsum(edge.probability for edge in edges)
    exact = [edge.probability / total * _PARTS for edge in edges]
    whole = [math.floor(share) for share in exact]
    by_remainder = sorted(range(len(edges)), key=lambda i: whole[i] - exact[i])
    for i in by_remainder[: _PARTS - sum(whole)]:
        whole[i] += 1
    return [(part / _PARTS, edge) for part, edge in zip(whole, edges, strict=True) if part]


def _edge_node(
    edge: Edge, share: float, walk: Walk, functions: dict[str, str], file: FileContext
) -> Node:
    think = None if edge.to is None else edge.think
    name = f"{walk.name} {of_step(edge.to)}" if edge.to else walk.name
    following = functions[edge.to] if edge.to else "END"
    parts = [Atom(rounded(share)), in_table(think, file, name), Atom(following)]
    return sequence(parts, "()")
