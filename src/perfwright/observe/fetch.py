"""A bounded GET for probes: so many bytes, so many seconds in all, never a redirect followed.

What is watched may be broken or hostile: a page that never ends, one that drips a byte a second, a
redirect to elsewhere. Each is a ProbeError that says what happened.
"""

from __future__ import annotations

import time

import httpx

from perfwright.model.errors import ProbeError

TIMEOUT_S = 0.8
"""In all: a probe reads once a second."""
MAX_BYTES = 8 << 20


class Fetcher:
    """Keeps one connection to what it watches. `name`: what messages call it."""

    def __init__(self, name: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._name = name
        self._timeout_s = timeout_s
        self._client = httpx.Client(timeout=timeout_s, trust_env=False)

    def text(self, url: str, accept: str) -> str:
        """The body of a 200. ProbeError: anything else."""
        deadline_s = time.monotonic() + self._timeout_s
        try:
            with self._client.stream("GET", url, headers={"Accept": accept}) as answer:
                body = bytearray()
                for piece in answer.iter_bytes():
                    body += piece
                    self._check(len(body), deadline_s)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            told = str(error) or type(error).__name__
            raise ProbeError(
                f"{self._name}: cannot be read ({told}); check the address, and that it answers "
                f"within {self._timeout_s:g} s"
            ) from error
        if answer.status_code != httpx.codes.OK:
            raise ProbeError(f"{self._name}: answered HTTP {answer.status_code}{_hint(answer)}")
        return body.decode("utf-8", errors="replace")

    def close(self) -> None:
        self._client.close()

    def _check(self, received_bytes: int, deadline_s: float) -> None:
        if received_bytes > MAX_BYTES:
            raise ProbeError(f"{self._name}: the answer is larger than {MAX_BYTES >> 20} MiB")
        if time.monotonic() > deadline_s:
            raise ProbeError(
                f"{self._name}: the answer was not complete within {self._timeout_s:g} s"
            )


def _hint(answer: httpx.Response) -> str:
    if answer.status_code in (401, 403):
        return "; put user:password@ into the address"
    if answer.is_redirect:
        return f"; give the address it points to: {answer.headers.get('location', '?')[:200]}"
    return "; check the path"
