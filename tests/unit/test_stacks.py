"""Sampled stacks: whose time it is, and what threads wait for."""

from __future__ import annotations

import pytest

from perfwright.analyze import stacks
from perfwright.analyze.frames import OTHER, frames_of, parse_frame
from perfwright.analyze.thread_waits import wait_of
from perfwright.analyze.wait_kinds import Wait
from perfwright.model.watched import StackCount

SERVED = "Thread.run (threading.py:982);WorkerThread.run (anyio/_backends/_asyncio.py:1124)"
LOCK = "lock_PyThread_acquire_lock (libpython3.11.so);PyThread_acquire_lock_timed (libpython3.so)"


def seen(
    stack: str, count: int = 100, *, mode: str = "cpu", moment: str = "knee", thread: str = "1/1 a"
) -> StackCount:
    """`count` samples in 10 s at 100 a second: 1,000 are one thread."""
    return StackCount(
        moment=moment, subject="port:1", mode=mode, thread=thread, stack=stack, count=count,
        rate_per_s=100, duration_s=10,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "function", "place", "own"),
    [
        ("total (./shop.py:40)", "total", "shop.py:40", True),
        ("total (/srv/shop/shop.py:40)", "total", "/srv/shop/shop.py:40", True),
        ("get (starlette/routing.py:73)", "get", "starlette/routing.py:73", False),
        ("f.<locals>.g (<frozen runpy>:9)", "f.<locals>.g", "<frozen runpy>:9", False),
        ("std::f(int, char (*)(int)) (libx.so)", "std::f(int, char (*)(int))", "libx.so", False),
        ("0x7f12", "0x7f12", "", False),
    ],
)
def test_a_frame_says_what_where_and_whose_it_is(
    text: str, function: str, place: str, own: bool
) -> None:
    frame = parse_frame(text)
    assert (frame.function, frame.place, frame.is_own) == (function, place, own)


def test_time_is_charged_to_the_innermost_function_and_all_its_callers_once() -> None:
    profile = [
        seen("main (./a.py:1);work (./a.py:5);work (./a.py:6)", 300),
        seen("main (./a.py:2)"),
    ]
    work, main = stacks.functions(profile)
    assert (work.name, work.samples) == ("work (a.py:6)", 300)
    assert (work.self_load, work.load, work.ratio) == pytest.approx((0.3, 0.3, 0.75))
    assert (main.self_load, main.load, main.line) == (pytest.approx(0.1), pytest.approx(0.4), 1)


def test_what_a_function_spends_its_time_on_is_what_runs_below_it() -> None:
    profile = [
        seen("app (web/app.py:1);handle (./shop.py:40);dumps (json/__init__.py:231)", 600),
        seen("app (web/app.py:1);handle (./shop.py:41)", 100),
        seen(OTHER, 300),
    ]
    found = {one.function: one for one in stacks.functions(profile)}
    assert (found["handle"].place, found["handle"].ratio) == ("shop.py:40", pytest.approx(0.7))
    assert [one.function for one in stacks.callees(profile, found["handle"])] == ["dumps"]
    assert stacks.inside(profile, "json/", "pickle") == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("stack", "wait"),
    [
        (f"{SERVED};pay (./shop.py:9);{LOCK}", Wait.LOCK),
        (f"Thread.run (threading.py:982);spin (./shop.py:9);{LOCK}", Wait.LOCK),
        (f"{SERVED};Queue.get (queue.py:171);Condition.wait (threading.py:327);{LOCK}", Wait.IDLE),
        (f"{SERVED};pay (./shop.py:13);Queue.get (queue.py:171);{LOCK}", Wait.LOCK),
        (f"{SERVED};pay (./shop.py:13);Queue.get (queue.py:171)", Wait.LOCK),
        ("run (threading.py:1);ticks (./shop.py:3);Event.wait (threading.py:629)", Wait.IDLE),
        (
            "_worker (concurrent/futures/thread.py:81);_queue_SimpleQueue_get (python3.11)",
            Wait.IDLE,
        ),
        (f"{SERVED};pay (./shop.py:9);pthread_cond_timedwait (libc.so.6)", Wait.GIL),
        (f"{SERVED};pay (./shop.py:9);time_sleep (libpython3.11.so)", Wait.SLEEP),
        (f"{SERVED};number (./shop.py:9);fcntl_flock (python3.11);flock (libc.so.6)", Wait.LOCK),
        (
            f"{SERVED};scale (./shop.py:9);Popen.wait (subprocess.py:1264);wait4 (libc.so.6)",
            Wait.IO,
        ),
        (f"{SERVED};pay (./shop.py:9);sock_recv (python3.11);recv (libc.so.6)", Wait.IO),
        (f"{SERVED};pay (./shop.py:9);wait (psycopg/waiting.py:8);poll (libc.so.6)", Wait.IO),
        ("_run_once (asyncio/base_events.py:8);select (selectors.py:468)", Wait.IDLE),
        ("serve (click/core.py:1);up (./shop.py:9);select (selectors.py:4)", Wait.IO),
        (f"{SERVED};pay (./shop.py:9)", Wait.NONE),
    ],
)
def test_the_innermost_frames_tell_what_a_thread_waits_for(stack: str, wait: Wait) -> None:
    assert wait_of(frames_of(stack)) is wait


