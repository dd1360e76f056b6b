"""code.hot_function: one function of the application takes most of the CPU.

What is looked for, in the CPU profile at the knee (or the one of Python's lock):

    application's functions by their own time, with the library code that they call
    ████████████ total (shop.py:40)  72%        at least 30%, and twice the next one
    ██ render  9%      █ parse  5%

in a process whose CPU matters: at least a quarter of a core, half of that in the function. Gain:
its CPU demand less that part (demand law); most of the function's time is taken to be avoidable.
Fooled by a function that is the whole service (a calculator): the time is there, but not to be
saved. Threads that wake at a lock look as if they ran there, where cores are scarce: such samples
do not count. A program's `main` and its server are no functions in this sense (`handling.py`);
logging and garbage collection have detectors of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from perfwright.analyze.collecting import collects
from perfwright.analyze.frames import CodeFrame
from perfwright.analyze.handling import handled
from perfwright.analyze.interval import Interval
from perfwright.analyze.off_cpu import (
    Profile,
    asks_store,
    place_of,
    profile_of,
    profiled,
    profiled_stage,
    standing,
    wanted_cores,
)
from perfwright.analyze.predict import without_cpu
from perfwright.analyze.roles import is_store
from perfwright.analyze.stacks import FunctionLoad, callees, load_of
from perfwright.analyze.telling import percent, response_evidence, seen
from perfwright.analyze.view import View
from perfwright.analyze.wait_kinds import Wait
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding
from perfwright.model.stage import KNEE
from perfwright.model.units import format_duration
from perfwright.model.watched import StackCount

_RATIO = 0.3
_TWICE_NEXT = 2.0
_CORES = 0.25
_SAMPLES = 40
_RUNNING = 0.12
_WOKE = 0.3
_AVOIDABLE = Interval(value=0.92, low=0.7, high=1.0)


def detect(view: View) -> list[Finding]:
    """At most one finding per component."""
    found = []
    for subject in profiled(view):
        if is_store(view, subject):
            continue
        ran = _working(profile_of(view, subject, KNEE))
        hot = _hot([one for one in ran if not collects(one.stack)])
        if hot is not None and _uses_cpu(view, subject):
            found.append(_finding(view, subject, hot, ran))
    return found


def _working(profile: Profile) -> list[StackCount]:
    """Without threads that were seen running only as they woke at a lock."""
    locked = {place.frame: place.load for place in standing(profile) if place.wait is Wait.LOCK}
    ran: dict[CodeFrame, float] = defaultdict(float)
    for one in profile.ran:
        ran[place_of(one.stack)] += load_of(one)
    woke = {frame for frame, load in locked.items() if ran[frame] < _WOKE * load}
    return [one for one in profile.ran if place_of(one.stack) not in woke]


def _hot(ran: Sequence[StackCount]) -> FunctionLoad | None:
    functions = handled(ran)
    if not functions or sum(one.count for one in ran) < _SAMPLES:
        return None
    first = functions[0]
    second = functions[1].self_ratio if len(functions) > 1 else 0.0
    in_store = sum(
        one.count for one in ran if asks_store(one.stack) and first.name.split(" ")[0] in one.stack
    )
    mostly_store = in_store > 0.5 * first.samples
    if first.self_load < _RUNNING:
        return None
    stands_out = first.self_ratio >= _RATIO and first.self_ratio >= _TWICE_NEXT * second
    return first if stands_out and not mostly_store else None


def _uses_cpu(view: View, subject: str) -> bool:
    cores = wanted_cores(view, subject, KNEE)
    return cores is None or cores >= _CORES


def _finding(view: View, subject: str, hot: FunctionLoad, ran: Sequence[StackCount]) -> Finding:
    ratio = hot.self_ratio
    part = Interval(
        value=ratio * _AVOIDABLE.value,
        low=ratio * _AVOIDABLE.low,
        high=min(ratio * _AVOIDABLE.high, 1.0),
    )
    worth = without_cpu(
        view, subject, part, f"{percent(ratio)} of the CPU that a request costs goes (demand law)."
    )
    cores = view.mean(metrics.PROCESS_CPU, subject, stage=profiled_stage(view, KNEE))
    rate = profiled_stage(view, KNEE).throughput_per_s
    each = f", {format_duration(ratio * cores / rate)} a request" if cores and rate > 0 else ""
    return Finding(
        kind="code.hot_function",
        subject=hot.name,
        component=subject,
        confidence=min(0.95, 0.6 + 0.5 * ratio),
        impact=worth,
        evidence=(
            Evidence(
                what=f"CPU time in {hot.name}",
                value=f"{percent(ratio)}{each}",
                source=f"CPU profile of {subject} at the knee ({hot.samples} samples)",
            ),
            *_below(subject, hot, ran),
            seen(view, "cores that the process uses", metrics.PROCESS_CPU, subject),
            response_evidence(view),
        ),
        recommendation=(
            f"`{hot.function}` at {hot.place} takes {percent(ratio)} of the service's CPU. Look"
            " for work done again and again there (a loop in a loop, a search through a list, the"
            " same value worked out anew) and index, cache or batch it."
        ),
        explains=("cpu.saturated", "event_loop.blocked", "thread_pool.exhausted"),
    )


def _below(subject: str, hot: FunctionLoad, ran: Sequence[StackCount]) -> tuple[Evidence, ...]:
    """What it spends the time on, where that is a library."""
    below = [one for one in callees(ran, hot) if one.self_load > 0.2 * hot.self_load]
    return tuple(
        Evidence(
            what=f"of it in {one.name}",
            value=percent(one.self_load / hot.self_load),
            source=f"CPU profile of {subject} at the knee",
        )
        for one in below[:2]
    )
