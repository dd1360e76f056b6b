"""A small site with all that a recording proxy must get right: absolute links, cookies for a
domain, redirects, packed pages, uploads in chunks, WebSockets, and answers that take their time."""

from __future__ import annotations

import asyncio
import gzip
import secrets
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from support.certificates import KeyPair


def token_in(page: str) -> str:
    """The form's token: new with every page, and the same as the cookie that comes with it."""
    return page.partition("name=csrf value='")[2].partition("'")[0]


async def _form(request: Request) -> Response:
    """A page with an absolute link, packed, and a cookie for its domain only over HTTPS."""
    base = str(request.base_url).rstrip("/")
    token = secrets.token_hex(8)
    page = (
        f"<title>Log in</title><a href='{base}/home'>home</a>"
        f"<form method=post action='{base}/login'><input type=hidden name=csrf value='{token}'>"
        "<input name=user><input name=password></form>"
        "<script>document.title = document.links[0].href</script>"
    )
    headers = {
        "content-encoding": "gzip",
        "content-security-policy": f"default-src 'self' 'unsafe-inline' {base};"
        " upgrade-insecure-requests",
        "set-cookie": f"sid={token}; Domain={request.url.hostname}; Path=/; Secure",
        "strict-transport-security": "max-age=99",
    }
    return Response(gzip.compress(page.encode()), media_type="text/html", headers=headers)


async def _login(request: Request) -> Response:
    form = (await request.body()).decode()
    knows = f"csrf={request.cookies.get('sid')}" in form
    same = request.headers.get("origin", str(request.base_url)[:-1]) == str(request.base_url)[:-1]
    where = "home" if knows and same else "refused"
    return RedirectResponse(f"{request.base_url}{where}", status_code=303)


async def _refused(_: Request) -> Response:
    return JSONResponse({"error": "no such token"}, status_code=403)


async def _told(request: Request) -> Response:
    body = await request.body()
    return JSONResponse(
        {
            "path": request.url.path,
            "host": request.headers["host"],
            "query": request.url.query,
            "body": body.decode("latin-1"),
            "headers": sorted(request.headers.keys()),
        }
    )


async def _events(_: Request) -> Response:
    async def events() -> AsyncIterator[bytes]:
        while True:
            yield b"data: tick\n\n"
            await asyncio.sleep(0.02)

    return StreamingResponse(events(), media_type="text/event-stream")


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(f"you said {await socket.receive_text()}")
    await socket.send_bytes(await socket.receive_bytes())
    await socket.close(4001)


_ROUTES = [
    Route("/", _form),
    Route("/login", _login, methods=["POST"]),
    Route("/refused", _refused),
    Route("/events", _events),
    WebSocketRoute("/socket", _socket),
    Route("/{path:path}", _told, methods=["GET", "POST", "PUT"]),
]


@contextmanager
def sample_site(tls: KeyPair | None = None) -> Iterator[str]:
    """Its base URL; over TLS if it has a certificate."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        Starlette(routes=_ROUTES),
        log_config=None,
        log_level="critical",
        timeout_graceful_shutdown=0,
        ssl_certfile=tls and tls.cert,
        ssl_keyfile=tls and tls.key,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
