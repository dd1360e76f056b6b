"""Every item page counts itself in one row, first thing in a transaction that then does more.

The row stays locked while the supplier is asked, so item pages pass one at a time, however many
connections and cores there are. Mended, the count is the last thing, by a statement of its own.
"""

from __future__ import annotations

from dataclasses import replace

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.catalogue import Catalogue, item_of
from perfwright.lab.shop.db import Database, Row
from perfwright.lab.shop.services import Services, healthy_services
from perfwright.lab.shop.supplier import Supplier
from perfwright.lab.shop.variant import Parts, Variant

_TABLE = (
    "CREATE TABLE IF NOT EXISTS page_views (page TEXT PRIMARY KEY, views INTEGER NOT NULL)",
    "INSERT INTO page_views (page, views) VALUES ('item', 0) ON CONFLICT (page) DO NOTHING",
)
_COUNT = "UPDATE page_views SET views = views + 1 WHERE page = 'item'"


class CountedCatalogue(Catalogue):
    """Item pages that are counted, and tell how soon the item can be delivered."""

    def __init__(self, db: Database, supplier: Supplier) -> None:
        super().__init__(db)
        self._supplier = supplier

    async def item(self, item_id: int) -> Row:
        item = await super().item(item_id)
        delivery = await self._supplier.delivery(item_id)
        async with self._db.session() as session:
            await session.execute(_COUNT)
        return {**item, "delivery": delivery}


class TransactionalCatalogue(CountedCatalogue):
    """Counts the page together with all that makes it."""

    async def item(self, item_id: int) -> Row:
        async with self._db.session() as session, session.transaction():
            await session.execute(_COUNT)
            item = await item_of(session, item_id)
            return {**item, "delivery": await self._supplier.delivery(item_id)}


def _transactional(parts: Parts) -> Services:
    catalogue = TransactionalCatalogue(parts.db, Supplier(parts.partner))
    return replace(healthy_services(parts.db, parts.signer), catalogue=catalogue)


def _counted(parts: Parts) -> Services:
    catalogue = CountedCatalogue(parts.db, Supplier(parts.partner))
    return replace(healthy_services(parts.db, parts.signer), catalogue=catalogue)


FAULT = Fault(
    sentence="Item pages update one row and keep it locked while they ask another service.",
    around=Surroundings(partner_delay_ms=20),
    faulty=Variant(services=_transactional, sql=_TABLE, pool_size=20),
    fixed=Variant(services=_counted, sql=_TABLE, pool_size=20),
)
