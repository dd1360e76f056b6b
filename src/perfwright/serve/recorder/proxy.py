"""The proxy itself: an ASGI application that passes every request on and keeps what passed.

    receive ─► request body ─► target ─► response head ─► body, chunk by chunk ─► send
                   └ captured                                 └ captured    └ recorded, always:
                                                                complete, cut short or refused

HTML is held back until it is whole, so that absolute links in it can be made ours; everything else
streams. A browser that goes away ends its request at the target, too.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from http import HTTPStatus
from urllib.parse import quote

import httpx
from starlette.types import Receive, Scope, Send

from perfwright.serve.recorder.captured import LARGEST_BYTES, unpacked
from perfwright.serve.recorder.exchange import Exchange
from perfwright.serve.recorder.har_entry import Pages
from perfwright.serve.recorder.rewriting import Fronted, Headers
from perfwright.serve.recorder.sockets import relay_socket

Record = Callable[[Exchange, Pages], None]

_TIMEOUTS = {"connect": 10.0, "read": None, "write": None, "pool": None}


class Proxy:
    """`target`: an origin, `http://host[:port]`. `record` gets every exchange once, when it ended.
    `verify`: whether the target's certificate must be valid."""

    def __init__(self, target: str, *, verify: bool, record: Record) -> None:
        self._target = target
        self._record = record
        self._verify = verify
        self._pages = Pages()
        self._transport = httpx.AsyncHTTPTransport(
            verify=verify, limits=httpx.Limits(max_connections=None), trust_env=False
        )

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            exchange = self._begin(scope)
            exchange.is_socket = True
            with self._recorded(exchange):
                await relay_socket(exchange, scope, receive, send, verify=self._verify)
        elif scope["type"] == "http":
            exchange = self._begin(scope)
            self._pages.place(exchange)
            with self._recorded(exchange):
                await self._until_gone(exchange, scope, receive, send)

    def _begin(self, scope: Scope) -> Exchange:
        fronted = self._fronted(scope)
        raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
        target = fronted.request_target(raw_path, scope["query_string"])
        return Exchange(
            method=scope.get("method", "GET"),
            url=self._target + target.decode("latin-1"),
            request_headers=fronted.request_headers(scope["headers"]),
            began_s=time.monotonic(),
        )

    def _fronted(self, scope: Scope) -> Fronted:
        named = (value for name, value in scope["headers"] if name == b"host")
        host = next(named, b"").decode("latin-1")
        if not host:
            address, port = scope["server"]
            host = f"{address}:{port}"
        return Fronted(target=self._target, front=f"http://{host}")

    @contextlib.contextmanager
    def _recorded(self, exchange: Exchange) -> Iterator[None]:
        """However it ends."""
        try:
            yield
        except asyncio.CancelledError:
            exchange.error = exchange.error or "the recording ended while this was under way"
            raise
        finally:
            self._keep(exchange)

    def _keep(self, exchange: Exchange) -> None:
        """Before its last byte goes to the browser, so that whoever has the answer can rely on it
        being in the file."""
        if not exchange.is_recorded:
            exchange.is_recorded = True
            exchange.ended_s = time.monotonic()
            self._pages.passed(exchange)
            self._record(exchange, self._pages)

    async def _until_gone(
        self, exchange: Exchange, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Relays until all has passed, or the browser is gone."""
        body = _RequestBody(exchange, scope, receive)
        relay = asyncio.ensure_future(self._relay(exchange, scope, body, send))
        leaving = asyncio.ensure_future(body.until_gone())
        try:
            await asyncio.wait((relay, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not relay.done():
                exchange.error = "the browser went away"
        finally:
            relay.cancel()
            leaving.cancel()
            await asyncio.gather(relay, leaving, return_exceptions=True)

    async def _relay(
        self, exchange: Exchange, scope: Scope, body: _RequestBody, send: Send
    ) -> None:
        request = httpx.Request(
            exchange.method,
            self._target,
            headers=exchange.request_headers,
            content=body.chunks() if body.is_expected else None,
            extensions={
                "target": exchange.url.removeprefix(self._target).encode("latin-1"),
                "timeout": _TIMEOUTS,
            },
        )
        try:
            response = await self._transport.handle_async_request(request)
        except (httpx.TransportError, OSError, _Gone) as error:
            exchange.error = f"{type(error).__name__}: {error}"
            await _refuse(exchange, send)
            return
        exchange.first_byte_s = time.monotonic()
        exchange.status = response.status_code
        exchange.reason = response.reason_phrase
        exchange.response_headers = list(response.headers.raw)
        try:
            await self._answer(exchange, response, self._fronted(scope), send)
        except (httpx.TransportError, OSError) as error:
            exchange.error = f"the answer broke off: {error}"
        finally:
            await response.aclose()

    async def _answer(
        self, exchange: Exchange, response: httpx.Response, fronted: Fronted, send: Send
    ) -> None:
        headers = fronted.response_headers(exchange.response_headers)
        told = exchange.response_header(b"content-length")
        whole_bytes = int(told) if told.isdigit() else -1
        held: list[bytes] | None = [] if _is_page(exchange) else None
        if held is None:
            await _begin_answer(exchange.status, headers, send)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        async for chunk in response.stream:
            exchange.response_body.add(chunk)
            if held is not None:
                held.append(chunk)
                if exchange.response_body.size <= LARGEST_BYTES:
                    continue
                await _begin_answer(exchange.status, headers, send)
                chunk, held = b"".join(held), None
            if exchange.response_body.size == whole_bytes:
                self._keep(exchange)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        self._keep(exchange)
        page = b""
        if held is not None:
            page, headers = _as_ours(b"".join(held), headers, exchange, fronted)
            await _begin_answer(exchange.status, headers, send)
        await send({"type": "http.response.body", "body": page, "more_body": False})


class _Gone(Exception):
    """The browser went away in the middle of its request."""


class _RequestBody:
    """What the browser sends, and then whether it is still there."""

    def __init__(self, exchange: Exchange, scope: Scope, receive: Receive) -> None:
        self._exchange = exchange
        self._receive = receive
        told = dict(scope["headers"])
        self.is_expected = told.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in told
        self._is_read = asyncio.Event()
        if not self.is_expected:
            self._is_read.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise _Gone("the browser went away in the middle of its request")
            self._exchange.request_body.add(message.get("body", b""))
            more = message.get("more_body", False)
            yield message.get("body", b"")
        self._is_read.set()

    async def until_gone(self) -> None:
        await self._is_read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _is_page(exchange: Exchange) -> bool:
    return exchange.method != "HEAD" and "text/html" in exchange.response_header(b"content-type")


def _as_ours(
    content: bytes, headers: Headers, exchange: Exchange, fronted: Fronted
) -> tuple[bytes, Headers]:
    """A page with the target's addresses as ours; as it is where it holds none."""
    plain = unpacked(content, exchange.response_header(b"content-encoding").lower().strip())
    if plain is None or not content:
        return content, headers
    ours = fronted.to_front(plain.decode("latin-1")).encode("latin-1")  # bytes stay what they are
    if ours == plain:
        return content, headers
    changed = (b"content-length", b"content-encoding", b"content-md5", b"etag")
    kept = [(name, value) for name, value in headers if name.lower() not in changed]
    return ours, [*kept, (b"content-length", str(len(ours)).encode())]


async def _begin_answer(status: int, headers: Headers, send: Send) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _refuse(exchange: Exchange, send: Send) -> None:
    """502, in words; the recording says that there was no answer."""
    status = HTTPStatus.BAD_GATEWAY
    remedy = "--insecure accepts it\n" if "certificate" in exchange.error.lower() else ""
    told = f"perfwright record: no answer from the target\n{exchange.error}\n{remedy}"
    body = told.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await _begin_answer(status, headers, send)
    await send({"type": "http.response.body", "body": body, "more_body": False})
