"""The price list that partners fetch: made anew every few seconds, for all items and countries."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator

from perfwright.lab.shop.seed import ITEMS

_EVERY_S = 4.0
_COUNTRIES = 26


class PriceList:
    """The last list made."""

    def __init__(self) -> None:
        self.document = ""

    def keep_fresh(self, *, gently: bool) -> None:
        """Makes the list every few seconds, in the running event loop, for as long as it runs."""
        self._task = asyncio.create_task(self._make_forever(gently=gently))

    async def _make_forever(self, *, gently: bool) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            if gently:
                await self.make_gently()
            else:
                self.make()

    def make(self) -> None:
        """All at once; some 300 ms of work."""
        self.document = "\n".join(_parts())

    async def make_gently(self) -> None:
        """A country at a time, others being served in between."""
        parts = []
        for part in _parts():
            parts.append(part)
            await asyncio.sleep(0.02)
        self.document = "\n".join(parts)


def _parts() -> Iterator[str]:
    """One country's prices each, the cheapest first."""
    for country in range(_COUNTRIES):
        rng = random.Random(country)
        lines = [
            {"item": item, "country": country, "price_cents": rng.randrange(1000, 90_000)}
            for item in range(1, ITEMS + 1)
        ]
        yield json.dumps(sorted(lines, key=lambda line: line["price_cents"]))
