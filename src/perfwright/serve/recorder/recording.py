"""Records until told to stop: Ctrl-C, SIGTERM, or when the time is up."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from perfwright.model.errors import StoreError, UsageError, os_reason
from perfwright.serve.recorder.exchange import Exchange
from perfwright.serve.recorder.har_entry import Pages, entry_of
from perfwright.serve.recorder.har_file import HarFile
from perfwright.serve.recorder.proxy import Proxy

_GRACE_S = 1
_LONGEST_HEAD_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOptions:
    """`listen`: HOST:PORT, port 0 takes a free one. `for_s`: None records until told to stop."""

    target: str
    listen: str
    out: Path
    for_s: float | None = None
    insecure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """`entries`: requests. `pages`: navigations."""

    path: Path
    target: str
    entries: int
    pages: int


def record(
    options: RecordOptions,
    *,
    ready: Callable[[str], None] = lambda _: None,
    seen: Callable[[Exchange], None] = lambda _: None,
) -> Recorded:
    """Serves until stopped; `ready` hears the address to open, `seen` of every request. Raises
    UsageError: an address is none or taken, the file exists; StoreError: the disk is full."""
    target, start = _origin_of(options.target)
    with _listening(options.listen) as listener, HarFile(options.out) as file:
        host, port = listener.getsockname()[:2]
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if urlsplit(target).netloc == address:
            raise UsageError(f"--target: {target} is where this listens itself; name another")
        return asyncio.run(
            _serve(target, listener, file, options, f"http://{address}{start}", ready, seen)
        )


async def _serve(
    target: str,
    listener: socket.socket,
    file: HarFile,
    options: RecordOptions,
    address: str,
    ready: Callable[[str], None],
    seen: Callable[[Exchange], None],
) -> Recorded:
    failures: list[StoreError] = []
    pages = Pages()

    def keep(exchange: Exchange, known: Pages) -> None:
        nonlocal pages
        pages = known
        if failures:
            return
        try:
            file.append(entry_of(exchange), known.known)
        except StoreError as error:
            failures.append(error)
            server.should_exit = True
        seen(exchange)

    proxy = Proxy(target, verify=not options.insecure, record=keep)
    server = _Server(proxy, lambda: ready(address))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    if options.for_s is not None:
        loop.call_later(options.for_s, server.stop)
    try:
        await server.serve(sockets=[listener])
    finally:
        await proxy.aclose()
    if failures:
        raise failures[0]
    return Recorded(path=file.path, target=target, entries=file.entries, pages=len(pages.known))


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again at its end."""

    def __init__(self, proxy: Proxy, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                proxy,
                log_config=None,
                log_level="critical",
                access_log=False,
                lifespan="off",
                server_header=False,
                date_header=False,
                proxy_headers=False,
                h11_max_incomplete_event_size=_LONGEST_HEAD_BYTES,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()

    def stop(self) -> None:
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True


def _origin_of(target: str) -> tuple[str, str]:
    """Origin, and where to begin there."""
    try:
        parts = urlsplit(target if "://" in target else f"http://{target}")
        _ = parts.port
    except ValueError as error:
        raise UsageError(f"--target: {target!r} is no address: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"--target: {target!r} is no address; write http://127.0.0.1:8000")
    query = f"?{parts.query}" if parts.query else ""
    netloc = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{netloc}", f"{parts.path or '/'}{query}"


@contextlib.contextmanager
def _listening(listen: str) -> Iterator[socket.socket]:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isdigit() or int(port) > 65535:
        raise UsageError(f"--listen: {listen!r} is no HOST:PORT; write 127.0.0.1:8888")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, int(port)), family=family)
    except OSError as error:
        raise UsageError(
            f"--listen: cannot listen on {listen} ({os_reason(error)}); try port 0"
        ) from None
    with listener:
        yield listener
