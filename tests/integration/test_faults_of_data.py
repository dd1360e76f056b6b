"""Faults in how the shop gets and gives its data: database, pool, cache, connections, answers.

Each is shown by structure (statements, plans, counts), and serves visitors with and without it. One
PostgreSQL template serves them all; each shop gets a copy of its own.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from support.shop_client import Visitor

from perfwright.lab.faults import NAMES, load
from perfwright.lab.launch import LaunchError, ShopProcess, start_shop

SHOPS_SESSIONS = "FROM pg_stat_activity WHERE usename = 'shop'"


@contextmanager
def serving(
    fault: str, *, fixed: bool = False, db: str | None = None, orders: int = 50_000
) -> Iterator[ShopProcess]:
    """The shop with the fault; in the end a visitor finds everything in order."""
    with start_shop(fault=fault, fixed=fixed, db=db, orders=orders) as shop:
        yield shop
        visit(shop.url)


def visit(url: str) -> None:
    """Every page that the journey asks for, each with the right answer."""
    visitor = Visitor(url, customer=1)
    assert visitor.get("/items?page=2").json()
    found = visitor.get("/search?q=wool").json()
    assert found
    item = visitor.get(f"/items/{found[0]['id']}").json()
    assert found[0].items() <= item.items()
    visitor.post("/cart", {"id": 7})
    order = visitor.post("/orders").json()
    assert visitor.get("/orders").json()[0] == order
    assert len(visitor.get(f"/orders/{order['id']}").json()["lines"]) == 1


def column(dsn: str, sql: str) -> list[object]:
    """The first column of a query's rows."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return [row[0] for row in connection.execute(sql)]


def of_statements(shop: ShopProcess, path: str, figure: str) -> int:
    """What a request of `path` adds to a `figure` of the shop's statements in the database."""
    dsn = shop.standing.watch
    visitor = Visitor(shop.url)
    column(dsn, "SELECT pg_stat_statements_reset()")
    assert visitor.get(path).status == 200
    found = column(
        dsn,
        f"SELECT coalesce(sum({figure}), 0) FROM pg_stat_statements"
        " JOIN pg_roles ON pg_roles.oid = userid WHERE rolname = 'shop'",
    )
    return int(str(found[0]))


def item_page_statuses(url: str, *, at_once: int) -> list[int]:
    with ThreadPoolExecutor(at_once) as pool:
        answers = pool.map(lambda n: Visitor(url).get(f"/items/{n}").status, range(1, at_once + 1))
        return list(answers)


def seen_meanwhile(url: str, look: Callable[[], float]) -> float:
    """The most that `look` saw while thirty visitors asked for item pages."""
    with ThreadPoolExecutor(1) as pool:
        visits = pool.submit(item_page_statuses, url, at_once=30)
        most = look()
        while not visits.done():
            most = max(most, look())
    return most


def test_the_healthy_shop_stands_on_postgresql_too() -> None:
    with serving("none") as shop:
        assert column(shop.standing.watch, f"SELECT count(*) {SHOPS_SESSIONS}") == [10]


@pytest.mark.parametrize(
    "name", ["db.missing_index", "db.n_plus_one", "db.slow_query", "payload.bloat"]
)
def test_a_fault_that_needs_no_server_shows_on_sqlite(name: str) -> None:
    with serving(name, db="sqlite", orders=200) as shop:
        assert shop.standing.watch == ""


def test_a_fault_that_needs_a_server_says_so() -> None:
    with pytest.raises(LaunchError, match="over PostgreSQL only"):
        start_shop(fault="pool.exhausted", db="sqlite")


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_has_a_sentence(name: str) -> None:
    assert load(name).sentence.endswith(".")


def test_the_process_does_not_tell_its_fault() -> None:
    with serving("db.n_plus_one", db="sqlite", orders=10) as shop:
        for told in ("cmdline", "environ"):
            assert b"plus_one" not in Path(f"/proc/{shop.pid}/{told}").read_bytes()


def test_n_plus_one_takes_a_statement_for_each_row_of_a_list() -> None:
    with serving("db.n_plus_one") as shop:
        assert of_statements(shop, "/items?size=20", "calls") == 21
    with serving("db.n_plus_one", fixed=True) as shop:
        assert of_statements(shop, "/items?size=20", "calls") == 1


