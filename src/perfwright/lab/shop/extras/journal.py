"""Notes each step of a request, for whoever must account for it: lines of JSON in a file.

    come in ─► answer begun ─► answer sent ─► done

    SafeFile         a line is on the disk before anything else happens
    BackgroundFile   a thread of its own writes what has gathered

The file is in /var/tmp, which is kept on a disk where /tmp may be memory; it goes when the shop
ends.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
import queue
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class SafeFile(logging.FileHandler):
    """Loses no line, even when the machine does."""

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        assert self.stream is not None  # opened by the first emit
        os.fsync(self.stream.fileno())


class BackgroundFile(logging.handlers.QueueHandler):
    """Hands lines to a thread that writes them."""

    def __init__(self, path: Path) -> None:
        lines: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
        super().__init__(lines)
        self._file = logging.FileHandler(path)
        self._writer = logging.handlers.QueueListener(lines, self._file)
        self._writer.start()

    def close(self) -> None:
        """Returns when all lines are written."""
        self._writer.stop()
        self._file.close()
        super().close()


class Journal:
    """The application, with its requests noted through what `handler` makes of a path."""

    def __init__(self, app: ASGIApp, handler: Callable[[Path], logging.Handler]) -> None:
        self._app = app
        self._folder = tempfile.TemporaryDirectory(prefix="shop-journal-", dir=_disk())
        self._log = logging.Logger("shop.journal", logging.INFO)
        self._log.addHandler(handler(Path(self._folder.name) / "journal.log"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def noted_send(message: Message) -> None:
            self._note(message["type"], scope)
            await send(message)

        self._note("http.request", scope)
        await self._app(scope, receive, noted_send)
        self._note("http.done", scope)

    def _note(self, step: str, scope: Scope) -> None:
        line = {"at": time.time(), "step": step, "method": scope["method"], "path": scope["path"]}
        self._log.info("%s", json.dumps(line))


def _disk() -> str | None:
    kept = "/var/tmp"
    return kept if os.access(kept, os.W_OK) else None
