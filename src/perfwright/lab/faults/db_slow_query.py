"""Search puts first what brought the largest single sale, and ranks every sale ever made for it.

The window over all order lines sorts more than the server's work memory holds, so it spills to
disk; the ids that the search found are applied only afterwards. No index helps; the query must ask
for less. Mended, it looks at the found items' sales alone.
"""

from __future__ import annotations

from dataclasses import replace

from perfwright.lab.faults.fault import Fault
from perfwright.lab.shop.catalogue import Catalogue, matching
from perfwright.lab.shop.db import Row
from perfwright.lab.shop.paging import Page
from perfwright.lab.shop.services import Services, healthy_services
from perfwright.lab.shop.variant import Parts, Variant

_RANKED_AMONG_ALL = """
    SELECT items.id, items.title, items.category, items.price_cents
    FROM items JOIN (
        SELECT item_id, min(place) AS place FROM (
            SELECT item_id, rank() OVER (ORDER BY quantity * price_cents DESC) AS place
            FROM order_lines) AS sales
        GROUP BY item_id
    ) AS best ON best.item_id = items.id
    WHERE items.id IN ({matches})
    ORDER BY best.place, items.id LIMIT :size OFFSET :skip"""
_RANKED_AMONG_FOUND = """
    SELECT items.id, items.title, items.category, items.price_cents
    FROM items JOIN order_lines ON order_lines.item_id = items.id
    WHERE items.id IN ({matches})
    GROUP BY items.id ORDER BY max(order_lines.quantity * order_lines.price_cents) DESC, items.id
    LIMIT :size OFFSET :skip"""


class RankedCatalogue(Catalogue):
    """Search by `ranking`, an SQL text with a place for `{matches}`."""

    ranking: str

    async def search(self, text: str, page: Page) -> list[Row]:
        matches, bounds = matching(text)
        async with self._db.session() as session:
            return await session.all(
                self.ranking.format(matches=matches), size=page.size, skip=page.skip, **bounds
            )


class RankAll(RankedCatalogue):
    ranking = _RANKED_AMONG_ALL


class RankFound(RankedCatalogue):
    ranking = _RANKED_AMONG_FOUND


def _rank_all(parts: Parts) -> Services:
    return replace(healthy_services(parts.db, parts.signer), catalogue=RankAll(parts.db))


def _rank_found(parts: Parts) -> Services:
    return replace(healthy_services(parts.db, parts.signer), catalogue=RankFound(parts.db))


FAULT = Fault(
    sentence="Search sorts all sales ever made, on disk, and uses a few of them.",
    sqlite=True,
    faulty=Variant(services=_rank_all),
    fixed=Variant(services=_rank_found),
)