def test_a_missing_index_makes_an_item_page_read_all_order_lines_until_it_is_fixed_live() -> None:
    with serving("db.missing_index") as shop:
        sql = "EXPLAIN SELECT count(*) FROM order_lines WHERE item_id = 5"
        assert "Seq Scan on order_lines" in str(column(shop.standing.watch, sql))
        pid, page = shop.pid, Visitor(shop.url).get("/items/5").json()
        shop.fix()
        assert "order_lines_by_item" in str(column(shop.standing.watch, sql))
        assert Visitor(shop.url).get("/items/5").json() == page
        assert shop.pid == pid


def test_the_slow_query_spills_to_disk_and_its_mended_form_finds_the_same() -> None:
    path, figure = "/search?q=wool+scarf", "temp_blks_written"
    with serving("db.slow_query") as shop:
        found = Visitor(shop.url).get(path).json()
        assert of_statements(shop, path, figure) > 0
    with serving("db.slow_query", fixed=True) as shop:
        assert Visitor(shop.url).get(path).json() == found
        assert of_statements(shop, path, figure) == 0


def test_lock_contention_makes_item_pages_wait_for_one_another() -> None:
    with serving("db.lock_contention") as shop:
        sql = f"SELECT count(*) {SHOPS_SESSIONS} AND wait_event_type = 'Lock'"
        waiting = seen_meanwhile(shop.url, lambda: float(str(column(shop.standing.watch, sql)[0])))
        assert waiting > 3


def test_the_connection_limit_turns_visitors_away() -> None:
    with serving("db.connection_limit") as shop:
        assert set(item_page_statuses(shop.url, at_once=30)) == {200, 500}
    with serving("db.connection_limit", fixed=True) as shop:
        assert set(item_page_statuses(shop.url, at_once=30)) == {200}


def test_an_exhausted_pool_keeps_visitors_waiting_for_four_connections() -> None:
    with serving("pool.exhausted") as shop:
        assert column(shop.standing.watch, f"SELECT count(*) {SHOPS_SESSIONS}") == [4]
        assert seen_meanwhile(shop.url, lambda: pending(shop.url)) > 3
    with serving("pool.exhausted", fixed=True) as shop:
        assert seen_meanwhile(shop.url, lambda: pending(shop.url)) == 0


def pending(url: str) -> float:
    """The shop's own gauge of tasks that wait for a connection."""
    lines = Visitor(url).get("/metrics").text.splitlines()
    return float(
        next(line for line in lines if line.startswith("db_client_connection_pending")).split()[1]
    )


@pytest.mark.parametrize(
    ("fixed", "lifetime_ms"), [(False, range(-2, 31)), (True, range(1000, 30_001))]
)
def test_the_cache_forgets_within_milliseconds(fixed: bool, lifetime_ms: range) -> None:
    with serving("cache.ineffective", fixed=fixed) as shop:
        Visitor(shop.url).get("/items/9")
        with redis.Redis.from_url(shop.standing.redis) as cache:
            assert cache.pttl("item:9") in lifetime_ms


def test_without_keepalive_each_answer_ends_its_connection() -> None:
    assert list(connections_that_end("connection.no_keepalive", fixed=False)) == [True, True]
    assert list(connections_that_end("connection.no_keepalive", fixed=True)) == [False, False]


def connections_that_end(fault: str, *, fixed: bool) -> Iterator[bool]:
    with serving(fault, fixed=fixed) as shop:
        client = http.client.HTTPConnection(urlsplit(shop.url).netloc, timeout=10)
        for _ in range(2):
            client.request("GET", "/items/1")
            response = client.getresponse()
            response.read()
            yield response.will_close
        client.close()


def test_a_bloated_list_sends_the_whole_catalogue_until_a_restart_fixes_it() -> None:
    with serving("payload.bloat") as shop:
        assert len(Visitor(shop.url).get("/items?size=20").text) > 500_000
        url, dsn = shop.url, shop.standing.watch
        shop.fix()
        assert (shop.url, shop.standing.watch) == (url, dsn)
        assert column(dsn, "SELECT 1") == [1]
        assert len(Visitor(url).get("/items?size=20").json()) == 20
