"""Foreign code under load: a thread pool for blocking clients, a side loop for asyncio ones.

Both hand back a `concurrent.futures.Future`; the kernel resumes the scenario when it is done. They
start when they are first used, one of each per worker.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

MAX_THREADS = 256
"""Blocking calls that run at once in a worker; more wait, and the wait is in their response time.
"""


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="perfwright-call")


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="perfwright-asyncio", daemon=True).start()
    return loop


def in_thread(function: Callable[..., T], *args: Any, **kwargs: Any) -> Future[T]:
    return _pool().submit(function, *args, **kwargs)


def in_asyncio(coroutine: Coroutine[Any, Any, T]) -> Future[T]:
    return asyncio.run_coroutine_threadsafe(coroutine, _loop())


def shut_down() -> None:
    """Waits for nothing: calls under way belong to a run that is over."""
    if _pool.cache_info().currsize:
        _pool().shutdown(wait=False, cancel_futures=True)
    if _loop.cache_info().currsize:
        _loop().call_soon_threadsafe(_loop().stop)
