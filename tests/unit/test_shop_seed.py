"""The sample shop's data: one seed, one shop; some things sell better than others."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from perfwright.lab.shop.passwords import password_matches
from perfwright.lab.shop.people import CUSTOMERS, people_csv, person
from perfwright.lab.shop.seed import tables

EXAMPLES = Path(__file__).parents[2] / "examples"


def rows(*, orders: int = 3000, seed: int = 7) -> dict[str, list[tuple[object, ...]]]:
    return {table.name: list(table.rows) for table in tables(orders=orders, seed=seed)}


def test_the_same_seed_gives_the_same_shop() -> None:
    assert rows() == rows()


def test_another_seed_gives_another_shop_with_the_same_customers() -> None:
    one, other = rows(seed=1), rows(seed=2)
    assert one["orders"] != other["orders"]
    assert one["items"] != other["items"]
    names = [[row[1] for row in shop["customers"]] for shop in (one, other)]
    assert names[0] == names[1]


def test_every_customer_logs_in_with_the_derived_password() -> None:
    customers = rows(orders=0)["customers"]
    assert len(customers) == CUSTOMERS
    for number, name, stored in customers[::100]:
        who = person(int(str(number)))
        assert who.name == name
        assert password_matches(who.password, str(stored))
        assert not password_matches(who.password + "x", str(stored))


def test_names_of_customers_and_titles_of_items_are_unique() -> None:
    shop = rows(orders=0)
    for table in ("customers", "items"):
        assert len({row[1] for row in shop[table]}) == len(shop[table])


def test_totals_are_the_sums_of_their_lines() -> None:
    shop = rows()
    sums: Counter[object] = Counter()
    for order, _, quantity, price_cents in shop["order_lines"]:
        sums[order] += int(str(quantity)) * int(str(price_cents))
    assert sums == {order[0]: order[4] for order in shop["orders"]}


def test_a_few_items_make_most_of_the_sales() -> None:
    sold = Counter(row[1] for row in rows()["order_lines"])
    top = sum(count for _, count in sold.most_common(300))
    assert 0.5 < top / sold.total() < 0.9


def test_the_people_of_the_examples_are_the_shops_first_customers() -> None:
    assert (EXAMPLES / "people.csv").read_text() == people_csv(500)
