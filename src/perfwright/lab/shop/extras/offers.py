"""What an item costs elsewhere: `offers` on its page, its price in each country we ship to.

The offers of all items are held in memory. A page is laid out as a tree whose boxes know both their
parents and their children, so only the cyclic collector can free it.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Mapping
from functools import cached_property

from perfwright.lab.shop.db import Row
from perfwright.lab.shop.seed import ITEMS

_COUNTRIES = "at be ch cz de dk es fi fr gb ie it nl no pl pt se"


class Offer:
    """The price in one country, as a factor of the shop's."""

    __slots__ = ("country", "factor")

    def __init__(self, country: str, factor: float) -> None:
        self.country = country
        self.factor = factor


class Box:
    """A part of the page, within its parent."""

    def __init__(self, parent: Box | None, text: str) -> None:
        self.parent = parent
        self.text = text
        self.children: list[Box] = []
        if parent is not None:
            parent.children.append(self)


def all_offers(seed: int = 7) -> dict[int, list[Offer]]:
    """By item id."""
    rng = random.Random(seed)
    return {
        item_id: [Offer(country, rng.uniform(1.0, 1.5)) for country in _COUNTRIES.split()]
        for item_id in range(1, ITEMS + 1)
    }


def lay_out(item: Row, offers: list[Offer]) -> Box:
    """The table of offers, the cheapest first."""
    table = Box(None, item["title"])
    for offer in sorted(offers, key=lambda offer: offer.factor):
        line = Box(table, offer.country)
        Box(line, f"{item['price_cents'] * offer.factor / 100:.2f}")
    return table


def texts(table: Box) -> dict[str, str]:
    return {line.text: line.children[0].text for line in table.children}


class Offers:
    """Loads the offers when the shop starts."""

    def __init__(self) -> None:
        self._by_item = all_offers()

    async def of(self, item: Row) -> Mapping[str, object]:
        return {"offers": texts(lay_out(item, self._by_item[item["id"]]))}


class ThriftyOffers:
    """Loads the offers when they are first asked for, and gives each page's memory back at once."""

    @cached_property
    def _by_item(self) -> dict[int, list[Offer]]:
        return all_offers()

    async def of(self, item: Row) -> Mapping[str, object]:
        table = lay_out(item, self._by_item[item["id"]])
        shown = {"offers": texts(table)}
        del table
        self._tidy_up()
        return shown

    def _tidy_up(self) -> None:
        gc.collect()
