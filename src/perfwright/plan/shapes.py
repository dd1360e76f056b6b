"""Load shapes: how much load at which moment, as a pure function of time.

    users(10).ramp(50, over="30s").hold("1m").then(users(5).hold("30s"))

    50 ┤          ┌───────────────────┐
       │     ╱                        │
    10 ┤ ╱                            │
     5 ┤                              └─────────┐
       ├──────────┬───────────────────┬─────────┬─► t
       0        30 s                90 s      120 s

The closed model (`users`) counts virtual users, the open model (`arrivals`) iterations started per
second. A shape is a row of straight segments [start_s, end_s); the kernel gets just these. In the
open model arrival n is due where the integral of the rate reaches n, which is `expected_arrivals`.

Fails with PlanError where a level or a length cannot mean anything, and with UsageError for an
unreadable duration.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from perfwright.model.errors import PlanError
from perfwright.model.units import parse_duration
from perfwright.plan.windows import Span, judged_windows

Model = Literal["open", "closed"]
Process = Literal["uniform", "poisson"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight piece of a shape: from level `start` at `start_s` to level `end` at `end_s`."""

    start_s: float
    end_s: float
    start: float
    end: float

    def level_at(self, t_s: float) -> float:
        if self.start == self.end:
            return self.start
        return self.start + (self.end - self.start) * (t_s - self.start_s) / (
            self.end_s - self.start_s
        )

    def area(self, from_s: float, to_s: float) -> float:
        """The integral of the level over the part of [from_s, to_s] that lies inside."""
        low, high = max(from_s, self.start_s), min(to_s, self.end_s)
        if high <= low:
            return 0.0
        return (high - low) * (self.level_at(low) + self.level_at(high)) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A load shape; built by `users` and `arrivals`, never changed.

    `level` is where the next `.ramp` starts: users, or iterations per second. Without a ramp or a
    hold there are no segments, and the level is held for as long as `stretched` says.
    """

    model: Model
    process: Process = "uniform"
    level: float
    segments: tuple[Segment, ...] = ()

    def ramp(self, to: float, over: str | float) -> Shape:
        """Goes straight to level `to` within `over`; `over=0` is a jump."""
        level = _level(to, self.model, f"ramp(to={to!r})")
        length_s = parse_duration(over, field="ramp(over=…)")
        return self._extended(level, length_s) if length_s else replace(self, level=level)

    def hold(self, duration: str | float) -> Shape:
        """Keeps the level for `duration`."""
        length_s = parse_duration(duration, field="hold(…)")
        if length_s == 0:
            raise PlanError(f"hold({duration!r}): a hold must last; write hold('30s')")
        return self._extended(self.level, length_s)

    def then(self, shape: Shape) -> Shape:
        """This shape, and when it ends `shape`: both open or both closed, both with a length."""
        if not isinstance(shape, Shape):
            raise PlanError(f"then({shape!r}): give a shape, like users(50).hold('1m')")
        if shape.model != self.model:
            raise PlanError(
                f"then(…): a shape is all {_WRITTEN[self.model]} or all {_WRITTEN[shape.model]}; "
                "for both at once give each scenario its own: Test(load={'buy': …, 'browse': …})"
            )
        if shape.model == "open" and shape.process != self.process:
            raise PlanError(f"then(…): process {self.process!r} cannot become {shape.process!r}")
        for part in (self, shape):
            if part.duration_s is None:
                call = f"{_WRITTEN[part.model]}({part.level:g})"
                raise PlanError(f"then(…): {call} has no length; write {call}.hold('1m')")
        offset = self.duration_s or 0.0
        moved = tuple(
            replace(segment, start_s=segment.start_s + offset, end_s=segment.end_s + offset)
            for segment in shape.segments
        )
        return replace(shape, segments=self.segments + moved)

    @property
    def duration_s(self) -> float | None:
        """Its length in seconds; None where no ramp and no hold was given."""
        return self.segments[-1].end_s if self.segments else None

    @property
    def peak(self) -> float:
        """The highest level it reaches."""
        if not self.segments:
            return self.level
        return max(max(segment.start, segment.end) for segment in self.segments)

    def target(self, t_s: float) -> float:
        """The level at `t_s` seconds: users, or iterations per second; 0 before the start and past
        the end. Where the level jumps, the later one counts."""
        if not self.segments:
            return self.level if t_s >= 0 else 0.0
        for segment in self.segments:
            if segment.start_s <= t_s < segment.end_s:
                return segment.level_at(t_s)
        last = self.segments[-1]
        return last.end if t_s == last.end_s else 0.0

    def expected_arrivals(self, from_s: float, to_s: float) -> float:
        """How many iterations of the open model fall due in [from_s, to_s] (the rate's
        integral)."""
        assert self.model == "open", "users(…) has no arrivals of its own"
        if not self.segments:
            return self.level * max(0.0, to_s - max(0.0, from_s))
        return math.fsum(segment.area(from_s, to_s) for segment in self.segments)

    def stretched(self, duration_s: float) -> Shape:
        """The same shape over `duration_s` seconds (> 0); one with no length is held for so
        long."""
        if self.duration_s is None:
            return self.hold(duration_s)
        factor = duration_s / self.duration_s
        if not 0 < factor < math.inf:
            raise PlanError(f"duration: {duration_s!r} s; a load must last longer than zero")
        *inner, last = (
            replace(segment, start_s=segment.start_s * factor, end_s=segment.end_s * factor)
            for segment in self.segments
        )
        return replace(self, segments=(*inner, replace(last, end_s=duration_s)))

    def steady_windows(self, warmup_s: float = 0.0) -> tuple[Span, ...]:
        """The parts that SLOs are judged on (see `windows.judged_windows`)."""
        return judged_windows([self.segments], warmup_s)

    def to_json(self) -> dict[str, Any]:
        """`{model, process, segments: [[from_s, to_s, start, end], …]}`, the run manifest's
        form."""
        assert self.segments, "only a shape with a length is written: call stretched() first"
        segments = [[part.start_s, part.end_s, part.start, part.end] for part in self.segments]
        return {"model": self.model, "process": self.process, "segments": segments}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Shape:
        segments = tuple(Segment(*map(float, part)) for part in document["segments"])
        return cls(
            model=document["model"],
            process=document["process"],
            level=segments[-1].end,
            segments=segments,
        )

    def _extended(self, level: float, length_s: float) -> Shape:
        start_s = self.duration_s or 0.0
        segment = Segment(start_s, start_s + length_s, self.level, level)
        return replace(self, level=level, segments=(*self.segments, segment))


_WRITTEN: dict[Model, str] = {"open": "arrivals", "closed": "users"}


def users(n: int) -> Shape:
    """The closed model: `n` virtual users, each waiting for its answer before it goes on."""
    return Shape(model="closed", level=_level(n, "closed", f"users({n!r})"))


def arrivals(per_s: float, process: Process = "uniform") -> Shape:
    """The open model: `per_s` iterations start every second, whoever is still waiting.

    `process`: "uniform" spaces them evenly, "poisson" at random (seeded), as independent visitors
    come.
    """
    if process not in get_args(Process):
        raise PlanError(f"arrivals(process={process!r}): it is 'uniform' or 'poisson'")
    level = _level(per_s, "open", f"arrivals({per_s!r})")
    return Shape(model="open", process=process, level=level)


def stretched_loads(loads: Mapping[str, Shape], duration_s: float) -> dict[str, Shape]:
    """Shapes that run side by side, all by one factor, so that the longest lasts `duration_s`."""
    longest_s = max((shape.duration_s or 0.0 for shape in loads.values()), default=0.0)
    return {
        name: shape.stretched(
            duration_s if shape.duration_s is None else shape.duration_s * duration_s / longest_s
        )
        for name, shape in loads.items()
    }


def _level(value: float, model: Model, written: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise PlanError(f"{written}: give a number, like {_WRITTEN[model]}(50)")
    if not 0 <= value < math.inf:
        raise PlanError(f"{written}: it must be a finite number of zero or more")
    if model == "closed" and value != int(value):
        raise PlanError(f"{written}: users are whole; for a fractional rate write arrivals(…)")
    return float(value)
