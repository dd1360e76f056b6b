"""Item pages are cached in Redis for thirty seconds, or so it was meant: the unit is milliseconds.

What is cached, the item's rank among its kind, costs the database some ten milliseconds. With a
lifetime of 30 ms nearly every page misses and works it out again. Mended, the lifetime is 30 s.
"""

from __future__ import annotations

import json
from dataclasses import replace

from redis.asyncio import Redis

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.catalogue import Catalogue
from perfwright.lab.shop.db import Database, Row
from perfwright.lab.shop.services import Services, healthy_services
from perfwright.lab.shop.variant import Parts, Variant

_RANK = """
    SELECT count(*) + 1 AS rank FROM (
        SELECT sum(order_lines.quantity) AS pieces
        FROM order_lines JOIN items ON items.id = order_lines.item_id
        WHERE items.category = :category GROUP BY items.id) AS rivals
    WHERE pieces > (SELECT coalesce(sum(quantity), 0) FROM order_lines WHERE item_id = :item)"""


class CachedCatalogue(Catalogue):
    """Item pages with the item's `rank`, kept in Redis for `lifetime_ms`."""

    def __init__(self, db: Database, cache: Redis, lifetime_ms: int) -> None:
        super().__init__(db)
        self._cache = cache
        self._lifetime_ms = lifetime_ms

    async def item(self, item_id: int) -> Row:
        key = f"item:{item_id}"
        cached = await self._cache.get(key)
        if cached is not None:
            found: Row = json.loads(cached)
            return found
        item = await self._ranked(item_id)
        await self._cache.set(key, json.dumps(item), px=self._lifetime_ms)
        return item

    async def _ranked(self, item_id: int) -> Row:
        item = await super().item(item_id)
        async with self._db.session() as session:
            rank = await session.one(_RANK, item=item_id, category=item["category"])
        return {**item, **(rank or {})}


def _cached(parts: Parts, lifetime_ms: int) -> Services:
    catalogue = CachedCatalogue(parts.db, Redis.from_url(parts.redis), lifetime_ms)
    return replace(healthy_services(parts.db, parts.signer), catalogue=catalogue)


FAULT = Fault(
    sentence="The cache forgets so soon that it is nearly always asked in vain.",
    around=Surroundings(redis={}),
    faulty=Variant(services=lambda parts: _cached(parts, 30)),
    fixed=Variant(services=lambda parts: _cached(parts, 30_000)),
)
