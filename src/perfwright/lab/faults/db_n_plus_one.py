"""Lists fetch their ids first and then each row by a statement of its own (the "N+1" of ORMs).

A page of 20 items takes 21 statements instead of one; each is quick, and together they keep the
service and the database busy with round trips.
"""

from __future__ import annotations

from dataclasses import replace

from perfwright.lab.faults.fault import Fault
from perfwright.lab.shop.catalogue import Catalogue, matching
from perfwright.lab.shop.db import Row, Session
from perfwright.lab.shop.orders import Orders
from perfwright.lab.shop.paging import Page
from perfwright.lab.shop.services import Services, healthy_services
from perfwright.lab.shop.tokens import Visitor
from perfwright.lab.shop.variant import Parts, Variant

_SUMMARY = "SELECT id, title, category, price_cents FROM items WHERE id = :item"


class LazyCatalogue(Catalogue):
    """Loads each item of a list when it comes to it."""

    async def browse(self, page: Page) -> list[Row]:
        async with self._db.session() as session:
            found = await session.all(
                "SELECT id FROM items ORDER BY id LIMIT :size OFFSET :skip",
                size=page.size,
                skip=page.skip,
            )
            return await _load(session, found)

    async def search(self, text: str, page: Page) -> list[Row]:
        matches, bounds = matching(text)
        async with self._db.session() as session:
            found = await session.all(
                f"SELECT id FROM items WHERE id IN ({matches}) ORDER BY id"
                " LIMIT :size OFFSET :skip",
                size=page.size,
                skip=page.skip,
                **bounds,
            )
            return await _load(session, found)


class LazyOrders(Orders):
    """Loads each order of the history when it comes to it."""

    async def history(self, visitor: Visitor, page: Page) -> list[Row]:
        async with self._db.session() as session:
            found = await session.all(
                "SELECT id FROM orders WHERE customer_id = :customer ORDER BY id DESC"
                " LIMIT :size OFFSET :skip",
                customer=visitor.customer_id,
                size=page.size,
                skip=page.skip,
            )
            sql = "SELECT id, placed_at, status, total_cents FROM orders WHERE id = :order"
            rows = [await session.one(sql, order=order["id"]) for order in found]
            return [row for row in rows if row is not None]


async def _load(session: Session, found: list[Row]) -> list[Row]:
    rows = [await session.one(_SUMMARY, item=item["id"]) for item in found]
    return [row for row in rows if row is not None]


def _services(parts: Parts) -> Services:
    healthy = healthy_services(parts.db, parts.signer)
    return replace(healthy, catalogue=LazyCatalogue(parts.db), orders=LazyOrders(parts.db))


FAULT = Fault(
    sentence="Lists load every row by a statement of its own.",
    sqlite=True,
    faulty=Variant(services=_services),
)
