"""What faults plant, told by structure: the mistaken form of a feature beside the sound one."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from perfwright.lab.shop.extras.bestsellers import CountedBestsellers, SortedBestsellers
from perfwright.lab.shop.extras.carrier import CarrierDays
from perfwright.lab.shop.extras.item_page import Details
from perfwright.lab.shop.extras.journal import BackgroundFile, SafeFile
from perfwright.lab.shop.extras.offers import Offers, ThriftyOffers
from perfwright.lab.shop.extras.price_list import PriceList
from perfwright.lab.shop.extras.seen_lately import SeenLately
from perfwright.lab.shop.extras.stock_levels import (
    ClientPerThread,
    SharedClient,
    WarehouseClient,
)

ITEM = {"id": 5, "title": "oak desk", "price_cents": 4990}


def ask(details: Details, times: int = 1) -> None:
    async def all_at_once() -> None:
        await asyncio.gather(*(details.of(ITEM) for _ in range(times)))

    asyncio.run(all_at_once())


class Piece(int):
    """An item id that counts how often it is compared."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Piece.compared += 1
        return int(self) == other

    __hash__ = int.__hash__


def comparisons(make: Callable[[list[int]], Any], pieces: int) -> int:
    bestsellers = make([Piece(number) for number in range(pieces)])
    Piece.compared = 0
    bestsellers.top(20)
    return Piece.compared


def test_sorting_by_count_takes_quadratic_time_and_a_counter_does_not() -> None:
    small, large = (comparisons(SortedBestsellers, pieces) for pieces in (100, 200))
    assert large > 3.5 * small > 1000
    assert comparisons(CountedBestsellers, 200) < 1000


def test_both_ways_of_ranking_agree() -> None:
    sold = [3, 1, 2, 3, 3, 2]
    assert SortedBestsellers(sold).top(3) == CountedBestsellers(sold).top(3) == [3, 2, 1]


@pytest.mark.parametrize(("threads", "used"), [(2, 2), (6, 6)])
def test_questions_to_the_carrier_take_the_threads_there_are(threads: int, used: int) -> None:
    before = set(threading.enumerate())
    ask(CarrierDays(threads=threads), times=6)
    assert len(set(threading.enumerate()) - before) == used


class BusyWarehouse(WarehouseClient):
    """Notes how many calls are under way at a time, over all clients."""

    under_way = 0
    most = 0

    def pieces(self, item_id: int) -> int:
        cls = BusyWarehouse
        cls.under_way += 1
        cls.most = max(cls.most, cls.under_way)
        try:
            return super().pieces(item_id)
        finally:
            cls.under_way -= 1


@pytest.mark.parametrize("make", [SharedClient, ClientPerThread])
def test_a_shared_client_serves_one_thread_at_a_time(
    make: Callable[[Callable[[], WarehouseClient]], SharedClient | ClientPerThread],
) -> None:
    BusyWarehouse.most = 0
    client = make(BusyWarehouse)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(client.pieces, range(8)))
    assert (BusyWarehouse.most == 1) == (make is SharedClient)


@pytest.mark.parametrize(("make", "collections"), [(ThriftyOffers, 5), (Offers, 0)])
def test_the_thrifty_page_collects_the_whole_heap_each_time(
    make: Callable[[], Details], collections: int
) -> None:
    details = make()
    ask(details)
    gc.disable()
    try:
        before = gc.get_stats()[2]["collections"]
        ask(details, times=5)
        assert gc.get_stats()[2]["collections"] - before == collections
    finally:
        gc.enable()


@pytest.mark.parametrize(("visits", "grows"), [(None, True), (10, False)])
def test_visits_without_a_limit_take_ever_more_memory(visits: int | None, grows: bool) -> None:
    details = SeenLately(visits=visits)
    ask(details, times=20)
    tracemalloc.start()
    try:
        ask(details, times=100)
        grown = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert (grown > 100 * 30_000) is grows


@pytest.mark.parametrize(("make", "waits"), [(SafeFile, 3), (BackgroundFile, 0)])
def test_the_safe_journal_waits_for_the_disk_at_every_line(
    make: Callable[[Path], logging.Handler],
    waits: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    synced = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(fd), fsync(fd)))
    handler = make(tmp_path / "journal.log")
    log = logging.Logger("test", logging.INFO)
    log.addHandler(handler)
    for number in range(3):
        log.info("line %d", number)
    assert len(synced) == waits
    handler.close()
    assert (tmp_path / "journal.log").read_text().splitlines() == ["line 0", "line 1", "line 2"]


def test_the_gentle_price_list_lets_others_run_and_is_the_same() -> None:
    async def turns_of_another() -> tuple[int, str]:
        turns = 0

        async def another() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(another())
        prices = PriceList()
        await prices.make_gently()
        task.cancel()
        return turns, prices.document

    turns, gentle = asyncio.run(turns_of_another())
    at_once = PriceList()
    at_once.make()
    assert turns > 20
    assert gentle == at_once.document
