"""The same statement again and again under one span: the N+1 pattern, as traces show it.

    GET /orders  ├────────────────────────────────────┤
      SELECT …     ├─┤                                        the list
      SELECT … ?       ├─┤ ├─┤ ├─┤ ├─┤ ├─┤ ├─┤ ├─┤            each of its rows: `times` 7

Counted are calls one after another; those side by side are a fan-out, which one round trip may
serve. What a round trip costs a request is its time on the critical path.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from perfwright.analyze.critical_path import path_ns
from perfwright.analyze.traces import Node, Trace

REPEATED = 5
"""Times under one span from which a statement counts as repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """`operation` of `service` sends `statement` `times` times (mean over the `traces` in which it
    does, a `trace_ratio` of all given). `path_ns`: what that costs such a trace on its critical
    path, of its `whole_ns`. `code`: where it is sent from, "" if no span says."""

    service: str
    operation: str
    statement: str
    times: float
    traces: int
    trace_ratio: float
    path_ns: float
    whole_ns: float
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    trace: Trace
    parent: Node
    calls: Sequence[Node]
    path_ns: int


def repeats(traces: Sequence[Trace]) -> tuple[Repeat, ...]:
    """The costliest over all traces first."""
    groups: dict[tuple[str, str, str], list[_Found]] = {}
    for trace in traces:
        for found in _in_trace(trace):
            span = found.parent.span
            key = (span.service, span.name, found.calls[0].span.statement)
            groups.setdefault(key, []).append(found)
    made = [_repeat(*key, group, len(traces)) for key, group in groups.items()]
    return tuple(sorted(made, key=lambda one: (-one.path_ns * one.traces, one.statement)))


def _in_trace(trace: Trace) -> Iterable[_Found]:
    waited = None
    for parent in trace.nodes():
        if len(parent.children) < REPEATED:
            continue
        by_statement: dict[str, list[Node]] = {}
        for child in parent.children:
            if child.span.statement:
                by_statement.setdefault(child.span.statement, []).append(child)
        for calls in by_statement.values():
            if len(calls) >= REPEATED and _in_a_row(calls) >= REPEATED:
                waited = waited or path_ns(trace)
                cost_ns = sum(waited.get(call, 0) for call in calls)
                yield _Found(trace=trace, parent=parent, calls=calls, path_ns=cost_ns)


def _in_a_row(calls: Iterable[Node]) -> int:
    """The most of them that ran one after another."""
    count, free_ns = 0, None
    for call in sorted(calls, key=lambda call: call.end_ns):
        if free_ns is None or call.start_ns >= free_ns:
            count, free_ns = count + 1, call.end_ns
    return count


def _repeat(
    service: str, operation: str, statement: str, group: Sequence[_Found], of_traces: int
) -> Repeat:
    traces = {found.trace.trace_id: found.trace for found in group}
    codes = Counter(call.span.code for found in group for call in found.calls if call.span.code)
    return Repeat(
        service=service,
        operation=operation,
        statement=statement,
        times=sum(len(found.calls) for found in group) / len(traces),
        traces=len(traces),
        trace_ratio=len(traces) / of_traces,
        path_ns=sum(found.path_ns for found in group) / len(traces),
        whole_ns=sum(trace.duration_ns for trace in traces.values()) / len(traces),
        code=codes.most_common(1)[0][0] if codes else "",
    )
