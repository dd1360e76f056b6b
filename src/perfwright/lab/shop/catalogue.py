"""What the shop sells: browsing, one item, and search by the first letters of words."""

from __future__ import annotations

from perfwright.lab.shop.db import Database, Row, Session, Value
from perfwright.lab.shop.errors import ShopError
from perfwright.lab.shop.paging import Page

_MAX_WORDS = 4
_AFTER_ALL_LETTERS = "\U0010ffff"
_SUMMARY = "SELECT id, title, category, price_cents FROM items"
_HAS_WORD = "SELECT item_id FROM item_words WHERE word >= :from{n} AND word < :to{n}"


class Catalogue:
    """Items in `db`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def browse(self, page: Page) -> list[Row]:
        async with self._db.session() as session:
            return await session.all(
                f"{_SUMMARY} ORDER BY id LIMIT :size OFFSET :skip", size=page.size, skip=page.skip
            )

    async def item(self, item_id: int) -> Row:
        """The whole item. ShopError 404."""
        async with self._db.session() as session:
            return await item_of(session, item_id)

    async def search(self, text: str, page: Page) -> list[Row]:
        """Items whose title has, for each word of `text`, a word that begins with it."""
        matches, bounds = matching(text)
        async with self._db.session() as session:
            return await session.all(
                f"{_SUMMARY} WHERE id IN ({matches}) ORDER BY id LIMIT :size OFFSET :skip",
                size=page.size,
                skip=page.skip,
                **bounds,
            )


async def item_of(session: Session, item_id: int) -> Row:
    """The whole item. ShopError 404."""
    item = await session.one(
        "SELECT id, title, category, description, price_cents, stock FROM items WHERE id = :item",
        item=item_id,
    )
    if item is None:
        raise ShopError(404, "item_not_found", f"no item {item_id}")
    return item


def matching(text: str) -> tuple[str, dict[str, Value]]:
    """SQL for the ids of the items that `text` finds, and its parameters. ShopError 400."""
    words = text.lower().split()[:_MAX_WORDS]
    if not words:
        raise ShopError(400, "invalid_parameter", "q: needs at least one word")
    bounds: dict[str, Value] = {f"from{n}": word for n, word in enumerate(words)}
    bounds |= {f"to{n}": word + _AFTER_ALL_LETTERS for n, word in enumerate(words)}
    return " INTERSECT ".join(_HAS_WORD.format(n=n) for n in range(len(words))), bounds
