"""Foreign code under load: a thread pool for blocking clients, a side loop for asyncio ones.

Both hand back a `concurrent.futures.Future`; the kernel resumes the scenario when it is done. They
start when they are first used, one of each per worker. The code sees the user's context variables.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

_UNWIND_S = 2.0
MAX_THREADS = 256
"""Blocking calls that run at once in a worker; more wait, and the wait is in their response time.
"""


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="perfwright-call")


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=_run, args=(loop,), name="perfwright-asyncio", daemon=True).start()
    return loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


def in_thread(function: Callable[..., T], *args: Any, **kwargs: Any) -> Future[T]:
    return _pool().submit(copy_context().run, function, *args, **kwargs)


def in_asyncio(awaitable: Awaitable[T]) -> Future[T]:
    coroutine = awaitable if inspect.iscoroutine(awaitable) else _awaited(awaitable)
    return asyncio.run_coroutine_threadsafe(coroutine, _loop())


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable


def shut_down() -> None:
    """Waits for nothing: calls under way belong to a run that is over. Later calls start anew."""
    if _pool.cache_info().currsize:
        _pool().shutdown(wait=False, cancel_futures=True)
        _pool.cache_clear()
    if _loop.cache_info().currsize:
        asyncio.run_coroutine_threadsafe(_cancel_all(), _loop())
        _loop.cache_clear()


async def _cancel_all() -> None:
    """The last thing that a loop runs: its tasks unwind before it stops."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_UNWIND_S)
    asyncio.get_running_loop().stop()
