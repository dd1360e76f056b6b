"""The server's part of a mean response by traces: whose work the request waited for.

Shares of the critical paths of the stage's traces (`trace_shares.py`), times the mean service time
of requests: a service's own work, the databases that it asks, the network and queues between
services (the part of a call that the called service's span does not cover). Traces are of a sample
of requests: fewer than `ENOUGH` of them tell nothing (None).
"""

from __future__ import annotations

from perfwright.analyze.downstream import stage_traces
from perfwright.analyze.trace_shares import operations
from perfwright.analyze.view import View
from perfwright.model.stage import Stage
from perfwright.model.units import NS_PER_S

ENOUGH = 20


def traced_parts(view: View, stage: Stage) -> dict[str, tuple[float, str]] | None:
    """Seconds and source by layer; None where there are too few traces."""
    traces = stage_traces(view, stage)
    if len(traces) < ENOUGH:
        return None
    mean_s = sum(trace.duration_ns for trace in traces) / len(traces) / NS_PER_S
    source = f"critical paths of {len(traces)} traces"
    seconds: dict[str, float] = {}
    systems = {
        (span.service, span.name, span.kind): span.system
        for span in view.watched.spans
        if span.system
    }
    for one in operations(traces):
        name = _layer(one.service, one.kind, systems.get((one.service, one.name, one.kind), ""))
        seconds[name] = seconds.get(name, 0.0) + one.share.path_ratio * mean_s
    return {name: (value, source) for name, value in seconds.items()}


def _layer(service: str, kind: str, system: str) -> str:
    if system:
        return f"database: {system}"
    if kind in ("client", "producer"):
        return f"{service}: on the way to other services"
    return f"{service}: its own work"
