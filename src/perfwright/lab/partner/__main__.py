"""`python -m perfwright.lab.partner --settings-fd N`: answers any GET after a fixed delay.

HTTP/1.1 with keep-alive over asyncio, some 50 µs of CPU a request, so that it is slow only as it is
told to be. Settings are those of `desk.Desk`, as JSON. When it serves, a JSON line `{"url": …}`
goes to stdout. It stops at SIGTERM or when its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from http import HTTPStatus

from perfwright.lab.partner.desk import Desk


def _answer(status: HTTPStatus, body: object) -> bytes:
    text = json.dumps(body)
    return (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(text)}\r\n\r\n{text}"
    ).encode()


_TOLD = _answer(HTTPStatus.OK, {"available": True, "days": 2})
_BUSY = _answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "busy"})


class _Connection(asyncio.Protocol):
    """One client's connection; it sends a request only when it has the last answer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._received = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._received.endswith(b"\r\n\r\n"):
            self._received = b""
            if not self._desk.ask(lambda: self._send(_TOLD)):
                self._send(_BUSY)

    def _send(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


async def _serve(desk: Desk) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(desk), "127.0.0.1", 0, backlog=2048)
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    loop.add_reader(0, stopped.set)  # nobody writes to us: it is the end
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"url": f"http://127.0.0.1:{port}"}), flush=True)
    await stopped.wait()
    server.close()


def main() -> None:
    _, _, fd = sys.argv[1].partition("=")
    with os.fdopen(int(fd)) as pipe:
        desk = Desk(**json.load(pipe))
    asyncio.run(_serve(desk))


if __name__ == "__main__":
    main()
