"""The sample shop as its visitors see it: the real process, over SQLite and over PostgreSQL."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.shop_client import Visitor

from perfwright.lab.launch import start_shop
from perfwright.lab.shop.operation import Operation
from perfwright.lab.shop.operations import OPERATIONS

ORDERS = 2000


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a running shop."""
    db = None
    if request.param == "postgres":
        db = request.getfixturevalue("postgres").new_database("shop")
    with start_shop(db=db, orders=ORDERS) as process:
        yield process.url


def test_a_visitor_browses_page_by_page(shop: str) -> None:
    visitor = Visitor(shop)
    pages = [visitor.get(f"/items?page={page}&size=30").json() for page in (1, 2)]
    assert [item["id"] for page in pages for item in page] == list(range(1, 61))
    assert visitor.get("/items?page=10000").json() == []


def test_an_item_is_the_one_that_the_list_showed(shop: str) -> None:
    visitor = Visitor(shop)
    listed = visitor.get("/items?page=3&size=1").json()[0]
    item = visitor.get(f"/items/{listed['id']}").json()
    assert listed.items() <= item.items()
    assert item["stock"] > 0


def test_search_finds_titles_with_words_that_begin_so(shop: str) -> None:
    titles = [item["title"] for item in Visitor(shop).get("/search?q=WOO+sca&size=100").json()]
    assert titles
    assert all(re.search(r"\bwoo", title) and re.search(r"\bsca", title) for title in titles)
    assert Visitor(shop).get("/search?q=zzz").json() == []


def test_a_seeded_customer_has_a_history_newest_first(shop: str) -> None:
    visitor = Visitor(shop, customer=1)
    orders = visitor.get("/orders?size=100").json()
    assert orders
    assert orders == sorted(orders, key=lambda order: -order["id"])
    receipt = visitor.get(f"/orders/{orders[-1]['id']}").json()
    lines = receipt.pop("lines")
    assert receipt == orders[-1]
    assert sum(line["quantity"] * line["price_cents"] for line in lines) == receipt["total_cents"]


def test_an_order_takes_the_cart_and_decreases_stock(shop: str) -> None:
    visitor = Visitor(shop, customer=2)
    before = {item: visitor.get(f"/items/{item}").json()["stock"] for item in (11, 12)}
    visitor.post("/cart", {"id": 11})
    visitor.post("/cart", {"id": 12, "quantity": 2})
    cart = visitor.post("/cart", {"id": 12, "quantity": 3}).json()
    assert {line["id"]: line["quantity"] for line in cart["lines"]} == {11: 1, 12: 5}
    assert visitor.get("/cart").json() == cart

    placed = visitor.post("/orders")
    assert placed.status == 201
    receipt = visitor.get(placed.headers["location"]).json()
    assert receipt["lines"] == cart["lines"]
    assert receipt["total_cents"] == placed.json()["total_cents"] == cart["total_cents"]
    assert visitor.get("/cart").json() == {"lines": [], "total_cents": 0}
    after = {item: visitor.get(f"/items/{item}").json()["stock"] for item in (11, 12)}
    assert after == {11: before[11] - 1, 12: before[12] - 5}


def test_parallel_orders_keep_stock_plus_sold_constant(shop: str) -> None:
    items = (21, 22, 23)
    watcher = Visitor(shop)

    def stock() -> Counter[int]:
        return Counter({item: watcher.get(f"/items/{item}").json()["stock"] for item in items})

    def buy(customer: int) -> list[dict[str, int]]:
        visitor = Visitor(shop, customer=customer)
        receipts = []
        for _ in range(3):
            for item in items if customer % 2 else reversed(items):
                visitor.post("/cart", {"id": item, "quantity": customer % 3 + 1})
            order = visitor.post("/orders").json()
            receipts.extend(visitor.get(f"/orders/{order['id']}").json()["lines"])
        return receipts

    before = stock()
    with ThreadPoolExecutor(12) as pool:
        bought = [line for lines in pool.map(buy, range(10, 22)) for line in lines]
    sold: Counter[int] = Counter()
    for line in bought:
        sold[line["id"]] += line["quantity"]
    assert len(bought) == 12 * 3 * len(items)
    assert before == stock() + sold


def test_a_cart_bought_by_several_clicks_at_once_is_bought_once(shop: str) -> None:
    visitor = Visitor(shop, customer=30)
    visitor.post("/cart", {"id": 31})
    with ThreadPoolExecutor(6) as pool:
        statuses = [answer.status for answer in pool.map(visitor.post, ["/orders"] * 6)]
    assert sorted(statuses) == [201, 409, 409, 409, 409, 409]


