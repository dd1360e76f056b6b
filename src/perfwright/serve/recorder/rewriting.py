"""Addresses and cookies on their way through the proxy, so that a browser stays on it.

                      browser's side (front)                     target's side
    Host, Origin      http://127.0.0.1:8888                 ►    https://shop.example
    Location, links   http://127.0.0.1:8888/cart            ◄    https://shop.example/cart
    Set-Cookie        a=1; Path=/                           ◄    a=1; Path=/; Secure; Domain=…

What asks a browser to come by HTTPS next time (HSTS, Alt-Svc, upgrade-insecure-requests) is left
out, and so is what asks the target for less than the whole answer (conditions, br, zstd).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

Headers = list[tuple[bytes, bytes]]

_HOP_BY_HOP = frozenset(
    (
        b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
        b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
    )
)  # fmt: skip
_CONDITIONS = frozenset((b"if-none-match", b"if-modified-since", b"accept-encoding"))
_TO_HTTPS = frozenset((b"strict-transport-security", b"alt-svc", b"public-key-pins"))
_LINKED = frozenset(
    (b"location", b"content-location", b"refresh", b"access-control-allow-origin", b"link",
     b"content-security-policy", b"content-security-policy-report-only")
)  # fmt: skip
_END = r"(?![\w.:-])"
"""So that shop.example is not found in shop.example.org."""
_UPGRADE = re.compile(r"\s*(?:upgrade-insecure-requests|block-all-mixed-content)\s*;?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fronted:
    """`target`: origin and its base path, like `https://shop.example`; `front`: how the browser
    calls us."""

    target: str
    front: str

    def request_headers(self, headers: Sequence[tuple[bytes, bytes]]) -> Headers:
        """As the target is to see them."""
        host = urlsplit(self.target).netloc.rpartition("@")[2].encode()
        kept: Headers = [(b"host", host), (b"accept-encoding", b"gzip, deflate")]
        dropped = _HOP_BY_HOP | _named_by_connection(headers) | _CONDITIONS | {b"host"}
        for name, value in headers:
            lowered = name.lower()
            if lowered in (b"origin", b"referer"):
                value = self._to_target(value.decode("latin-1")).encode("latin-1")
            if lowered not in dropped:
                kept.append((name, value))
        return kept

    def request_target(self, raw_path: bytes, query: bytes) -> bytes:
        """Path and query; addresses of ours in the query become the target's."""
        for mine, theirs in self._spellings():
            query = query.replace(mine.encode(), theirs.encode())
        return raw_path + (b"?" + query if query else b"")

    def response_headers(self, headers: Sequence[tuple[bytes, bytes]]) -> Headers:
        """As the browser is to see them."""
        kept: Headers = []
        dropped = _HOP_BY_HOP | _named_by_connection(headers) | _TO_HTTPS
        for name, value in headers:
            lowered = name.lower()
            if lowered in dropped:
                continue
            if lowered == b"set-cookie":
                value = self._cookie(value.decode("latin-1")).encode("latin-1")
            elif lowered in _LINKED:
                told = self.to_front(value.decode("latin-1"))
                told = _UPGRADE.sub("", told) if b"security" in lowered else told
                value = told.encode("latin-1", "replace")
            kept.append((name, value))
        return kept

    def to_front(self, text: str) -> str:
        """A header's value or a page with the target's addresses as ours."""
        for mine, theirs in self._spellings():
            text = re.sub(re.escape(theirs) + _END, mine.replace("\\", r"\\"), text)
        host, ours = (re.escape(urlsplit(self.target).netloc), urlsplit(self.front).netloc)
        return re.sub(rf"""(^|["'(=\s])//{host}{_END}""", rf"\g<1>//{ours}", text)

    def _to_target(self, text: str) -> str:
        return text.replace(self.front, self.target, 1) if text.startswith(self.front) else text

    def _spellings(self) -> Iterator[tuple[str, str]]:
        yield self.front, self.target
        yield quote(self.front, safe=""), quote(self.target, safe="")
        yield self.front.replace("/", "\\/"), self.target.replace("/", "\\/")

    def _cookie(self, cookie: str) -> str:
        first, *attributes = cookie.split(";")
        is_bound = first.strip().startswith(("__Host-", "__Secure-"))
        kept = [first]
        for attribute in attributes:
            told = attribute.strip().lower().replace(" ", "")
            is_https = told == "secure" or told == "samesite=none"
            if told.startswith("domain=") or (is_https and not is_bound):
                continue
            kept.append(attribute)
        return ";".join(kept)


def _named_by_connection(headers: Sequence[tuple[bytes, bytes]]) -> frozenset[bytes]:
    """RFC 9110 §7.6.1."""
    told = (value for name, value in headers if name.lower() == b"connection")
    return frozenset(part.strip().lower() for value in told for part in value.split(b","))