GO = (
    "net/http.(*conn).serve (net/http/server.go:1868)"
    ";net/http.HandlerFunc.ServeHTTP (net/http/server.go:2109)"
)
GO_MUTEX = (
    "sync.(*Mutex).Lock (sync/mutex.go:90);sync.runtime_SemacquireMutex (runtime/sema.go:77)"
    ";runtime.semacquire1 (runtime/sema.go:160);runtime.gopark (runtime/proc.go:381)"
)
GO_READ = (
    "internal/poll.runtime_pollWait (runtime/netpoll.go:343);runtime.gopark (runtime/proc.go:1)"
)
JAVA = (
    "Thread.run (java/lang/Thread.java:840)"
    ";ServerImpl$Exchange.run (sun/net/httpserver/ServerImpl.java:722);Stock.take (./Stock.java:9)"
)
JAVA_PARK = (
    "LockSupport.park (java/util/concurrent/locks/LockSupport.java:211)"
    ";Unsafe.park (jdk/internal/misc/Unsafe.java)"
)
JAVA_LOCK = f"ReentrantLock.lock (java/util/concurrent/locks/ReentrantLock.java:322);{JAVA_PARK}"
JAVA_POOL = (
    "Thread.run (java/lang/Thread.java:840)"
    f";ThreadPoolExecutor.getTask (java/util/concurrent/ThreadPoolExecutor.java:1062);{JAVA_PARK}"
)


@pytest.mark.parametrize(
    ("stack", "wait"),
    [
        (f"{GO};main.pay (./main.go:9);{GO_MUTEX}", Wait.LOCK),
        (f"{GO};main.pay (./main.go:9);time.Sleep (runtime/time.go:195)", Wait.SLEEP),
        (f"{GO};main.pay (./main.go:9);net.(*conn).Read (net/net.go:179);{GO_READ}", Wait.IO),
        (f"{GO};main.pay (./main.go:9)", Wait.NONE),
        (f"net/http.(*conn).serve (net/http/server.go:1);{GO_READ}", Wait.IDLE),
        (
            "runtime.main (runtime/proc.go:267);main.main (./main.go:5)"
            f";net/http.Serve (net/http/server.go:1);{GO_READ}",
            Wait.IDLE,
        ),
        ("main.ticks (./main.go:5);time.Sleep (runtime/time.go:195)", Wait.IDLE),
        (f"{JAVA};monitor enter (shop.Stock)", Wait.LOCK),
        (f"{JAVA};{JAVA_LOCK}", Wait.LOCK),
        (f"{JAVA};Thread.sleep (java/lang/Thread.java)", Wait.SLEEP),
        (f"{JAVA};Net.poll (sun/nio/ch/Net.java)", Wait.IO),
        (f"{JAVA}", Wait.NONE),
        (JAVA_POOL, Wait.IDLE),
        ("Clock.tick (./Clock.java:9);Thread.sleep (java/lang/Thread.java)", Wait.IDLE),
    ],
)  # fmt: skip
def test_gos_and_the_jvms_frames_tell_what_is_waited_for(stack: str, wait: Wait) -> None:
    assert wait_of(frames_of(stack)) is wait


def test_profiles_are_selected_by_moment_mode_and_component() -> None:
    low, wall = seen("a", moment="low"), seen("a", mode="wall")
    assert stacks.select([low, wall], moment="low") == (low,)
    assert stacks.select([low, wall], mode="wall", subject="port:1") == (wall,)
    assert stacks.select([low, wall], subject="port:2") == ()


def test_nothing_seen_says_nothing() -> None:
    assert stacks.functions([]) == ()
    assert stacks.total_load([]) == stacks.inside([], "gc") == 0
