"""Fetches what a document refers to elsewhere; only used when the user allowed it."""

from __future__ import annotations

from perfwright.model.errors import DataError
from perfwright.sources.openapi.notes import shown

TIMEOUT_S = 10.0
MAX_BYTES = 20_000_000


def fetch(address: str) -> bytes:
    """At most 20 MB of an `http(s)` address. DataError: no answer, a bad status, or too much."""
    import httpx

    content = bytearray()
    try:
        with httpx.stream("GET", address, timeout=TIMEOUT_S, follow_redirects=True) as answer:
            answer.raise_for_status()
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > MAX_BYTES:
                    raise DataError(
                        f"{shown(address)}: more than {MAX_BYTES / 1e6:.0f} MB; save it beside the"
                        " document and refer to the file"
                    )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DataError(f"{shown(address)}: cannot be fetched: {error}") from None
    return bytes(content)
