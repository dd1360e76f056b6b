"""event_loop.blocked: code that waits runs on the event loop, and all other requests wait with it.

What is looked for, in the wall profile of threads that turn an event loop (`off_cpu.py`):

    loop thread  ██ CPU ██▒▒▒▒ stands still at a line of the application ▒▒▒▒│ idle (select) │
                          └── blocked share: at least 15% of its time ──┘

A loop may stand still only in its selector. What stands elsewhere is off the CPU: by the native
frames below the line (sleep, recv, read, a lock) or, where the profiler saw none, by the wall
profile less the CPU profile, never more than the process's own CPU, idle and run-queue times leave.

Gain: the loop is a server with one place; without the blocking it is held for its CPU time only, so
the next hard bound is what is left (utilization law). Fooled by a process that is stopped from
outside (a CPU limiter): then every line stands still in proportion to its CPU, and this says
nothing. Waits for log files are left to log.sync_io.
"""

from __future__ import annotations

from dataclasses import dataclass

from perfwright.analyze.handling import own_frames
from perfwright.analyze.interval import share
from perfwright.analyze.off_cpu import (
    Profile,
    Standing,
    awake,
    fills_up,
    loop_only,
    profile_of,
    profiled,
    profiled_stage,
    standing,
    stopped_from_outside,
    writes_log,
)
from perfwright.analyze.predict import Change, impact
from perfwright.analyze.stacks import total_load
from perfwright.analyze.telling import percent, response_evidence, seconds, seen
from perfwright.analyze.view import View
from perfwright.analyze.wait_kinds import Wait
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding
from perfwright.model.stage import KNEE

_BLOCKED = 0.15
_AT_ONE_LINE = 0.08
_BUSY_LOOP = 0.6
_WORDS = {
    Wait.IO: "waiting for an answer or a disk",
    Wait.SLEEP: "sleeping",
    Wait.LOCK: "waiting for a lock",
    Wait.NONE: "off the CPU",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loop:
    """One component's loops: `ratio` of their time blocked, `busy` of it not idle."""

    subject: str
    ratio: float
    busy: float
    lines: tuple[Standing, ...]
    per_request_s: float
    sure: bool


def detect(view: View) -> list[Finding]:
    """One finding per component whose loop is blocked."""
    loops = [_loop(view, profile_of(view, subject, KNEE)) for subject in profiled(view)]
    return [_finding(view, loop) for loop in loops if loop is not None]


def _loop(view: View, profile: Profile) -> _Loop | None:
    loops = loop_only(profile, loop=True)
    threads = total_load(loops.wall)
    lines = [one for one in standing(loops) if own_frames(one.stack) and not writes_log(one.stack)]
    if threads <= 0 or not lines or stopped_from_outside(loops):
        return None
    busy = awake(loops.wall) / threads
    told = sum(one.load for one in lines if one.seen) / threads
    unseen = sum(one.load for one in lines if not one.seen) / threads
    ratio = told + min(unseen, max(_not_running(view, profile, busy, threads) - told, 0.0))
    if ratio < _BLOCKED or lines[0].load / threads < _AT_ONE_LINE:
        return None
    rate = profiled_stage(view, KNEE).throughput_per_s
    return _Loop(
        subject=profile.subject,
        ratio=ratio,
        busy=busy,
        lines=tuple(lines),
        per_request_s=ratio * threads / rate if rate > 0 else 0.0,
        sure=told >= 0.5 * ratio,
    )


def _not_running(view: View, profile: Profile, busy: float, threads: float) -> float:
    """The part of the loops' time that is neither idle nor spent on a CPU, as the kernel counts."""
    stage = profiled_stage(view, KNEE)
    cpu = view.mean(metrics.PROCESS_CPU, profile.subject, stage=stage)
    if cpu is None:
        return busy
    ran = total_load(profile.ran)
    of_loops = total_load(loop_only(profile, loop=True).ran) / ran if ran > 0 else 1.0
    waited = view.mean(metrics.PROCESS_RUN_DELAY, profile.subject, stage=stage) or 0.0
    return busy - (cpu + waited) * of_loops / max(round(threads), 1)


def _finding(view: View, loop: _Loop) -> Finding:
    line = loop.lines[0]
    blocked_s = share(loop.ratio).scaled(loop.per_request_s / loop.ratio)
    worth = impact(
        view,
        Change(lifts=loop.busy >= _BUSY_LOOP or fills_up(view, loop.busy)),
        f"An event loop serves one thing at a time (U = X·D): each request holds it"
        f" {seconds(blocked_s.value)} without using the CPU.",
    )
    return Finding(
        kind="event_loop.blocked",
        subject=line.frame.name,
        component=loop.subject,
        confidence=min(0.95, (0.75 if loop.sure else 0.6) + 0.3 * min(loop.ratio, 0.7)),
        impact=worth,
        evidence=(*_evidence(view, loop), response_evidence(view)),
        recommendation=(
            f"`{line.frame.function}` at {line.frame.place} blocks the event loop"
            f" ({_WORDS[line.wait]}). Await an asynchronous call there, or move it off the loop"
            f" (`await asyncio.to_thread(…)`, or the like of your framework)."
        ),
        explains=(
            "thread_pool.exhausted",
            "pool.exhausted",
            "dependency.slow",
            "errors.under_load",
        ),
    )


def _evidence(view: View, loop: _Loop) -> tuple[Evidence, ...]:
    source = f"wall profile of {loop.subject} at the knee"
    total = sum(one.load for one in loop.lines)
    lines = tuple(
        Evidence(
            what=f"of it at {one.frame.name}, {_WORDS[one.wait]}",
            value=percent(loop.ratio * one.load / total),
            source=source,
        )
        for one in loop.lines[:3]
        if one.load / total > 0.1
    )
    blocked = Evidence(
        what="time the event loop is blocked", value=percent(loop.ratio), source=source
    )
    cpu = seen(view, "cores that the process uses", metrics.PROCESS_CPU, loop.subject)
    return (blocked, *lines, cpu)
