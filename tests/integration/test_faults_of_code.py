"""Faults that live in the shop's own code, over SQLite: it serves before and after the fix."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from support.shop_client import Visitor

from perfwright.lab.launch import ShopProcess, start_shop

FAULTS = (
    "code.hot_function",
    "cpu.throttled",
    "gc.pressure",
    "latency.periodic_stall",
    "lock.contention",
    "log.sync_io",
    "memory.leak",
    "thread_pool.exhausted",
)
MIGHT_BE_REFUSED = {"cpu.throttled"}
"""Needs root on Linux, or cpulimit."""


@pytest.fixture(params=FAULTS)
def shop(request: pytest.FixtureRequest) -> Iterator[ShopProcess]:
    if request.param in MIGHT_BE_REFUSED and not may_limit_cpu():
        pytest.skip("no CPU quota may be set here")
    with start_shop(fault=request.param, db="sqlite", orders=10) as process:
        yield process


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


def test_the_mistaken_shop_serves_its_visitors_and_the_mended_one_does(shop: ShopProcess) -> None:
    buy_two(shop.url)
    shop.fix()
    buy_two(shop.url)


def test_threads_are_as_many_as_the_pool_has_however_many_visitors_ask() -> None:
    with start_shop(fault="thread_pool.exhausted", db="sqlite", orders=10) as shop:
        at_rest = psutil.Process(shop.pid).num_threads()
        with ThreadPoolExecutor(12) as visitors:
            list(visitors.map(lambda _: Visitor(shop.url).get("/items/1"), range(24)))
        assert psutil.Process(shop.pid).num_threads() == at_rest + 4


def test_memory_grows_with_every_item_page() -> None:
    with start_shop(fault="memory.leak", db="sqlite", orders=10) as shop:
        buy_two(shop.url)
        before_bytes = psutil.Process(shop.pid).memory_info().rss
        for _ in range(200):
            Visitor(shop.url).get("/items/1")
        assert psutil.Process(shop.pid).memory_info().rss - before_bytes > 200 * 25_000


@pytest.mark.skipif(not may_limit_cpu(), reason="no CPU quota may be set here")
def test_the_shop_uses_up_its_quota_and_its_cgroup_goes_with_it() -> None:
    with start_shop(fault="cpu.throttled", db="sqlite", orders=10) as shop:
        lines = Path(f"/proc/{shop.pid}/cgroup").read_text().splitlines()
        path = next(
            line.split(":", 2)[2] for line in lines if "cpu" in line.split(":")[1].split(",")
        )
        group = Path("/sys/fs/cgroup/cpu" + path)
        quota_us = int((group / "cpu.cfs_quota_us").read_text())
        assert quota_us == 0.3 * int((group / "cpu.cfs_period_us").read_text())
        for _ in range(300):
            Visitor(shop.url).get("/items?size=100")
        counted = dict(line.split() for line in (group / "cpu.stat").read_text().splitlines())
        assert int(counted["nr_throttled"]) > 0
    assert not group.exists()
