"""When an item would arrive: `delivery_days` on its page, as the carrier's client says.

The client is the vendor's and blocks: it hands the question in and polls until the answer is there,
some 50 ms. So it is called in threads of a pool of our own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from perfwright.lab.shop.db import Row

_ANSWER_S = 0.050
_POLL_S = 0.025


class CarrierClient:
    """The carrier's own client; may be called from several threads."""

    def delivery_days(self, item_id: int) -> int:
        """Days until the item is there. Blocks."""
        answered_s = time.monotonic() + _ANSWER_S
        while time.monotonic() < answered_s:
            time.sleep(_POLL_S)
        return 1 + item_id % 4


class CarrierDays:
    """Asks the carrier, `threads` questions at a time."""

    def __init__(self, *, threads: int) -> None:
        self._carrier = CarrierClient()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="carrier")

    async def of(self, item: Row) -> Mapping[str, object]:
        loop = asyncio.get_running_loop()
        days = await loop.run_in_executor(self._pool, self._carrier.delivery_days, item["id"])
        return {"delivery_days": days}
