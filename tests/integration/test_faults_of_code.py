"""Faults in the shop's own code and in how it calls others: it serves before and after the fix."""

from __future__ import annotations

import http.client
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from support.shop_client import Visitor

from perfwright.lab.launch import ShopProcess, start_shop

OTHERS = (
    "code.hot_function",
    "dependency.slow",
    "gc.pressure",
    "latency.periodic_stall",
    "lock.contention",
    "log.sync_io",
)
"""What they plant is shown in `tests/unit/test_lab_extras.py`."""


@contextmanager
def mistaken(fault: str) -> Iterator[ShopProcess]:
    """The shop with the fault; it can be bought at in the end."""
    with start_shop(fault=fault, db="sqlite", orders=10) as shop:
        yield shop
        buy_two(shop.url)


def may_limit_cpu() -> bool:
    return sys.platform == "linux" and Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us").exists()


def buy_two(url: str) -> None:
    visitor = Visitor(url, customer=3)
    assert visitor.get("/items?page=2").status == 200
    found = visitor.get("/search?q=oak").json()
    for item in found[:2]:
        page = visitor.get(f"/items/{item['id']}").json()
        assert item.items() <= page.items()
        assert visitor.post("/cart", {"id": item["id"]}).status == 200
    placed = visitor.post("/orders")
    assert placed.status == 201
    assert len(visitor.get(placed.headers["location"]).json()["lines"]) == 2


@pytest.mark.parametrize("fault", OTHERS)
def test_visitors_can_buy_before_and_after_the_fix(fault: str) -> None:
    with mistaken(fault) as shop:
        buy_two(shop.url)
        shop.fix()


def test_threads_are_as_many_as_the_pool_has_however_many_visitors_ask() -> None:
    with mistaken("thread_pool.exhausted") as shop:
        at_rest = psutil.Process(shop.pid).num_threads()
        assert look_at_once(shop.url, 24) == [200] * 24
        assert psutil.Process(shop.pid).num_threads() == at_rest + 4
        shop.fix()


def test_memory_grows_with_every_item_page() -> None:
    with mistaken("memory.leak") as shop:
        buy_two(shop.url)
        before_bytes = psutil.Process(shop.pid).memory_info().rss
        for _ in range(200):
            Visitor(shop.url).get("/items/1")
        assert psutil.Process(shop.pid).memory_info().rss - before_bytes > 200 * 25_000
        shop.fix()


@pytest.mark.skipif(not may_limit_cpu(), reason="no CPU quota may be set here")
def test_the_shop_has_a_quota_in_a_cgroup_that_goes_with_it() -> None:
    with mistaken("cpu.throttled") as shop:
        lines = Path(f"/proc/{shop.pid}/cgroup").read_text().splitlines()
        path = next(
            line.split(":", 2)[2] for line in lines if "cpu" in line.split(":")[1].split(",")
        )
        group = Path("/sys/fs/cgroup/cpu" + path)
        quota_us = int((group / "cpu.cfs_quota_us").read_text())
        assert quota_us == 0.3 * int((group / "cpu.cfs_period_us").read_text())
        shop.fix()
        assert not group.exists()


def answers_of_supplier(url: str) -> dict[str, int]:
    """Calls that the shop made, by the status of their answer."""
    line = r'^http_client_request_duration_seconds_count\{.*status="(\d+)"\} (\d+)'
    found = re.findall(line, Visitor(url).get("/metrics").text, re.MULTILINE)
    return {status: int(count) for status, count in found}


def look_at_once(url: str, visitors: int) -> list[int]:
    """The statuses that so many visitors got who asked for an item's page at the same moment."""
    address = urlsplit(url).netloc
    connections = [http.client.HTTPConnection(address, timeout=30) for _ in range(visitors)]
    with ExitStack() as stack:
        for connection in connections:
            connection.connect()
            stack.enter_context(closing(connection))
        for connection in connections:
            connection.request("GET", "/items/1")
        answers = [connection.getresponse() for connection in connections]
        for answer in answers:
            answer.read()
    return [answer.status for answer in answers]


def test_calls_that_are_refused_are_repeated_until_they_are_answered() -> None:
    with mistaken("retry.storm") as shop:
        assert look_at_once(shop.url, 10) == [200] * 10
        answers = answers_of_supplier(shop.url)
        assert answers["200"] == 10
        assert answers["503"] > 20
        shop.fix()
        assert look_at_once(shop.url, 10) == [200] * 10
        assert sum(answers_of_supplier(shop.url).values()) == 10


def test_pages_are_refused_only_when_many_are_asked_for_at_once() -> None:
    with mistaken("errors.under_load") as shop:
        assert look_at_once(shop.url, 1) == [200]
        assert 503 in look_at_once(shop.url, 24)
        shop.fix()
        assert look_at_once(shop.url, 24) == [200] * 24


def pages_served(url: str) -> int:
    """Item pages that this shop gave."""
    line = r'^http_server_requests_total\{.*route="/items/\{id\}".*\} (\d+)'
    return sum(map(int, re.findall(line, Visitor(url).get("/metrics").text, re.MULTILINE)))


def test_one_shop_of_three_gets_the_visitors() -> None:
    with mistaken("lb.uneven") as shop:
        assert look_at_once(shop.url, 12) == [200] * 12
        assert sorted(pages_served(url) for url in shop.shop_urls) == [0, 0, 12]
        shop.fix()
        assert look_at_once(shop.url, 12) == [200] * 12
        assert min(pages_served(url) for url in shop.shop_urls) > 0


def lines_to_supplier(shop: ShopProcess) -> int:
    """Connections that the shop keeps to others, one for each call made at the same time."""
    port = int(shop.url.rpartition(":")[2])
    connections = psutil.Process(shop.pid).net_connections("tcp")
    return sum(
        bool(one.raddr) and one.laddr.port != port and one.status == psutil.CONN_ESTABLISHED
        for one in connections
    )


def test_a_blocking_client_asks_for_one_visitor_at_a_time() -> None:
    with mistaken("event_loop.blocked") as shop:
        assert look_at_once(shop.url, 12) == [200] * 12
        assert lines_to_supplier(shop) == 1
        shop.fix()
        assert look_at_once(shop.url, 12) == [200] * 12
        assert lines_to_supplier(shop) > 1
