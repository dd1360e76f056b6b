"""log.sync_io: requests wait until their log lines are written, or are safe on the disk.

What is looked for, in the wall profile of the threads that handle requests:

    handler ─► logger ─► write / flush / fsync          at least 12% of the busy threads' time is
               └── stands still here                    below a logger, or in an fsync that is no
                                                        database's

with, beside it, bytes written to storage and time waited for it (process.disk.io, .io.delay).

Gain: the loop or the workers are held that much less: the limit is lifted in proportion (Little),
at light load a request is quicker by it (Amdahl). Fooled by a logger whose handler waits for
something else (a socket, a lock): still log writing, though no file is at fault. Writing without
waiting (a page cache that absorbs all) costs CPU, and counts with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from perfwright.analyze.frames import frames_of
from perfwright.analyze.interval import Interval, about, share
from perfwright.analyze.off_cpu import (
    Profile,
    awake,
    fills_up,
    is_loop,
    profile_of,
    profiled,
    profiled_stage,
    wait_for,
    writes_log,
)
from perfwright.analyze.predict import Change, impact
from perfwright.analyze.stacks import load_of, total_load
from perfwright.analyze.telling import (
    megabytes_per_second,
    percent,
    response_evidence,
    seconds,
    seen,
)
from perfwright.analyze.view import View
from perfwright.analyze.wait_kinds import Wait
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding
from perfwright.model.stage import KNEE, LOW
from perfwright.model.watched import StackCount

_OF_BUSY = 0.12
_STANDS = 0.4
_FULL = 0.6
_MOSTLY = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Logging:
    """`ratio`: of the busy threads' time; `stands`: threads on average, off the CPU, and the part
    `held` of the busy time of the threads of their kind (loops, or workers), which are busy for
    `busy_ratio` of their time."""

    subject: str
    ratio: float
    stands: float
    held: float
    where: str
    busy_ratio: float


def detect(view: View) -> list[Finding]:
    """A finding for each component whose requests wait for log writes."""
    found = [_logging(profile_of(view, subject, KNEE)) for subject in profiled(view)]
    return [_finding(view, one) for one in found if one is not None]


def _logging(profile: Profile) -> _Logging | None:
    writing = [one for one in profile.wall if writes_log(one.stack) and _handles(one)]
    threads = sum(map(load_of, writing))
    busy = awake(one for one in profile.wall)
    if busy <= 0 or threads / busy < _OF_BUSY:
        return None
    on_cpu = sum(load_of(one) for one in profile.ran if writes_log(one.stack))
    seen_standing = sum(load_of(one) for one in writing if wait_for(one.stack) is not Wait.NONE)
    stands = max(threads - on_cpu, seen_standing)  # a CPU profile counts a wait for the disk in
    if stands < _STANDS * threads:
        return None
    kind = _of_their_kind(profile, writing)
    return _Logging(
        subject=profile.subject,
        ratio=threads / busy,
        stands=stands,
        held=stands / awake(kind),
        where=_where(writing),
        busy_ratio=awake(kind) / total_load(kind),
    )


def _handles(one: StackCount) -> bool:
    """Whether it is a thread that does other things than to write logs: a writer of its own, that
    takes lines from a queue, makes nobody wait."""
    if wait_for(one.stack) is Wait.IDLE:
        return False
    return is_loop(one.stack) or not any(
        frame.function.rpartition(".")[2] == "_monitor" or "QueueListener" in frame.function
        for frame in frames_of(one.stack)
    )


def _of_their_kind(profile: Profile, writing: list[StackCount]) -> list[StackCount]:
    """What the threads do that write, and those like them: loops, or workers."""
    loop = is_loop(max(writing, key=load_of).stack)
    return [one for one in profile.wall if is_loop(one.stack) is loop]


def _where(writing: list[StackCount]) -> str:
    """The application's line that logs most; the logger itself where no line is its own."""
    by_line: dict[str, float] = {}
    for one in writing:
        name = _caller(one.stack)
        by_line[name] = by_line.get(name, 0.0) + load_of(one)
    return max(by_line, key=lambda line: by_line[line])


def _caller(stack: str) -> str:
    """The application's frame that called the logger (a handler of its own lies below it)."""
    own = None
    for frame in frames_of(stack):
        if writes_log(f"{frame.function} ({frame.file})"):
            break
        own = frame if frame.is_own else own
    return own.name if own else frames_of(stack)[-1].name


def _finding(view: View, one: _Logging) -> Finding:
    rate = profiled_stage(view, KNEE).throughput_per_s
    per_request_s = one.stands / rate if rate > 0 else 0.0
    full = one.busy_ratio >= _FULL or fills_up(view, one.busy_ratio)
    lifts = full and one.ratio >= _MOSTLY
    worth = impact(
        view,
        Change(
            wait_s=_at_light_load(view, one, per_request_s),
            held=share(one.held),
            lifts=lifts,
        ),
        f"Each request stands {seconds(per_request_s)} in log writes (Little: N = X·R).",
    )
    return Finding(
        kind="log.sync_io",
        subject=one.where,
        component=one.subject,
        confidence=min(0.95, 0.7 + 0.5 * one.ratio),
        impact=worth,
        evidence=(*_evidence(view, one, per_request_s), response_evidence(view)),
        recommendation=(
            f"Log lines from {one.where} are written while the request waits. Hand them to a"
            " writer of its own (Python: `logging.handlers.QueueHandler` with a `QueueListener`),"
            " write in batches without a flush or fsync per line, and log less per request."
        ),
        explains=(
            "event_loop.blocked",
            "thread_pool.exhausted",
            "lock.contention",
            "disk.saturated",
            "errors.under_load",
        ),
    )


def _at_light_load(view: View, one: _Logging, per_request_s: float) -> Interval:
    """What a request waits for its own lines, without others' before it."""
    low = profile_of(view, one.subject, LOW)
    threads = sum(
        load_of(stack) for stack in low.wall if writes_log(stack.stack) and _handles(stack)
    )
    rate = view.low.throughput_per_s
    seen_s = threads / rate if rate > 0 and threads > 0 else per_request_s
    own_s = min(seen_s, per_request_s, 0.95 * view.low.response_mean_s)
    return about(own_s, 0.3)


def _evidence(view: View, one: _Logging, per_request_s: float) -> tuple[Evidence, ...]:
    source = f"wall profile of {one.subject} at the knee"
    told = [
        Evidence(
            what="busy threads' time spent writing logs",
            value=f"{percent(one.ratio)}, {seconds(per_request_s)} a request",
            source=source,
        )
    ]
    if "write" in view.labels(metrics.PROCESS_IO, one.subject):
        told.append(
            seen(
                view,
                "written to storage",
                metrics.PROCESS_IO,
                one.subject,
                "write",
                megabytes_per_second,
            )
        )
    if view.labels(metrics.IO_DELAY, one.subject):
        told.append(seen(view, "threads that wait for storage", metrics.IO_DELAY, one.subject))
    return tuple(told)
