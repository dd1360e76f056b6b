"""The item page with more on it: what `Details` tell of an item is added to its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from perfwright.lab.shop.catalogue import Catalogue
from perfwright.lab.shop.db import Database, Row
from perfwright.lab.shop.services import Services, healthy_services
from perfwright.lab.shop.variant import Parts


class Details(Protocol):
    """One feature of the item page."""

    async def of(self, item: Row) -> Mapping[str, object]:
        """More fields for the item."""
        ...


class DetailedCatalogue(Catalogue):
    """Items with `details`."""

    def __init__(self, db: Database, details: Details) -> None:
        super().__init__(db)
        self._details = details

    async def item(self, item_id: int) -> Row:
        item = await super().item(item_id)
        return {**item, **await self._details.of(item)}


def with_details(parts: Parts, details: Details) -> Services:
    """The healthy shop, but for its item page."""
    healthy = healthy_services(parts.db, parts.signer)
    return replace(healthy, catalogue=DetailedCatalogue(parts.db, details))
