"""The shop's first data, a pure function of a seed: items, customers and a history of orders.

Popularity follows Zipf's law (G. K. Zipf, 1949): the item of rank k is bought in proportion to
1/k^s, s = 1 for items and 0.7 for customers, with ranks dealt at random. History ends at a fixed
day, so two shops of one seed hold the same rows.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from perfwright.lab.shop.passwords import hash_password, salt_of
from perfwright.lab.shop.people import CUSTOMERS, person

ITEMS = 3000
STOCK = 1_000_000
"""Of each item: no load test of sensible length sells out."""
_HISTORY_ENDS_AT = 1_767_225_600  # 2026-01-01T00:00:00Z
_HISTORY_S = 2 * 365 * 86_400

_LOOKS = (
    "amber", "black", "blue", "coral", "green", "grey", "indigo",
    "ivory", "linen", "olive", "plain", "ruby", "slate", "striped",
)  # fmt: skip
_STUFF = (
    "bamboo", "brass", "canvas", "ceramic", "copper", "cotton",
    "glass", "leather", "oak", "steel", "walnut", "wool",
)  # fmt: skip
_THINGS = {
    "kitchen": "bowl kettle knife mug pan plate teapot tray",
    "home": "blanket candle chair clock cushion desk frame lamp mirror rug shelf vase",
    "clothes": "apron belt cap coat gloves hat scarf shirt",
    "travel": "backpack bottle case flask purse satchel tent wallet",
}
_CATEGORY_OF = {thing: kind for kind, things in _THINGS.items() for thing in things.split()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows for one table, in the order of `columns`; `rows` is consumed once."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[tuple[object, ...]]


def tables(*, orders: int, seed: int) -> Iterator[Table]:
    """All tables, referenced ones first."""
    rng = random.Random(seed)
    items = _items(rng)
    yield Table(
        name="customers",
        columns=("id", "name", "password_hash"),
        rows=(_customer(number, seed) for number in range(1, CUSTOMERS + 1)),
    )
    yield Table(
        name="items",
        columns=("id", "title", "category", "description", "price_cents", "stock"),
        rows=items,
    )
    yield Table(
        name="item_words",
        columns=("word", "item_id"),
        rows=sorted((word, item[0]) for item in items for word in set(item[1].split())),
    )
    prices = [item[4] for item in items]
    order_rows, line_rows = _orders(rng, orders, prices)
    yield Table(
        name="orders",
        columns=("id", "customer_id", "placed_at", "status", "total_cents"),
        rows=order_rows,
    )
    yield Table(
        name="order_lines",
        columns=("order_id", "item_id", "quantity", "price_cents"),
        rows=line_rows,
    )


def _customer(number: int, seed: int) -> tuple[int, str, str]:
    who = person(number)
    return number, who.name, hash_password(who.password, salt_of(who.name, seed))


_Item = tuple[int, str, str, str, int, int]


def _items(rng: random.Random) -> list[_Item]:
    titles = [
        f"{look} {stuff} {thing}" for look in _LOOKS for stuff in _STUFF for thing in _CATEGORY_OF
    ]
    return [
        (number, title, _CATEGORY_OF[title.split()[-1]], _description(title), _price(rng), STOCK)
        for number, title in enumerate(rng.sample(titles, ITEMS), start=1)
    ]


def _description(title: str) -> str:
    return f"A {title}, made to be used every day and to last for years. Ships within two days."


def _price(rng: random.Random) -> int:
    """Cents, log-normal around 25.00, ending in 90 as prices do."""
    return min(int(rng.lognormvariate(3.2, 0.7)), 999) * 100 + 90


def _orders(
    rng: random.Random, count: int, prices: list[int]
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Orders by ascending time, and their lines: 1 to 5 items, most of them single pieces."""
    pick_customer = _zipf(rng, CUSTOMERS, 0.7)
    pick_item = _zipf(rng, len(prices), 1.0)
    sizes = rng.choices((1, 2, 3, 4, 5), weights=(45, 28, 15, 8, 4), k=count)
    times = sorted(_HISTORY_ENDS_AT - rng.randrange(_HISTORY_S) for _ in range(count))
    customers = pick_customer(count)
    picks = iter(pick_item(sum(sizes)))
    quantities = iter(rng.choices((1, 2, 3), weights=(85, 12, 3), k=sum(sizes)))
    orders: list[tuple[object, ...]] = []
    lines: list[tuple[object, ...]] = []
    for order, (size, placed_at, customer) in enumerate(
        zip(sizes, times, customers, strict=True), 1
    ):
        bought = {next(picks): next(quantities) for _ in range(size)}
        total = 0
        for item, quantity in sorted(bought.items()):
            total += quantity * prices[item - 1]
            lines.append((order, item, quantity, prices[item - 1]))
        orders.append((order, customer, placed_at, "shipped", total))
    return orders, lines


def _zipf(rng: random.Random, size: int, exponent: float) -> Callable[[int], list[int]]:
    """Draws ids 1..size, the popular ones dealt at random."""
    ids = rng.sample(range(1, size + 1), size)
    weights = list(accumulate(rank**-exponent for rank in range(1, size + 1)))
    return lambda count: rng.choices(ids, cum_weights=weights, k=count)
