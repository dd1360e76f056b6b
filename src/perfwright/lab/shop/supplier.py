"""Asks the supplier (`lab/partner`) how soon an item can be delivered: HTTP over kept connections.

A client of our own, for it costs a tenth of a general one's CPU: what a fault plants shall show,
not the client library.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from perfwright.lab.shop.db import Row

_Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]

OnAnswer = Callable[[str, int, float], object]
"""Hears of each answer: who gave it (`host:port`), its status, and how many seconds it took."""


class SupplierBusy(Exception):
    """It refused the question for now."""


class Supplier:
    """The service at `url`. As many connections as there are questions at a time."""

    def __init__(self, url: str, on_answer: OnAnswer = lambda *_: None) -> None:
        address = urlsplit(url)
        self._host, self._port = str(address.hostname), address.port
        self._on_answer = on_answer
        self._idle: list[_Stream] = []

    async def delivery(self, item_id: int) -> Row:
        """`available` and `days`. SupplierBusy; OSError when it does not answer."""
        started_s = time.perf_counter()
        stream = self._idle.pop() if self._idle else await self._connect()
        reader, writer = stream
        writer.write(
            f"GET /delivery/{item_id} HTTP/1.1\r\nhost: {self._host}:{self._port}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        answer: Row = json.loads(await reader.readexactly(length))
        self._idle.append(stream)
        status = int(head.split(b" ", 2)[1])
        elapsed_s = time.perf_counter() - started_s
        self._on_answer(f"{self._host}:{self._port}", status, elapsed_s)
        if status == 503:
            raise SupplierBusy
        return answer

    async def _connect(self) -> _Stream:
        return await asyncio.open_connection(self._host, self._port)
