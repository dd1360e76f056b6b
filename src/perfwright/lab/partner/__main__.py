"""`python -m perfwright.lab.partner --settings-fd N`: answers any GET after a fixed delay.

HTTP/1.1 with keep-alive over asyncio, some 50 µs of CPU a request, so that it is slow only as it is
told to be. Settings (one JSON object): `delay_ms`. When it serves, a JSON line `{"url": …}` goes to
stdout. It stops at SIGTERM or when its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

_BODY = json.dumps({"available": True, "days": 2}).encode()
_ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(_BODY)
) + _BODY


class _Connection(asyncio.Protocol):
    """One client's connection; it sends a request only when it has the last answer."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._received = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._received.endswith(b"\r\n\r\n"):
            self._received = b""
            asyncio.get_running_loop().call_later(self._delay_s, self._answer)

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(_ANSWER)


async def _serve(delay_s: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(delay_s), "127.0.0.1", 0, backlog=2048)
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
        settings = json.load(pipe)
    asyncio.run(_serve(settings["delay_ms"] / 1000))


if __name__ == "__main__":
    main()
