"""A HAR file that is whole at every moment: killed at any time, it holds all requests until then.

{"log": {…, "entries": [ entry, entry, │ entry      ],"pages": […]}}
                                       └ one write puts this over the old tail
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from perfwright.model.errors import StoreError, UsageError, os_reason

Json = Mapping[str, Any]
_READABLE_BY_OWNER = 0o600


class HarFile:
    """Open for appending; a context manager. UsageError: the file exists, or cannot be made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _READABLE_BY_OWNER)
        except FileExistsError:
            raise UsageError(f"--out: {path} exists; name another file, or remove it") from None
        except OSError as error:
            raise UsageError(f"--out: cannot write {path}: {os_reason(error)}") from error
        creator = {"name": "perfwright record", "version": version("perfwright")}
        head = json.dumps({"version": "1.2", "creator": creator})[:-1]
        begin = f'{{"log": {head}, "entries": ['.encode()
        self._tail = _tail(())
        self._end = len(begin)
        _write(self._fd, begin + self._tail, 0)

    def append(self, entry: Json, pages: Sequence[Json]) -> None:
        """Puts an entry at the end. StoreError: the disk is full; the file is as it was."""
        before = ",\n" if self.entries else "\n"
        added = (before + json.dumps(entry, ensure_ascii=False)).encode("utf-8", "replace")
        tail = _tail(pages)
        try:
            _write(self._fd, added + tail, self._end)
            os.ftruncate(self._fd, self._end + len(added) + len(tail))
        except OSError as error:
            os.ftruncate(self._fd, self._end)
            _write(self._fd, self._tail, self._end)
            raise StoreError(f"record: cannot write {self.path}: {os_reason(error)}") from error
        self._tail = tail
        self._end += len(added)
        self.entries += 1

    def close(self) -> None:
        os.close(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _tail(pages: Sequence[Json]) -> bytes:
    return f'\n], "pages": {json.dumps(list(pages), ensure_ascii=False)}}}}}\n'.encode(
        "utf-8", "replace"
    )


def _write(fd: int, content: bytes, at: int) -> None:
    """All of it: one call does, unless the disk is full or a signal comes in between."""
    view = memoryview(content)
    while view:
        written = os.pwrite(fd, view, at)
        view, at = view[written:], at + written
