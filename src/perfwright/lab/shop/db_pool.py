"""A fixed number of connections and a fair queue for them.

    take() ─► idle connection ──────────────► used ─► back to idle
         └──► none idle: wait, first come first served ─┘

`on_change` hears of every change, for the pool's gauges.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

C = TypeVar("C")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolState:
    """Counts of connections used and idle, and of the tasks that wait for one."""

    used: int
    idle: int
    waiting: int


class Pool(Generic[C]):
    """Hands out `connections`, the most recently used first, each to one holder at a time."""

    def __init__(
        self, connections: Iterable[C], on_change: Callable[[PoolState], None] = lambda _: None
    ) -> None:
        self.connections = tuple(connections)
        self._idle: asyncio.LifoQueue[C] = asyncio.LifoQueue()
        for connection in self.connections:
            self._idle.put_nowait(connection)
        self._waiting = 0
        self._on_change = on_change
        self._changed()

    @asynccontextmanager
    async def take(self) -> AsyncIterator[C]:
        connection = await self._next_idle()
        self._changed()
        try:
            yield connection
        finally:
            self._idle.put_nowait(connection)
            self._changed()

    async def _next_idle(self) -> C:
        if not self._idle.empty():
            return self._idle.get_nowait()
        self._waiting += 1
        self._changed()
        try:
            return await self._idle.get()
        finally:
            self._waiting -= 1

    def _changed(self) -> None:
        idle = self._idle.qsize()
        used = len(self.connections) - idle
        self._on_change(PoolState(used=used, idle=idle, waiting=self._waiting))
