"""The shop's tables and indexes, in the SQL that SQLite and PostgreSQL share.

    customers 1 ── * orders 1 ── * order_lines * ── 1 items 1 ── * item_words
                                                    items 1 ── * cart_lines

`item_words` is the search index: one row per word of an item's title, found by prefix. `{id}` and
`{text}` stand for what the dialects spell differently: a self-numbering key, and text compared byte
by byte (a prefix search needs that order).
"""

from __future__ import annotations

TABLES = """
CREATE TABLE customers (id {id}, name {text} NOT NULL UNIQUE, password_hash TEXT NOT NULL);
CREATE TABLE items (
    id {id}, title TEXT NOT NULL, category TEXT NOT NULL, description TEXT NOT NULL,
    price_cents INTEGER NOT NULL, stock INTEGER NOT NULL CHECK (stock >= 0)
);
CREATE TABLE item_words (
    word {text} NOT NULL, item_id INTEGER NOT NULL,
    PRIMARY KEY (word, item_id)
);
CREATE TABLE cart_lines (
    cart_id {text} NOT NULL, item_id INTEGER NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (cart_id, item_id)
);
CREATE TABLE orders (
    id {id}, customer_id INTEGER NOT NULL, placed_at INTEGER NOT NULL,
    status TEXT NOT NULL, total_cents INTEGER NOT NULL
);
CREATE TABLE order_lines (
    order_id INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    quantity INTEGER NOT NULL, price_cents INTEGER NOT NULL,
    PRIMARY KEY (order_id, item_id)
);
"""

INDEXES = """
CREATE INDEX orders_by_customer ON orders (customer_id, id);
CREATE INDEX order_lines_by_item ON order_lines (item_id);
"""

FOREIGN_KEYS = """
ALTER TABLE item_words ADD FOREIGN KEY (item_id) REFERENCES items (id);
ALTER TABLE cart_lines ADD FOREIGN KEY (item_id) REFERENCES items (id);
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id);
ALTER TABLE order_lines ADD FOREIGN KEY (order_id) REFERENCES orders (id);
ALTER TABLE order_lines ADD FOREIGN KEY (item_id) REFERENCES items (id);
"""
"""For PostgreSQL, once the rows are in: checked all at once they cost little. SQLite, which can not
add them later, would check them only on request."""


def split(sql: str, **spelling: str) -> list[str]:
    """The single statements of `sql`, with the dialect's spelling filled in."""
    return [part.strip() for part in sql.format(**spelling).split(";") if part.strip()]
