"""lock.contention: threads queue for one lock while its holder works.

What is looked for, in the wall profile:

    waiting   ███████  several threads at one line that asks for a lock (or fewer, or hardly one,
                       where what it guards is full at just the throughput where the system stops)
    holding   █        at most one inside of what the lock guards (mutual exclusion)

Native frames (futex, pthread_mutex_lock, PyThread_acquire_lock) tell it surely, as do the frames
below which Go and the JVM park what waits for a lock. Without them a `with lock:` looks like any
line; then it is told by the exclusion itself: several threads stand at one line while, at any time,
about one is further on in the same function.

Gain: the guarded part lets one through at a time, X ≤ 1 / S (utilization law with one server);
without the lock the next hard bound remains, or the number of threads (Little). What is guarded by
Python's own lock (the GIL) while it computes does not gain: the process's core bounds it still.
Fooled by threads that wait for a queue, an event or a connection pool: those are no locks and are
left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from perfwright.analyze.frames import CodeFrame, frames_of
from perfwright.analyze.laws import holding_s
from perfwright.analyze.off_cpu import (
    Profile,
    Standing,
    asks_store,
    awake,
    fills_up,
    place_of,
    profile_of,
    profiled,
    profiled_stage,
    standing,
    wait_for,
)
from perfwright.analyze.plateau import queues
from perfwright.analyze.predict import with_limit_lifted
from perfwright.analyze.stacks import load_of
from perfwright.analyze.telling import number, percent, response_evidence, seconds
from perfwright.analyze.view import View
from perfwright.analyze.wait_kinds import Wait
from perfwright.model.finding import Evidence, Finding
from perfwright.model.stage import KNEE
from perfwright.model.watched import StackCount

_WAITING = 1.0
_A_FEW = 0.3
_RATIO = 0.3
_HELD = 0.35
_ONE = (0.75, 1.2)
_UNSEEN_WAITING = 2.0
_SURE, _FULL, _GUESSED = 0.9, 0.75, 0.6
_NO_LOCK = re.compile(
    r"queue\.py|Condition\.wait|Event\.wait|Barrier|Semaphore|_wait_for_tstate_lock|"
    r"\bjoin \(threading\.py|concurrent/futures|pool|Future|Latch|ConditionObject|Object\.wait"
    r"|BlockingQueue|BlockingDeque|TransferQueue",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contention:
    """`waiting` threads on average at `line`; `held` of the time somebody is inside, at `holder`
    (None: not seen)."""

    subject: str
    line: CodeFrame
    waiting: float
    ratio: float
    held: float
    holder: CodeFrame | None
    confidence: float


def detect(view: View) -> list[Finding]:
    """A finding for the most contended lock of each component."""
    found = [_contention(view, profile_of(view, subject, KNEE)) for subject in profiled(view)]
    return [_finding(view, one) for one in found if one is not None]


def _contention(view: View, profile: Profile) -> _Contention | None:
    busy = awake(profile.wall)
    for place in standing(profile):
        if _waits_for_more(place) or (place.seen and place.wait is not Wait.LOCK):
            continue
        inside = _inside(profile, place)
        held = sum(map(load_of, inside))
        queue = place.load >= _RATIO * busy and (
            place.load >= _WAITING or (place.load >= _A_FEW and fills_up(view, held))
        )
        if not queue and not (place.wait is Wait.LOCK and _is_full(view, inside)):
            continue
        sure = place.wait is Wait.LOCK
        excludes = _ONE[0] <= held <= _ONE[1] and place.load >= _UNSEEN_WAITING
        if sure or (excludes and not asks_store(place.stack)):
            return _Contention(
                subject=profile.subject,
                line=place.frame,
                waiting=place.load,
                ratio=place.load / busy,
                held=held,
                holder=_holder(inside),
                confidence=(_SURE if queue else _FULL) if sure else _GUESSED,
            )
    return None


def _is_full(view: View, inside: Sequence[StackCount]) -> bool:
    """Whether somebody, and about one, is inside all the time and waits there, at just the
    throughput where the system stops. Arrivals that are evenly spaced hardly queue before that."""
    held = sum(map(load_of, inside))
    still = sum(load_of(one) for one in inside if wait_for(one.stack) in (Wait.IO, Wait.SLEEP))
    return _ONE[0] <= still <= held <= _ONE[1] and fills_up(view, held) and queues(view)


def _waits_for_more(place: Standing) -> bool:
    """Whether what it asks for is a queue, an event or a pool: the library code below the line."""
    frames = frames_of(place.stack)
    asked = max(i for i, frame in enumerate(frames) if frame == place.frame)
    return any(_NO_LOCK.search(frame.name) for frame in frames[asked + 1 :])


def _inside(profile: Profile, place: Standing) -> list[StackCount]:
    """Threads that are further on in the function that asks for the lock."""
    return [
        one
        for one in profile.wall
        if wait_for(one.stack) is not Wait.LOCK
        and any(_is_past(frame, place) for frame in frames_of(one.stack))
    ]


def _holder(inside: Sequence[StackCount]) -> CodeFrame | None:
    """Where most of them are."""
    loads: dict[CodeFrame, float] = defaultdict(float)
    for one in inside:
        loads[place_of(one.stack)] += load_of(one)
    return max(loads, key=lambda frame: loads[frame], default=None)


def _is_past(frame: CodeFrame, place: Standing) -> bool:
    asked = place.frame
    same = (frame.function, frame.file) == (asked.function, asked.file)
    return same and frame.line != asked.line


def _finding(view: View, one: _Contention) -> Finding:
    rate = profiled_stage(view, KNEE).throughput_per_s
    held_s = holding_s(min(max(one.held, _HELD), 1.0), rate)
    worth = with_limit_lifted(
        view,
        f"Only one thread at a time passes the lock, for about {seconds(held_s)} a request (U ="
        " X·D with one server).",
    )
    return Finding(
        kind="lock.contention",
        subject=one.line.name,
        component=one.subject,
        confidence=one.confidence,
        impact=worth,
        evidence=(*_evidence(one), response_evidence(view)),
        recommendation=_recommendation(one),
        explains=("thread_pool.exhausted", "event_loop.blocked", "errors.under_load"),
    )


def _evidence(one: _Contention) -> tuple[Evidence, ...]:
    source = f"wall profile of {one.subject} at the knee"
    waiting = Evidence(
        what=f"threads that wait at {one.line.place}",
        value=f"{number(one.waiting)} ({percent(one.ratio)} of all that are not idle)",
        source=source,
    )
    if one.holder is None:
        return (waiting,)
    return (
        waiting,
        Evidence(
            what=f"threads past it, at {one.holder.name}",
            value=f"{number(one.held)}: never more than one",
            source=source,
        ),
    )


def _recommendation(one: _Contention) -> str:
    inside = f" What it guards: {one.holder.name}." if one.holder else ""
    return (
        f"`{one.line.function}` at {one.line.place} asks for a lock that one thread holds nearly"
        f" all the time.{inside} Hold it only around the shared data (no I/O, no waiting inside),"
        " split it by key, or do without it."
    )
