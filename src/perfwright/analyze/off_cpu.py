"""Where threads stand still: the time that a profile sees outside of the CPU, by line of code.

    wall profile   every thread's stack, on a CPU or not       load: threads
    CPU profile    what really ran (`cpu`, or `gil`)           load: cores
    standing       wall − CPU, per line of the application; idle threads left out

A profiler that looks into native code says what a thread waits for (`thread_waits.py`), and is
believed: a thread that is ready and waits for a core, or for Python's lock, does not stand still in
this sense. Where no native frames are seen, a plain `time.sleep` looks like running code, and only
the difference tells.

An *event loop* is a thread whose stack passes through a loop's own code (asyncio, uvloop, trio,
tornado, Twisted). All others are *workers*.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from perfwright.analyze.frames import OTHER, CodeFrame, frames_of
from perfwright.analyze.stacks import load_of, select, total_load
from perfwright.analyze.thread_waits import wait_of
from perfwright.analyze.view import View
from perfwright.analyze.wait_kinds import Wait
from perfwright.model import metrics
from perfwright.model.stage import KNEE, LOW, Stage
from perfwright.model.watched import StackCount

WALL = "wall"
_ON_CPU = ("cpu", "gil")
_LOOP = re.compile(
    r"\((asyncio/(runners|base_events|unix_events)\.py|uvloop/|trio/_core/|tornado/ioloop\.py"
    r"|twisted/internet/(base|asyncioreactor)\.py)"
)
_ALIKE = 0.7
_LEAST_USED = 0.4
_FULL_WITHIN = 0.3
_STANDS = (Wait.IO, Wait.SLEEP, Wait.LOCK)
_LOGGERS = re.compile(
    r"\((logging/|loguru/|structlog/|logbook/|picologging/|eliot/)|org\.slf4j|ch\.qos\.logback"
    r"|org\.apache\.logging|go\.uber\.org/zap|sirupsen/logrus|log/slog|(\(|/)(winston|pino|bunyan)/"
)
_SHARED_OBJECT = re.compile(r"\(\S*\.so(\.\d+)*\)")
_PARKS = re.compile(r"\.(go|java)(:\d+)?\)")
_TAKES_LINES = re.compile(r"_monitor|dequeue|queue\.py|simple_queue|QueueListener")
_SYNCS = re.compile(
    r"(^|;)(__libc_|__GI_|os\.|syscall\.)?(fsync|fdatasync|sync_file_range|Fsync)\b"
)
_STORES = re.compile(
    r"sqlite|psycopg|asyncpg|pymysql|mysqldb|mysql/connector|cx_oracle|oracledb|pymongo|redis/"
    r"|aioredis|sqlalchemy/|django/db/|peewee|libpq|rocksdb|leveldb|lmdb"
    r"|database/sql|/pgx/|lib/pq|go-redis|org/postgresql|com/mysql|oracle/jdbc|jedis|lettuce",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Threads that stand still at one line: `frame`, the application's innermost (or the innermost
    of all). `load`: threads on average; `wait`: what for, as far as the profile tells; `seen`:
    whether it does; `stack`: the most frequent one; `threads`: how many different ones."""

    frame: CodeFrame
    load: float
    wait: Wait
    seen: bool
    stack: str
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A component's threads at one moment: `wall` of them all, `ran` what was on a CPU (empty where
    no such profile was taken)."""

    subject: str
    moment: str
    wall: tuple[StackCount, ...]
    ran: tuple[StackCount, ...]


def profiled(view: View) -> tuple[str, ...]:
    """The components that have profiles, sorted."""
    return tuple(sorted({stack.subject for stack in view.watched.stacks}))


def profile_of(view: View, subject: str, moment: str = KNEE) -> Profile:
    """What was taken at the moment, or over the whole run where there is no such profile."""
    stacks = view.watched.stacks
    moments = {stack.moment for stack in stacks if stack.subject == subject}
    at = moment if moment in moments or moment == LOW else "run"
    ran: tuple[StackCount, ...] = ()
    for mode in _ON_CPU:
        ran = ran or select(stacks, moment=at, mode=mode, subject=subject)
    wall = select(stacks, moment=at, mode=WALL, subject=subject)
    return Profile(subject=subject, moment=moment, wall=wall, ran=ran)


def profiled_stage(view: View, moment: str) -> Stage:
    """The load under which the profile of a moment was taken: a search's last stage holds the
    highest load for it (or fails to, which is as telling)."""
    if moment == LOW:
        return view.low
    return view.at_knee if view.knee is None else max(view.stages, key=lambda one: one.to_s)


def fills_up(view: View, used: float) -> bool:
    """Whether a server that was `used` (0..1) when it was profiled is what the system stops at: by
    the utilization law it is full at X / used, and no more than that was ever completed, nor much
    less. So it is found by a profile taken well below its limit."""
    most = view.busiest.throughput_per_s
    if used < _LEAST_USED or most <= 0:
        return False
    return abs(profiled_stage(view, KNEE).throughput_per_s / used / most - 1) <= _FULL_WITHIN


def wanted_cores(view: View, subject: str, moment: str) -> float | None:
    """Cores that the process used or waited for when it was profiled; None where it was not
    watched. On a crowded machine this is what it would use."""
    stage = profiled_stage(view, moment)
    used = view.mean(metrics.PROCESS_CPU, subject, stage=stage)
    waited = view.mean(metrics.PROCESS_RUN_DELAY, subject, stage=stage)
    return None if used is None else used + (waited or 0.0)


@lru_cache(maxsize=50_000)
def is_loop(stack: str) -> bool:
    """Whether the thread turns an event loop."""
    return _LOOP.search(stack) is not None


@lru_cache(maxsize=50_000)
def writes_log(stack: str) -> bool:
    """Whether the stack is inside a logger, or makes a file (not a database's) durable."""
    if _LOGGERS.search(stack):
        return True
    return _SYNCS.search(stack) is not None and not asks_store(stack)


@lru_cache(maxsize=50_000)
def asks_store(stack: str) -> bool:
    """Whether the stack is inside a database's or a cache's client."""
    return _STORES.search(stack) is not None


@lru_cache(maxsize=50_000)
def wait_for(stack: str) -> Wait:
    """What the stack's thread waits for. A logger that writes is not idle, though a loop's code is
    all that it was called by; one that waits for lines to write (a queue) is."""
    wait = wait_of(frames_of(stack))
    if wait is Wait.IDLE and writes_log(stack) and not _TAKES_LINES.search(stack):
        return Wait.IO
    return wait


def loop_only(profile: Profile, *, loop: bool) -> Profile:
    """The part of a profile that is event loops, or that is not."""
    return Profile(
        subject=profile.subject,
        moment=profile.moment,
        wall=tuple(one for one in profile.wall if is_loop(one.stack) is loop),
        ran=tuple(one for one in profile.ran if is_loop(one.stack) is loop),
    )


def awake(stacks: Iterable[StackCount]) -> float:
    """Threads on average that are not idle."""
    return sum(load_of(one) for one in stacks if wait_for(one.stack) is not Wait.IDLE)


def standing(profile: Profile) -> tuple[Standing, ...]:
    """Where threads stand still, the most first."""
    walls: dict[CodeFrame, list[StackCount]] = defaultdict(list)
    ran: dict[CodeFrame, float] = defaultdict(float)
    for one in profile.wall:
        wait = wait_for(one.stack)
        if one.stack != OTHER and wait not in (Wait.IDLE, Wait.GIL):
            walls[place_of(one.stack)].append(one)
    for one in profile.ran:
        ran[place_of(one.stack)] += load_of(one)
    guesses = bool(profile.ran) and not _tells_waits(profile.wall)
    found = [_at_line(frame, group, ran[frame], guesses) for frame, group in walls.items()]
    return tuple(sorted((one for one in found if one.load > 0), key=lambda one: -one.load))


def stopped_from_outside(profile: Profile) -> bool:
    """Whether the lines that stand still are those that run, in the same proportion: then no line
    is at fault, but something that holds the whole process back. Only where no native frame tells
    what they wait for; without a CPU profile it cannot be told (False)."""
    lines = standing(profile)
    still, ran = sum(one.load for one in lines), total_load(profile.ran)
    if still <= 0 or ran <= 0 or any(one.seen for one in lines):
        return False
    running: dict[CodeFrame, float] = defaultdict(float)
    for one in profile.ran:
        running[place_of(one.stack)] += load_of(one) / ran
    return sum(min(one.load / still, running[one.frame]) for one in lines) > _ALIKE


def _tells_waits(stacks: Iterable[StackCount]) -> bool:
    """Whether the profiler saw what threads wait for: frames of native libraries, or of a runtime
    that parks them."""
    return any(_SHARED_OBJECT.search(one.stack) or _PARKS.search(one.stack) for one in stacks)


def place_of(stack: str) -> CodeFrame:
    """The application's innermost frame; where it has none, the innermost that is Python's or the
    language's own, else the innermost."""
    frames = frames_of(stack)
    own = [frame for frame in frames if frame.is_own]
    lines = [frame for frame in frames if frame.line]
    return (own or lines or list(frames))[-1]


def _at_line(frame: CodeFrame, group: Sequence[StackCount], ran: float, guesses: bool) -> Standing:
    by_wait: dict[Wait, float] = defaultdict(float)
    for one in group:
        by_wait[wait_for(one.stack)] += load_of(one)
    stands = sum(by_wait[wait] for wait in _STANDS)
    looks_running = by_wait[Wait.NONE]
    unseen = max(looks_running - ran, 0.0) if guesses else 0.0
    wait = max(_STANDS, key=lambda one: by_wait[one])
    return Standing(
        frame=frame,
        load=stands + unseen,
        wait=wait if stands > 0 else Wait.NONE,
        seen=stands >= unseen,
        stack=max(group, key=load_of).stack,
        threads=len({one.thread for one in group}),
    )
