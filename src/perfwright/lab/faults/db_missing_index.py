"""Item pages tell how often an item was bought, but nobody made the index that this needs.

The more orders there are the slower it gets: each page reads all order lines. The same statement
over the index on `order_lines (item_id)` reads a few dozen.
"""

from __future__ import annotations

from dataclasses import replace

from perfwright.lab.faults.fault import Fault
from perfwright.lab.shop.catalogue import Catalogue
from perfwright.lab.shop.db import Row
from perfwright.lab.shop.services import Services, healthy_services
from perfwright.lab.shop.variant import Parts, Variant

_DROP = "DROP INDEX IF EXISTS order_lines_by_item"
_CREATE = "CREATE INDEX IF NOT EXISTS order_lines_by_item ON order_lines (item_id)"


class PopularCatalogue(Catalogue):
    """Item pages with `times_bought` and `pieces_sold`."""

    async def item(self, item_id: int) -> Row:
        item = await super().item(item_id)
        async with self._db.session() as session:
            sold = await session.one(
                "SELECT count(*) AS times_bought, coalesce(sum(quantity), 0) AS pieces_sold"
                " FROM order_lines WHERE item_id = :item",
                item=item_id,
            )
        assert sold is not None
        return {**item, **sold}


def _services(parts: Parts) -> Services:
    return replace(healthy_services(parts.db, parts.signer), catalogue=PopularCatalogue(parts.db))


FAULT = Fault(
    sentence="A query on every item page lacks its index.",
    sqlite=True,
    faulty=Variant(services=_services, sql=(_DROP,)),
    fixed=Variant(services=_services, sql=(_CREATE,)),
    live_fix=(_CREATE,),
)
