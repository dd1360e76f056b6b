"""Sampled stacks as profilers give them, for detectors' tests: an event loop and worker threads."""

from __future__ import annotations

from collections.abc import Mapping

from support.views import stacks

from perfwright.model.watched import Reading, joined

LOOP = (
    "<module> (./serve.py:9);run (uvicorn/main.py:632);run (asyncio/runners.py:190)"
    ";run_forever (asyncio/base_events.py:607);_run_once (asyncio/base_events.py:1922)"
)
IDLE_LOOP = (
    LOOP.rpartition(";")[0]
    + ";_run_once (asyncio/base_events.py:1884)"
    + (";select (selectors.py:468);epoll_wait (libc.so.6)")
)
HANDLER = (
    f"{LOOP};_run (asyncio/events.py:80);run_asgi (uvicorn/protocols/http/h11_impl.py:411)"
    + (";__call__ (starlette/applications.py:96);handle (starlette/routing.py:289)")
)
WORKER = (
    "_bootstrap (threading.py:1002);run (threading.py:982)"
    ";_worker (concurrent/futures/thread.py:83)"
)
IDLE_WORKER = f"{WORKER};PyThread_acquire_lock_timed (python3.11)"
TASK = f"{WORKER};run (concurrent/futures/thread.py:58)"


def loop_profile(
    wall: Mapping[str, float], ran: Mapping[str, float], *, moment: str = "knee"
) -> Reading:
    """An event loop's thread: parts of its time by stack, and of a core."""
    return joined(
        [stacks(wall, moment=moment, mode="wall"), stacks(ran, moment=moment, mode="gil")]
    )


def workers_profile(
    wall: Mapping[str, float],
    *,
    threads: int,
    ran: Mapping[str, float] | None = None,
    moment: str = "knee",
    name: str = "worker",
) -> Reading:
    """`threads` threads that all spend their time alike."""
    return joined(
        [
            *(
                stacks(wall, moment=moment, mode="wall", thread=f"{name}_{number}")
                for number in range(threads)
            ),
            stacks(ran or {}, moment=moment, mode="gil", thread=f"{name}_0"),
        ]
    )
