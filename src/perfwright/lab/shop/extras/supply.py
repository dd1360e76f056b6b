"""How soon an item can be delivered: `delivery` on its page, asked of the supplier over HTTP.

    Supply         waits for the answer, others being served meanwhile
    PlainSupply    the same with the standard library's client
    EagerSupply    asks again until it gets an answer
    ModestSupply   asks once; a page without it is better than none
    BoundedSupply  has so many lines to the supplier; gives up when none is free for a moment

A supplier that cannot be reached is an error of the shop's, status 500.
"""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from perfwright.lab.shop.db import Row
from perfwright.lab.shop.errors import ShopError
from perfwright.lab.shop.supplier import Supplier, SupplierBusy

_PATIENCE_S = 0.010


class Supply:
    def __init__(self, supplier: Supplier) -> None:
        self._supplier = supplier

    async def of(self, item: Row) -> Mapping[str, object]:
        return {"delivery": await self._supplier.delivery(item["id"])}


class PlainSupply:
    """The supplier at `url`."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc)

    async def of(self, item: Row) -> Mapping[str, object]:
        self._connection.request("GET", f"/delivery/{item['id']}")
        return {"delivery": json.load(self._connection.getresponse())}


class EagerSupply(Supply):
    async def of(self, item: Row) -> Mapping[str, object]:
        while True:
            try:
                return await super().of(item)
            except SupplierBusy:
                continue


class ModestSupply(Supply):
    async def of(self, item: Row) -> Mapping[str, object]:
        try:
            return await super().of(item)
        except SupplierBusy:
            return {"delivery": None}


class BoundedSupply(Supply):
    def __init__(self, supplier: Supplier, *, lines: int) -> None:
        super().__init__(supplier)
        self._free = asyncio.Semaphore(lines)

    async def of(self, item: Row) -> Mapping[str, object]:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._free.acquire()
        except TimeoutError:
            raise ShopError(503, "service_unavailable", "no line to the supplier") from None
        try:
            return await super().of(item)
        finally:
            self._free.release()
