"""What a visitor looked at before: `seen_lately` on an item's page.

A visit is known by a key; who brings none is a new visitor. Items are kept with the small picture
that was shown, so that they can be shown again without another look-up.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from perfwright.lab.shop.db import Row

_PICTURE_BYTES = 30_000
_KEPT_VISITS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An item as it was shown."""

    item: Row
    picture: bytes


class SeenLately:
    """Keeps what `visits` visits saw, those of the last; what all saw if that is None."""

    def __init__(self, *, visits: int | None = _KEPT_VISITS) -> None:
        self._limit = visits
        self._by_visit: OrderedDict[str, list[Seen]] = OrderedDict()

    async def of(self, item: Row) -> Mapping[str, object]:
        seen = self._by_visit.setdefault(secrets.token_hex(8), [])
        seen.append(Seen(item=item, picture=_picture(item["id"])))
        if self._limit is not None and len(self._by_visit) > self._limit:
            self._by_visit.popitem(last=False)
        return {"seen_lately": len(seen)}


def _picture(item_id: int) -> bytes:
    """One grey for each item."""
    return bytes([item_id % 256]) * _PICTURE_BYTES
