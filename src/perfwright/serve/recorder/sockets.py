"""WebSockets through the proxy: messages pass both ways, none is recorded.

A load test has no use for them yet, but a page may not work without. The handshake is recorded as
an entry, so that a reader of the recording can say that it was left out.
"""

from __future__ import annotations

import asyncio
import ssl

from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Origin, Subprotocol

from perfwright.serve.recorder.exchange import Exchange

_OWN = frozenset((b"host", b"origin", b"accept-encoding"))
_GOING_AWAY = 1001
_INTERNAL = 1011


async def relay_socket(
    exchange: Exchange,
    scope: Scope,
    receive: Receive,
    send: Send,
    *,
    verify: bool,
) -> None:
    """Until either side closes. A target that refuses the handshake: so do we (403)."""
    await receive()  # websocket.connect
    kept = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in exchange.request_headers
        if name.lower() not in _OWN and not name.lower().startswith(b"sec-websocket")
    ]
    origin = exchange.header(b"origin")
    trusted = _trusted(verify) if exchange.url.startswith("https:") else None
    try:
        async with connect(
            exchange.url.replace("http", "ws", 1),
            additional_headers=kept,
            origin=Origin(origin) if origin else None,
            subprotocols=[Subprotocol(one) for one in scope["subprotocols"]] or None,
            ssl=trusted,
            proxy=None,
            max_size=None,
        ) as target:
            exchange.status, exchange.reason = 101, "Switching Protocols"
            await send({"type": "websocket.accept", "subprotocol": target.subprotocol})
            await _relay(target, receive, send)
    except (OSError, InvalidHandshake, TimeoutError) as error:
        exchange.error = f"{type(error).__name__}: {error}"
        await send({"type": "websocket.close", "code": _INTERNAL})


def _trusted(verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def _relay(target: ClientConnection, receive: Receive, send: Send) -> None:
    ways = (
        asyncio.ensure_future(_to_target(target, receive)),
        asyncio.ensure_future(_to_browser(target, send)),
    )
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _to_target(target: ClientConnection, receive: Receive) -> None:
    while (message := await receive())["type"] == "websocket.receive":
        text = message.get("text")
        await target.send(text if text is not None else message["bytes"])
    await target.close(message.get("code") or _GOING_AWAY)


async def _to_browser(target: ClientConnection, send: Send) -> None:
    try:
        async for message in target:
            kind = "text" if isinstance(message, str) else "bytes"
            await send({"type": "websocket.send", kind: message})
    except ConnectionClosed:
        pass
    await send({"type": "websocket.close", "code": target.close_code or _GOING_AWAY})
