"""Where traced requests spend their response time: by operation, by statement, by dependency.

Shares are of the traces' time together: the sum over the critical paths ÷ the sum of the roots'
durations, so that the shares of all operations add up to 1 (what the client waited before the root
began and after it ended, its own network and queueing, is outside). Figures are means over the
traces given; a caller that wants one kind of request, one stage or the slowest only gives those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from perfwright.analyze.critical_path import path_ns, self_ns
from perfwright.analyze.traces import Node, Trace

K = TypeVar("K")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`calls_per_trace`; `mean_ns` of a call, `self_ns` of it without what it called; `path_ratio`:
    its share of the traces' time on the critical path, `error_ratio`: of the calls."""

    calls_per_trace: float
    mean_ns: float
    self_ns: float
    path_ratio: float
    error_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    service: str
    name: str
    kind: str
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedStatement:
    """`code`: where it is sent from, as the spans say, "" if they do not."""

    service: str
    system: str
    peer: str
    statement: str
    code: str
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """What `service` calls: `to` is the other service's name, or else its address or system.
    `outside_ns`: of a call, what passed before and after the other's own span (network, its queue);
    None where the other's spans are not seen. The share's path counts the calls with all below."""

    service: str
    to: str
    system: str
    outside_ns: float | None
    share: Share


def operations(traces: Sequence[Trace]) -> tuple[Operation, ...]:
    """The most time on the critical path first."""
    grouped = _grouped(traces, lambda node: (node.span.service, node.span.name, node.span.kind))
    made = [
        Operation(service=service, name=name, kind=kind, share=_share(group, traces))
        for (service, name, kind), group in grouped.items()
    ]
    return tuple(sorted(made, key=lambda one: (-one.share.path_ratio, one.service, one.name)))


def statements(traces: Sequence[Trace]) -> tuple[TracedStatement, ...]:
    """The most time on the critical path first."""

    def key(node: Node) -> tuple[str, str, str, str] | None:
        span = node.span
        return (span.service, span.system, span.peer, span.statement) if span.statement else None

    made = [
        TracedStatement(
            service=service,
            system=system,
            peer=peer,
            statement=statement,
            code=next((one.node.span.code for one in group if one.node.span.code), ""),
            share=_share(group, traces),
        )
        for (service, system, peer, statement), group in _grouped(traces, key).items()
    ]
    return tuple(sorted(made, key=lambda one: (-one.share.path_ratio, one.statement)))


def dependencies(traces: Sequence[Trace]) -> tuple[Dependency, ...]:
    """What services call, databases included; the most time on the critical path first."""
    made = []
    for (service, to, system), group in _grouped(traces, _called, with_below=True).items():
        outside = [ns for one in group if (ns := _outside_ns(one.node)) is not None]
        made.append(
            Dependency(
                service=service,
                to=to,
                system=system,
                outside_ns=sum(outside) / len(outside) if outside else None,
                share=_share(group, traces),
            )
        )
    return tuple(sorted(made, key=lambda one: (-one.share.path_ratio, one.service, one.to)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    node: Node
    path_ns: int


def _grouped(
    traces: Iterable[Trace], key: Callable[[Node], K | None], *, with_below: bool = False
) -> dict[K, list[_Call]]:
    """Spans by their key, with their time on the critical path (`with_below`: and that of all they
    called)."""
    groups: dict[K, list[_Call]] = {}
    for trace in traces:
        waited = path_ns(trace)
        for node in trace.nodes():
            name = key(node)
            if name is not None:
                below = node.walk() if with_below else (node,)
                waited_ns = sum(waited.get(one, 0) for one in below)
                groups.setdefault(name, []).append(_Call(node=node, path_ns=waited_ns))
    return groups


def _share(group: Sequence[_Call], traces: Sequence[Trace]) -> Share:
    whole_ns = sum(trace.duration_ns for trace in traces)
    calls = len(group)
    return Share(
        calls_per_trace=calls / len(traces),
        mean_ns=sum(one.node.span.duration_ns for one in group) / calls,
        self_ns=sum(self_ns(one.node) for one in group) / calls,
        path_ratio=sum(one.path_ns for one in group) / whole_ns if whole_ns else 0.0,
        error_ratio=sum(one.node.span.error for one in group) / calls,
    )


def _called(node: Node) -> tuple[str, str, str] | None:
    """Who calls whom, and what kind of system that is; None where the span calls nobody outside."""
    span = node.span
    if span.kind not in ("client", "producer"):
        return None
    callee = _callee(node)
    to = callee.span.service if callee else span.peer or span.system or span.name
    return span.service, to, span.system


def _callee(node: Node) -> Node | None:
    """The other side's own span of this call."""
    others = (child for child in node.children if child.span.kind in ("server", "consumer"))
    return next((child for child in others if child.span.service != node.span.service), None)


def _outside_ns(node: Node) -> int | None:
    callee = _callee(node)
    return None if callee is None else max(0, node.span.duration_ns - callee.span.duration_ns)
