"""Thread groups as load: the number of users, or of arrivals a second, over time.

    Thread Group    5 ┤  ╱────          Stepping   ┤   ┌──┐        Ultimate   ┤  ╱─╲ ╱─╲
                      ┤╱                           ┤┌──┘  └─                  ┤╱     ╳   ╲
                      ramp  duration                                          rows added up

Levels are straight between points; two points at one time are a jump. Several groups of one kind
come to their sum. https://jmeter.apache.org/usermanual/component_reference.html#Thread_Group and
https://jmeter-plugins.org/wiki/ (Stepping, Ultimate, Concurrency, Arrivals, Free-Form Arrivals).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from perfwright.model.journey import DraftLoad, LoadPart
from perfwright.sources.jmx.open_model import points_of_schedule
from perfwright.sources.jmx.tree import Element
from perfwright.sources.jmx.variables import Variables

Point = tuple[float, float]
"""Seconds since the begin, and the level then."""

_USUAL_S = 60.0
_LEAST = 1e-6
"""A level below is none: levels are written with six digits."""
_MOST_STEPS = 60
_MOST_ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLoad:
    """`peak`: the highest level, which is the group's weight among others of its kind. `why`: what
    was assumed, "" if nothing."""

    kind: Literal["users", "arrivals"]
    points: tuple[Point, ...]
    why: str = ""

    @property
    def peak(self) -> float:
        return max((level for _, level in self.points), default=0.0)

    @property
    def end_s(self) -> float:
        return max((at for at, _ in self.points), default=0.0)

    def later(self, by_s: float) -> GroupLoad:
        return replace(self, points=tuple((at + by_s, level) for at, level in self.points))


def load_of(group: Element, variables: Variables) -> GroupLoad:
    """Above zero and of some length, whatever the group says."""
    load = _said(group, variables)
    if load.peak >= _LEAST and load.end_s > 0:
        return load
    unit = "user" if load.kind == "users" else "arrival a second"
    why = f"no level above zero can be read: 1 {unit} for {_USUAL_S:.0f} s is assumed"
    return GroupLoad(kind=load.kind, points=((0.0, 1.0), (_USUAL_S, 1.0)), why=why)


def _said(group: Element, variables: Variables) -> GroupLoad:
    match group.kind:
        case "SteppingThreadGroup":
            return _stepping(group, variables)
        case "UltimateThreadGroup":
            return _ultimate(group, variables)
        case "ConcurrencyThreadGroup":
            return GroupLoad(kind="users", points=_to_target(group, variables, 1.0))
        case "ArrivalsThreadGroup":
            per_s = _unit_s(group)
            return GroupLoad(kind="arrivals", points=_to_target(group, variables, 1.0 / per_s))
        case "FreeFormArrivalsThreadGroup":
            return _free_form(group, variables)
        case "OpenModelThreadGroup":
            schedule = variables.literal(group.text("OpenModelThreadGroup.schedule")) or ""
            return GroupLoad(kind="arrivals", points=points_of_schedule(schedule))
    return _usual(group, variables)


def _usual(group: Element, variables: Variables) -> GroupLoad:
    users = max(variables.number(group.text("ThreadGroup.num_threads", "1"), 1.0), 0.0)
    ramp = max(variables.number(group.text("ThreadGroup.ramp_time", "0"), 0.0), 0.0)
    duration = delay = 0.0
    if group.flag("ThreadGroup.scheduler"):
        duration = variables.number(group.text("ThreadGroup.duration", "0"), 0.0)
        delay = max(variables.number(group.text("ThreadGroup.delay", "0"), 0.0), 0.0)
    why = ""
    if duration <= 0:
        duration = ramp + _USUAL_S
        loops = variables.literal(_loops(group)) or _loops(group)
        times = f"{loops} loop{'' if loops == '1' else 's'}"
        ends = "never" if loops in ("-1", "") else f"after {times}"
        why = f"it ends {ends}; the test holds the load for {_USUAL_S:.0f} s"
    if ramp >= duration:
        users, ramp = users * duration / ramp, duration
    points = ((0.0, 0.0), (ramp, users), (duration, users))
    return GroupLoad(kind="users", points=points, why=why).later(delay)


def _loops(group: Element) -> str:
    controller = group.properties.get("ThreadGroup.main_controller")
    if controller.get("LoopController.continue_forever").text.strip() == "true":
        return "-1"
    return controller.get("LoopController.loops").text.strip()[:20]


def _stepping(group: Element, variables: Variables) -> GroupLoad:
    def number(name: str) -> float:
        return max(variables.number(group.text(name, "0"), 0.0), 0.0)

    users = number("ThreadGroup.num_threads")
    level = min(number("Start users count burst"), users)
    each, period, ramp = (
        number("Start users count"), number("Start users period"), number("rampUp"),
    )  # fmt: skip
    at = number("Threads initial delay")
    points: list[Point] = [(at, 0.0), (at, level)] if level else [(at, 0.0)]
    if each <= 0 or (users - level) / each > _MOST_STEPS:
        steps = (users - level) / each if each else 0.0
        at += steps * (period + ramp)
        points.append((at, users))
    else:
        while level < users:
            at += period
            points.append((at, level))
            level = min(level + each, users)
            at += ramp
            points.append((at, level))
    at += number("flighttime")
    points.append((at, users))
    down, pause = number("Stop users count"), number("Stop users period")
    if down > 0 and pause > 0 and users / down <= _MOST_STEPS * 10:
        points.append((at + users / down * pause, 0.0))
    return GroupLoad(kind="users", points=tuple(points))


def _ultimate(group: Element, variables: Variables) -> GroupLoad:
    rows = []
    for row in group.rows("ultimatethreadgroupdata")[:_MOST_ROWS]:
        told = [max(variables.number(cell.text or "0", 0.0), 0.0) for cell in row.inner]
        users, delay, ramp, hold, down = (*told, 0.0, 0.0, 0.0, 0.0, 0.0)[:5]
        top = delay + ramp
        end = top + hold
        rows.append(((0.0, 0.0), (delay, 0.0), (top, users), (end, users), (end + down, 0.0)))
    return GroupLoad(kind="users", points=_added(rows))


def _unit_s(group: Element) -> float:
    return 1.0 if group.text("Unit", "M").upper() == "S" else 60.0


def _to_target(group: Element, variables: Variables, scale: float) -> tuple[Point, ...]:
    """Concurrency and Arrivals: up to a target in steps (or straight), then held."""
    unit = _unit_s(group)

    def number(name: str) -> float:
        return max(variables.number(group.text(name, "0"), 0.0), 0.0)

    target, ramp, hold = (
        number("TargetLevel") * scale,
        number("RampUp") * unit,
        number("Hold") * unit,
    )
    steps = int(min(number("Steps"), _MOST_STEPS))
    points: list[Point] = [(0.0, 0.0)]
    if steps > 0 and ramp > 0:
        for step in range(1, steps + 1):
            points.append((ramp * (step - 1) / steps, target * step / steps))
            points.append((ramp * step / steps, target * step / steps))
    else:
        points.append((ramp, target))
    points.append((ramp + (hold or (0.0 if ramp else _USUAL_S)), target))
    return tuple(points)


def _free_form(group: Element, variables: Variables) -> GroupLoad:
    unit = _unit_s(group)
    points: list[Point] = []
    at = 0.0
    for row in group.rows("Schedule")[:_MOST_ROWS]:
        told = [max(variables.number(cell.text or "0", 0.0), 0.0) for cell in row.inner]
        begin, end, lasting = (*told, 0.0, 0.0, 0.0)[:3]
        points += [(at, begin / unit), (at + lasting * unit, end / unit)]
        at += lasting * unit
    return GroupLoad(kind="arrivals", points=tuple(points))


def draft_load(loads: Sequence[GroupLoad], why: str) -> DraftLoad:
    """Groups of one kind, added up, as the parts of a shape that begins at nothing."""
    parts: list[LoadPart] = []
    level = at = 0.0
    for time, new in _added([load.points for load in loads]):
        if time > at or new != level:
            parts.append(_part(level, new, time - at))
        at, level = time, new
    return DraftLoad(kind=loads[0].kind, parts=_merged(parts), why=why)


def _part(level: float, new: float, lasting: float) -> LoadPart:
    if new == level:
        return LoadPart(to=_level(new), hold_s=round(lasting, 3))
    return LoadPart(to=_level(new), over_s=round(lasting, 3))


def _level(level: float) -> float:
    return round(level, 6)


def _merged(parts: Iterable[LoadPart]) -> tuple[LoadPart, ...]:
    """A ramp and the hold that follows are one part."""
    merged: list[LoadPart] = []
    for part in parts:
        held = part.over_s == 0 and merged and merged[-1].to == part.to
        if held:
            before = merged[-1]
            merged[-1] = LoadPart(
                to=before.to, over_s=before.over_s, hold_s=round(before.hold_s + part.hold_s, 3)
            )
        else:
            merged.append(part)
    return tuple(part for part in merged if part.to or part.over_s or part.hold_s)


def _added(curves: Sequence[Sequence[Point]]) -> tuple[Point, ...]:
    """The sum of curves, each straight between its points and nothing beyond its ends."""
    times = sorted({time for curve in curves for time, _ in curve})
    points: list[Point] = []
    for time in times:
        before = sum(_at(curve, time, after=False) for curve in curves)
        after = sum(_at(curve, time, after=True) for curve in curves)
        points.append((time, before))
        if after != before:
            points.append((time, after))
    if points and len(points) > 1 and points[-1][0] == points[-2][0] and points[-1][1] == 0:
        points.pop()
    return tuple(points)


def _at(curve: Sequence[Point], time: float, *, after: bool) -> float:
    """The level just before a time, or just after it."""
    same = [level for at, level in curve if at == time]
    if same:
        return (
            (same[-1] if time < curve[-1][0] else 0.0)
            if after
            else (same[0] if time > curve[0][0] else 0.0)
        )
    for (begin, low), (end, high) in pairwise(curve):
        if begin < time < end:
            return low + (high - low) * (time - begin) / (end - begin)
    return 0.0
