"""Whether an item is one of those sold most lately: `bestseller` on its page.

What was sold lately is a list of item ids, one per piece, the newest last; here it is drawn from a
seed by Zipf's law (G. K. Zipf, 1949), as the shop's history is.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import nlargest

from perfwright.lab.shop.db import Row
from perfwright.lab.shop.seed import ITEMS

_PIECES = 700
_SHOWN = 20


def sold_lately(seed: int = 7) -> list[int]:
    """Item ids of the last pieces sold."""
    rng = random.Random(seed)
    ranks = range(1, ITEMS + 1)
    return rng.choices(rng.sample(ranks, ITEMS), weights=[rank**-0.7 for rank in ranks], k=_PIECES)


class SortedBestsellers:
    """Sorts what was sold by how often it was sold."""

    def __init__(self, sold: Sequence[int]) -> None:
        self._sold = list(sold)

    async def of(self, item: Row) -> Mapping[str, object]:
        return {"bestseller": item["id"] in self.top(_SHOWN)}

    def top(self, count: int) -> list[int]:
        return sorted(set(self._sold), key=self._sold.count, reverse=True)[:count]


class CountedBestsellers:
    """Counts once whatever is sold."""

    def __init__(self, sold: Sequence[int]) -> None:
        self._pieces = Counter(sold)

    async def of(self, item: Row) -> Mapping[str, object]:
        return {"bestseller": item["id"] in self.top(_SHOWN)}

    def top(self, count: int) -> list[int]:
        return nlargest(count, self._pieces, key=self._pieces.__getitem__)
