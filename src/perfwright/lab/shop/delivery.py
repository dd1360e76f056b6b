"""Item pages that tell how soon the supplier can deliver, in two ways to ask for it."""

from __future__ import annotations

from perfwright.lab.shop.catalogue import Catalogue, item_of
from perfwright.lab.shop.db import Database, Row
from perfwright.lab.shop.supplier import Supplier


class DeliveryCatalogue(Catalogue):
    """Asks once it has given its connection back."""

    def __init__(self, db: Database, supplier: Supplier) -> None:
        super().__init__(db)
        self._supplier = supplier

    async def item(self, item_id: int) -> Row:
        item = await super().item(item_id)
        return {**item, "delivery": await self._supplier.delivery(item_id)}


class HoldingCatalogue(DeliveryCatalogue):
    """Asks while it holds its connection, in a transaction that the first statement began, as
    object-relational mappers do it."""

    async def item(self, item_id: int) -> Row:
        async with self._db.session() as session, session.transaction():
            item = await item_of(session, item_id)
            return {**item, "delivery": await self._supplier.delivery(item_id)}
