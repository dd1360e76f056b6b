"""What a visitor is about to buy. A cart is known by the id in the visitor's token."""

from __future__ import annotations

from perfwright.lab.shop.db import Database, Row, Session
from perfwright.lab.shop.errors import ShopError
from perfwright.lab.shop.tokens import Visitor


class Carts:
    """Cart lines in `db`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, visitor: Visitor, item_id: int, quantity: int) -> Row:
        """Put `quantity` (≥ 1) more of an item in; the cart as it then is. ShopError 404."""
        async with self._db.session() as session:
            added = await session.execute(
                "INSERT INTO cart_lines (cart_id, item_id, quantity)"
                " SELECT :cart, id, :quantity FROM items WHERE id = :item"
                " ON CONFLICT (cart_id, item_id)"
                " DO UPDATE SET quantity = cart_lines.quantity + excluded.quantity",
                cart=visitor.cart_id,
                item=item_id,
                quantity=quantity,
            )
            if added == 0:
                raise ShopError(404, "item_not_found", f"no item {item_id}")
            return await _contents(session, visitor)

    async def contents(self, visitor: Visitor) -> Row:
        """`lines` and `total_cents`."""
        async with self._db.session() as session:
            return await _contents(session, visitor)


async def _contents(session: Session, visitor: Visitor) -> Row:
    lines = await session.all(
        "SELECT items.id, items.title, items.price_cents, cart_lines.quantity"
        " FROM cart_lines JOIN items ON items.id = cart_lines.item_id"
        " WHERE cart_lines.cart_id = :cart ORDER BY items.id",
        cart=visitor.cart_id,
    )
    total_cents = sum(line["quantity"] * line["price_cents"] for line in lines)
    return {"lines": lines, "total_cents": total_cents}
