"""A draft's load as segments and in words, and what it comes to: users at once, requests a second.

    users at once ≈ arrivals/s × time of an iteration        (Little: N = X·R)
    requests/s    = iterations/s × requests of an iteration  (forced flow: X_k = V_k·X)

The time of an iteration is its think time alone: how long answers take, only the test can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perfwright.model.journey import DraftLoad
from perfwright.model.units import format_duration, format_number
from perfwright.model.workload import Arrivals
from perfwright.plan.shapes import Model, Segment, Shape, arrivals, users

HOLD_S = 300.0
"""Of a load that says no length."""

_PARTS_TOLD = 5
_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Of one iteration."""

    requests: float
    think_s: float

    def users_about(self, model: Model, level: float) -> float | None:
        """How many are in an iteration at once; of the closed model it is the level itself."""
        if model == "closed":
            return level
        return level * self.think_s if self.think_s > 0 else None

    def requests_per_s(self, model: Model, level: float) -> float | None:
        if model == "open":
            return level * self.requests
        return level * self.requests / self.think_s if self.think_s > 0 else None


def shape_of(load: DraftLoad) -> Shape:
    """The shape that `scenario.py` will make of it."""
    first, *rest = load.parts
    level = 0.0 if first.over_s else _level(load, first.to)
    shape = users(int(level)) if load.kind == "users" else arrivals(level)
    if first.over_s:
        shape = shape.ramp(_level(load, first.to), over=first.over_s)
    if first.hold_s:
        shape = shape.hold(first.hold_s)
    for part in rest:
        shape = shape.ramp(_level(load, part.to), over=part.over_s)
        if part.hold_s:
            shape = shape.hold(part.hold_s)
    return shape


def peak_of(load: DraftLoad) -> float:
    return max(_level(load, part.to) for part in load.parts)


def shape_in_words(model: Model, segments: Sequence[Segment]) -> str:
    """`0 → 3.2 sessions/s in 30 s, then 5m at 3.2`; a long shape by its range."""
    is_one = all(segment.start == segment.end == 1 for segment in segments)
    unit = "sessions/s" if model == "open" else "user" if is_one else "users"
    if len(segments) > _PARTS_TOLD:
        levels = [level for segment in segments for level in (segment.start, segment.end)]
        low, high = format_number(min(levels)), format_number(max(levels))
        length = format_duration(segments[-1].end_s)
        return f"between {low} and {high} {unit}, {len(segments)} pieces in {length}"
    return ", then ".join(_piece(segment, unit) for segment in segments)


def busiest(arrivals: Arrivals) -> str:
    """`busiest hour`; of a short log `busiest 10m`."""
    is_hour = arrivals.peak_window_s == _HOUR_S
    return f"busiest {'hour' if is_hour else format_duration(arrivals.peak_window_s)}"


def _piece(segment: Segment, unit: str) -> str:
    length = format_duration(segment.end_s - segment.start_s)
    if segment.start == segment.end:
        return f"{format_number(segment.end)} {unit} for {length}"
    return f"{format_number(segment.start)} → {format_number(segment.end)} {unit} in {length}"


def _level(load: DraftLoad, level: float) -> float:
    """Users are whole."""
    return float(max(1, round(level))) if load.kind == "users" and level > 0 else level
