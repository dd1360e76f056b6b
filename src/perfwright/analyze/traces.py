"""Spans as trees: who called whom, in time, with what is missing or skewed put right.

    GET /orders     ├──────────────────────────────┤        shop
      authorize       ├──────┤                               shop
        POST /token     ├──┤                                 accounts   (its clock corrected)
      SELECT …                 ├──┤├──┤├──┤├──┤              shop

What receivers see of a trace is seldom perfect. A span whose parent never came is an orphan: the
longest orphan is the trace's root (ours always is one: its parent is the load generator), the rest
hang from it. Copies of a span (a batch sent twice) count once, rings of parents are cut. A server
span outside of its client's span, in another service, shows two clocks that disagree: it is moved,
with all below it, to the middle of its client's span, as Jaeger does. Times in ns since the origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from perfwright.model.watched import Span


@dataclass(slots=True, kw_only=True, eq=False)
class Node:
    """A span in its trace, by the root's clock; `children` in order of their starts."""

    span: Span
    start_ns: int
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)

    @property
    def end_ns(self) -> int:
        return self.start_ns + self.span.duration_ns

    def walk(self) -> Iterator[Node]:
        """This node and all below it, callers first."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    trace_id: str
    root: Node

    @property
    def duration_ns(self) -> int:
        return self.root.span.duration_ns

    def nodes(self) -> Iterator[Node]:
        return self.root.walk()


def traces_of(spans: Iterable[Span]) -> tuple[Trace, ...]:
    """One trace for each trace id, in order of their starts."""
    by_trace: dict[str, dict[str, Span]] = {}
    for span in spans:
        by_trace.setdefault(span.trace_id, {}).setdefault(span.span_id, span)
    made = [_trace(trace_id, by_id) for trace_id, by_id in by_trace.items()]
    return tuple(sorted(made, key=lambda trace: (trace.root.start_ns, trace.trace_id)))


def _trace(trace_id: str, by_id: dict[str, Span]) -> Trace:
    nodes = {span_id: Node(span=span, start_ns=span.start_ns) for span_id, span in by_id.items()}
    for node in nodes.values():
        node.parent = nodes.get(node.span.parent_id)
    _cut_rings(nodes.values())
    orphans = [node for node in nodes.values() if node.parent is None]
    root = max(orphans, key=lambda node: (node.span.duration_ns, -node.start_ns))
    for orphan in orphans:
        if orphan is not root:
            orphan.parent = root
    for node in nodes.values():
        if node.parent is not None:
            node.parent.children.append(node)
    for node in root.walk():
        node.children.sort(key=lambda child: (child.start_ns, child.span.span_id))
        for child in node.children:
            _correct_clock(child, node)
    return Trace(trace_id=trace_id, root=root)


def _cut_rings(nodes: Iterable[Node]) -> None:
    """Makes an orphan of one span in each ring of parents."""
    sound: set[Node] = set()
    for start in nodes:
        way: dict[Node, None] = {}
        node: Node | None = start
        while node is not None and node not in sound and node not in way:
            way[node] = None
            node = node.parent
        if node is not None and node in way:
            node.parent = None
        sound.update(way)


def _correct_clock(child: Node, parent: Node) -> None:
    calls = parent.span.kind == "client" and child.span.kind == "server"
    inside = parent.start_ns <= child.start_ns and child.end_ns <= parent.end_ns
    if not calls or inside or parent.span.service == child.span.service:
        return
    spare_ns = max(0, parent.span.duration_ns - child.span.duration_ns)
    moved_ns = parent.start_ns + spare_ns // 2 - child.start_ns
    for node in child.walk():
        node.start_ns += moved_ns
