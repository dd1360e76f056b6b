"""How many pieces lie in the warehouse: `in_warehouse` on an item's page.

The warehouse's client blocks for some 8 ms and is not safe to share between threads.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from perfwright.lab.shop.db import Row

_ANSWER_S = 0.008
_THREADS = 24


class WarehouseClient:
    """One log-in at the warehouse, for one thread at a time."""

    def pieces(self, item_id: int) -> int:
        """Blocks."""
        time.sleep(_ANSWER_S)
        return 40 + item_id % 60


class SharedClient:
    """One client for all threads, so that we log in only once."""

    def __init__(self, log_in: Callable[[], WarehouseClient] = WarehouseClient) -> None:
        self._client = log_in()
        self._in_use = threading.Lock()

    def pieces(self, item_id: int) -> int:
        with self._in_use:
            return self._client.pieces(item_id)


class ClientPerThread:
    """Each thread logs in by itself."""

    def __init__(self, log_in: Callable[[], WarehouseClient] = WarehouseClient) -> None:
        self._log_in = log_in
        self._own = threading.local()

    def pieces(self, item_id: int) -> int:
        if not hasattr(self._own, "client"):
            self._own.client = self._log_in()
        pieces: int = self._own.client.pieces(item_id)
        return pieces


class StockLevels:
    """Asks the warehouse, in threads."""

    def __init__(self, client: SharedClient | ClientPerThread) -> None:
        self._client = client
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="warehouse")

    async def of(self, item: Row) -> Mapping[str, object]:
        loop = asyncio.get_running_loop()
        pieces = await loop.run_in_executor(self._pool, self._client.pieces, item["id"])
        return {"in_warehouse": pieces}
