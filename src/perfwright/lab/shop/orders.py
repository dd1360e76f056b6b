"""Turning a cart into an order, and looking orders up. Stock plus sold never changes.

Placing an order is one transaction of six statements, however long the cart:

    claim the cart ─► lock its items in id order ─► order ─► its lines ─► stock ─► drop the cart

Claiming (renaming the cart) makes a second click on "buy" find an empty cart; locking in id order
keeps two carts with the same items from a deadlock.
"""

from __future__ import annotations

import secrets
import time

from perfwright.lab.shop.db import Database, Row
from perfwright.lab.shop.errors import ShopError
from perfwright.lab.shop.paging import Page
from perfwright.lab.shop.tokens import Visitor

_CLAIM = "UPDATE cart_lines SET cart_id = :claim WHERE cart_id = :cart"
_CLAIMED_LINES = """
    SELECT items.id, items.title, items.price_cents, items.stock, cart_lines.quantity
    FROM cart_lines JOIN items ON items.id = cart_lines.item_id
    WHERE cart_lines.cart_id = :claim ORDER BY items.id"""
_ORDER = """
    INSERT INTO orders (customer_id, placed_at, status, total_cents)
    VALUES (:customer, :placed_at, 'placed', :total_cents)
    RETURNING id, placed_at, status, total_cents"""
_ORDER_LINES = """
    INSERT INTO order_lines (order_id, item_id, quantity, price_cents)
    SELECT orders.id, items.id, cart_lines.quantity, items.price_cents
    FROM orders, cart_lines JOIN items ON items.id = cart_lines.item_id
    WHERE orders.id = :order AND cart_lines.cart_id = :claim"""
_STOCK = """
    UPDATE items SET stock = stock - (
        SELECT quantity FROM order_lines WHERE order_id = :order AND item_id = items.id)
    WHERE id IN (SELECT item_id FROM order_lines WHERE order_id = :order)"""
_DROP_CLAIMED = "DELETE FROM cart_lines WHERE cart_id = :claim"


class Orders:
    """Orders in `db`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def place(self, visitor: Visitor) -> Row:
        """Buy the visitor's cart. ShopError 409 when it is empty or an item is out of stock."""
        async with self._db.session() as session, session.transaction():
            claim = secrets.token_hex(8)
            if await session.execute(_CLAIM, claim=claim, cart=visitor.cart_id) == 0:
                raise ShopError(409, "cart_empty", "the cart is empty; POST /cart first")
            lines = await session.all(_CLAIMED_LINES + session.for_update, claim=claim)
            _check_stock(lines)
            order = await session.one(
                _ORDER,
                customer=visitor.customer_id,
                placed_at=int(time.time()),
                total_cents=sum(line["quantity"] * line["price_cents"] for line in lines),
            )
            assert order is not None
            await session.execute(_ORDER_LINES, order=order["id"], claim=claim)
            await session.execute(_STOCK, order=order["id"])
            await session.execute(_DROP_CLAIMED, claim=claim)
        return order

    async def history(self, visitor: Visitor, page: Page) -> list[Row]:
        """The visitor's orders, newest first."""
        async with self._db.session() as session:
            return await session.all(
                "SELECT id, placed_at, status, total_cents FROM orders"
                " WHERE customer_id = :customer ORDER BY id DESC LIMIT :size OFFSET :skip",
                customer=visitor.customer_id,
                size=page.size,
                skip=page.skip,
            )

    async def order(self, visitor: Visitor, order_id: int) -> Row:
        """One of the visitor's orders with its lines. ShopError 404, another's order included."""
        async with self._db.session() as session:
            order = await session.one(
                "SELECT id, placed_at, status, total_cents FROM orders"
                " WHERE id = :order AND customer_id = :customer",
                order=order_id,
                customer=visitor.customer_id,
            )
            if order is None:
                raise ShopError(404, "order_not_found", f"{visitor.name} has no order {order_id}")
            lines = await session.all(
                "SELECT items.id, items.title, order_lines.quantity, order_lines.price_cents"
                " FROM order_lines JOIN items ON items.id = order_lines.item_id"
                " WHERE order_lines.order_id = :order ORDER BY items.id",
                order=order_id,
            )
        return {**order, "lines": lines}


def _check_stock(lines: list[Row]) -> None:
    for line in lines:
        if line["stock"] < line["quantity"]:
            raise ShopError(
                409, "out_of_stock", f"item {line['id']}: {line['stock']} left of {line['title']}"
            )
