"""What a request waited for, moment by moment: its trace's critical path, and spans' self time.

    root    ├──────────────────────┤          path:   root   a   root   c         root
      a        ├───┤                                  ├──┼───┼────┼─────────────┼───┤
      b           ├──────┤                            b is not on it: c, which began
      c                ├─────────┤                    before b ended, outlasts it

Backwards from the end: the time belongs to the child that ended last, from where it began to the
one before, what no child covers to the span itself; then the same within each child. The segments
lie end to end, so they sum up to the root's duration: shortening a span that is on the path is what
shortens the request. After CRISP (Zhang et al., USENIX ATC 2022); where children overlap, an
earlier one keeps its time before the later began. Times in ns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from perfwright.analyze.traces import Node, Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """[start_ns, end_ns) in which the request waited for what `node` did itself."""

    node: Node
    start_ns: int
    end_ns: int

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns


def critical_path(trace: Trace) -> tuple[Segment, ...]:
    """In order of time; nothing for a trace that took none."""
    segments: list[Segment] = []
    waiting = [(trace.root, trace.root.start_ns, trace.root.end_ns)]
    while waiting:
        node, start_ns, until_ns = waiting.pop()
        for child in sorted(node.children, key=lambda child: -child.end_ns):
            from_ns, to_ns = max(child.start_ns, start_ns), min(child.end_ns, until_ns)
            if from_ns >= to_ns:
                continue
            if to_ns < until_ns:
                segments.append(Segment(node=node, start_ns=to_ns, end_ns=until_ns))
            waiting.append((child, from_ns, to_ns))
            until_ns = from_ns
        if start_ns < until_ns:
            segments.append(Segment(node=node, start_ns=start_ns, end_ns=until_ns))
    return tuple(sorted(segments, key=lambda segment: segment.start_ns))


def path_ns(trace: Trace) -> Mapping[Node, int]:
    """Of each span on the critical path, how long the request waited for itself."""
    waited: dict[Node, int] = {}
    for segment in critical_path(trace):
        waited[segment.node] = waited.get(segment.node, 0) + segment.duration_ns
    return waited


def self_ns(node: Node) -> int:
    """The span's time in which none of its children ran."""
    covered = _union_ns(
        (max(child.start_ns, node.start_ns), min(child.end_ns, node.end_ns))
        for child in node.children
    )
    return node.span.duration_ns - covered


def _union_ns(intervals: Iterable[tuple[int, int]]) -> int:
    total_ns = end_ns = 0
    for start, end in sorted(intervals):
        if end > max(start, end_ns):
            total_ns += end - max(start, end_ns)
            end_ns = end
    return total_ns
