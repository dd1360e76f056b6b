"""Bodies as they pass: kept up to a bound, unpacked for the recording."""

from __future__ import annotations

import zlib

LARGEST_BYTES = 10_000_000
"""What is kept of a body, packed or not; all of it passes."""


class Captured:
    """The beginning of a body, and its whole size in bytes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._kept = 0
        self.size = 0

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self._kept < LARGEST_BYTES:
            kept = chunk[: LARGEST_BYTES - self._kept]
            self._parts.append(kept)
            self._kept += len(kept)

    @property
    def content(self) -> bytes:
        return b"".join(self._parts)

    @property
    def is_whole(self) -> bool:
        return self._kept == self.size


def unpacked(content: bytes, encoding: str) -> bytes | None:
    """At most `LARGEST_BYTES` of what gzip or deflate holds; None: torn, or another encoding."""
    if encoding in ("", "identity"):
        return content
    if encoding not in ("gzip", "x-gzip", "deflate"):
        return None
    for bits in (47, -15):  # gzip or zlib, told by its head; deflate without a head
        try:
            return zlib.decompressobj(wbits=bits).decompress(content, LARGEST_BYTES)
        except zlib.error:
            continue
    return None
