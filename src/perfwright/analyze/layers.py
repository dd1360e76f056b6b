"""Where a mean response spends its time, layer by layer, at light load and at the knee.

    intended start ─► sent ─► connected ─►│ server: CPU, waits, databases, services │─► last byte
    └─ client wait ──┘└ connect ┘└ network ┘            + the rest, not explained     (sums up)

The load's own timing gives what is outside of the server. Inside, traces are the surest (critical
paths, `layers_traced.py`); without them it is counted by Little's law, N / X seconds per request:
cores in use, threads ready but not running, connections not accepted, threads that stand still by
what for, statements' time, time in other services. Of what is left over, queues in front of event
loops and workers are estimated (`layers_queued.py`), and the rest is shown as such. Where parts
overlap (calls side by side) they are shrunk to what there is, and their source says so. All in
milliseconds of the mean, which unlike percentiles add up. The knee's stage is the one under which
the profile was taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from perfwright.analyze.detectors.net_latency import round_trip_s
from perfwright.analyze.layers_counted import counted_parts
from perfwright.analyze.layers_queued import queued_parts
from perfwright.analyze.layers_traced import traced_parts
from perfwright.analyze.off_cpu import profiled_stage
from perfwright.analyze.view import View
from perfwright.model.frame import StepTally
from perfwright.model.stage import KNEE, LOW, Stage
from perfwright.model.units import NS_PER_S

REST = "not explained"
_CONNECTING = ("dns", "connect", "tls")
_LOAD = "the load's own timing"
_MS = 1e3
_WORTH_SHOWING = 0.005

Parts = Mapping[str, tuple[float, str]]
"""Seconds and source by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Milliseconds of a mean response at light load and at the knee, and where that is from."""

    name: str
    low_ms: float
    knee_ms: float
    source: str


def layers(view: View) -> tuple[Layer, ...]:
    """From the client inwards, the rest last; they sum up to the mean response time. Empty where
    nothing was completed."""
    low, knee = (_parts(view, profiled_stage(view, moment)) for moment in (LOW, KNEE))
    names = list(dict.fromkeys([*low, *knee]))
    names.sort(key=lambda name: (name == REST, name.startswith("queueing: for ")))
    made = [
        Layer(
            name=name,
            low_ms=low.get(name, (0.0, ""))[0] * _MS,
            knee_ms=knee.get(name, (0.0, ""))[0] * _MS,
            source=(knee.get(name) or low[name])[1],
        )
        for name in names
    ]
    return _worth_showing(made)


def _parts(view: View, stage: Stage) -> dict[str, tuple[float, str]]:
    """All of one stage's mean response, the rest included."""
    response_s = stage.response_mean_s
    outside = _outside(view, stage)
    inside_s = max(response_s - sum(seconds for seconds, _ in outside.values()), 0.0)
    inside = traced_parts(view, stage) or counted_parts(view, stage)
    found_s = sum(seconds for seconds, _ in inside.values())
    shrink = min(1.0, inside_s / found_s) if found_s > 0 else 1.0
    note = "; they overlap, shrunk to what there is" if shrink < 0.95 else ""
    shrunk = {name: (s * shrink, source + note) for name, (s, source) in inside.items()}
    rest_s = max(inside_s - found_s, 0.0)
    queued: dict[str, tuple[float, str]] = {}
    for name, (seconds, source) in queued_parts(view, stage).items():
        queued[name] = (min(seconds, rest_s), source)
        rest_s -= queued[name][0]
    return {**outside, **shrunk, **queued, REST: (rest_s, "what is left of the response time")}


def _outside(view: View, stage: Stage) -> dict[str, tuple[float, str]]:
    """Before the request was sent, and on its way; never more than the response itself."""
    steps = [one for one in view.steps(stage).values() if one.kind != "group"]
    waited_s = _mean_s(steps, "response") - _mean_s(steps, "service")
    rtt_s = round_trip_s(view) or 0.0
    parts = {
        "client: waiting to start": (max(waited_s, 0.0), _LOAD),
        "connecting": (sum(_mean_s(steps, phase) for phase in _CONNECTING), _LOAD),
        "network: one round trip": (rtt_s, "quickest TCP handshakes"),
    }
    left_s = stage.response_mean_s
    for name, (seconds, source) in parts.items():
        parts[name] = (min(seconds, left_s), source)
        left_s -= parts[name][0]
    return parts


def _mean_s(steps: list[StepTally], measure: str) -> float:
    """Per request: a phase that only some requests have counts as 0 for the others."""
    requests = sum(step.requests for step in steps)
    total_ns = sum(
        (step.measures[measure].mean() or 0.0) * step.measures[measure].count
        for step in steps
        if measure in step.measures
    )
    return total_ns / requests / NS_PER_S if requests else 0.0


def _worth_showing(made: list[Layer]) -> tuple[Layer, ...]:
    """Without layers that are nothing; what little they have goes to the rest."""
    low_ms, knee_ms = sum(one.low_ms for one in made), sum(one.knee_ms for one in made)
    if low_ms + knee_ms <= 0:
        return ()
    shown, low_rest, knee_rest = [], 0.0, 0.0
    for one in made[:-1]:
        if max(one.low_ms / max(low_ms, 1e-9), one.knee_ms / max(knee_ms, 1e-9)) < _WORTH_SHOWING:
            low_rest, knee_rest = low_rest + one.low_ms, knee_rest + one.knee_ms
        else:
            shown.append(one)
    rest = made[-1]
    return (
        *shown,
        Layer(
            name=REST,
            low_ms=rest.low_ms + low_rest,
            knee_ms=rest.knee_ms + knee_rest,
            source=rest.source,
        ),
    )