def test_a_visitor_does_not_see_the_orders_of_others(shop: str) -> None:
    mine = Visitor(shop, customer=1).get("/orders?size=1").json()[0]["id"]
    answer = Visitor(shop, customer=3).get(f"/orders/{mine}")
    assert (answer.status, answer.error) == (404, "order_not_found")


@pytest.mark.parametrize(
    "operation", [op for op in OPERATIONS if op.secured], ids=lambda op: op.name
)
@pytest.mark.parametrize("token", [None, "nonsense", "e30=.00", "é"])
def test_secured_operations_refuse_without_a_genuine_token(
    shop: str, operation: Operation, token: str | None
) -> None:
    visitor = Visitor(shop)
    visitor.token = token
    answer = visitor.request(operation.method, operation.path.replace("{id}", "1"))
    assert (answer.status, answer.error) == (401, "unauthorized")


@pytest.mark.parametrize(
    "body", [{"name": "ada.abara", "password": "wrong"}, {"name": "nobody", "password": "x"}]
)
def test_a_wrong_name_or_password_is_refused(shop: str, body: object) -> None:
    answer = Visitor(shop).post("/login", body)
    assert (answer.status, answer.error) == (401, "bad_credentials")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/login", "{", 400, "invalid_parameter"),
        ("POST", "/login", "[]", 400, "invalid_parameter"),
        ("POST", "/login", '{"name": "ada.abara"}', 400, "invalid_parameter"),
        ("GET", "/items?page=0", None, 400, "invalid_parameter"),
        ("GET", "/items?size=101", None, 400, "invalid_parameter"),
        ("GET", "/items?page=%F0%9F%A6%80", None, 400, "invalid_parameter"),
        ("GET", "/items/abc", None, 400, "invalid_parameter"),
        ("GET", "/items/99999999999999999999", None, 400, "invalid_parameter"),
        ("GET", "/items/999999", None, 404, "item_not_found"),
        ("GET", "/search", None, 400, "invalid_parameter"),
        ("POST", "/cart", '{"id": 999999}', 404, "item_not_found"),
        ("POST", "/cart", '{"id": "1"}', 400, "invalid_parameter"),
        ("POST", "/cart", '{"id": 1, "quantity": 0}', 400, "invalid_parameter"),
        ("POST", "/orders", None, 409, "cart_empty"),
        ("GET", "/orders/1x", None, 400, "invalid_parameter"),
        ("GET", "/nowhere", None, 404, "not_found"),
        ("DELETE", "/items", None, 405, "method_not_allowed"),
    ],
)
def test_bad_requests_get_a_code_and_a_message(
    shop: str, method: str, path: str, body: str | None, status: int, code: str
) -> None:
    answer = Visitor(shop, customer=4).request(method, path, body)
    assert (answer.status, answer.error) == (status, code)
    assert answer.json()["error"]["message"]


def test_the_openapi_document_describes_every_operation(shop: str) -> None:
    document = Visitor(shop).get("/openapi.json").json()
    described = {
        (method.upper(), path) for path, entry in document["paths"].items() for method in entry
    }
    assert document["openapi"].startswith("3.1")
    assert described == {(operation.method, operation.path) for operation in OPERATIONS}
    references = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert references <= document["components"]["schemas"].keys()


def test_metrics_count_requests_by_route_template(shop: str) -> None:
    visitor = Visitor(shop)

    def samples() -> dict[tuple[str, str, str], float]:
        families = text_string_to_metric_families(visitor.get("/metrics").text)
        return {
            (
                s.name,
                s.labels.get("route", s.labels.get("state", "")),
                s.labels.get("status", ""),
            ): s.value
            for family in families
            for s in family.samples
        }

    before = samples()
    visitor.get("/items/1")
    visitor.get("/items/2")
    after = samples()
    seen = ("http_server_requests_total", "/items/{id}", "200")
    assert after[seen] == before.get(seen, 0) + 2
    timed = ("http_server_request_duration_seconds_count", "/items/{id}", "200")
    assert after[timed] == after[seen]
    assert after["db_client_connection_count", "idle", ""] >= 1
    assert after["db_client_connection_pending_requests", "", ""] == 0
    assert after["shop_orders_total", "", ""] >= 0


def test_the_shop_says_that_it_is_up(shop: str) -> None:
    visitor = Visitor(shop)
    assert visitor.get("/healthz").json() == {"status": "ok"}
    assert "POST /orders" in visitor.get("/").text
