"""The item list answers with everything: all items, with all that is known of them, uncompressed.

Pages are meant to be cut by whoever asked. A megabyte is read, encoded and sent where four
kilobytes would do.
"""

from __future__ import annotations

from dataclasses import replace

from perfwright.lab.faults.fault import Fault
from perfwright.lab.shop.catalogue import Catalogue
from perfwright.lab.shop.db import Row
from perfwright.lab.shop.paging import Page
from perfwright.lab.shop.services import Services, healthy_services
from perfwright.lab.shop.variant import Parts, Variant


class WholeCatalogue(Catalogue):
    """Every item, whatever the page."""

    async def browse(self, page: Page) -> list[Row]:  # noqa: ARG002
        async with self._db.session() as session:
            return await session.all("SELECT * FROM items ORDER BY id")


def _services(parts: Parts) -> Services:
    return replace(healthy_services(parts.db, parts.signer), catalogue=WholeCatalogue(parts.db))


FAULT = Fault(
    sentence="The item list sends the whole catalogue instead of a page.",
    sqlite=True,
    faulty=Variant(services=_services),
)
