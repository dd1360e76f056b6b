"""A request as slots, and as a `Call` when it is known what stands in them.

What a browser makes by itself (Host, Cookie, Sec-…, Content-Length, conditions of its cache) is not
kept; what the page's code or its user chose is.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote

from perfwright.model.journey import Call, Extraction, Text, Value, Var
from perfwright.sources.correlation.exchanges import Slot
from perfwright.sources.har.bodies import Fill, Sent, sent_of
from perfwright.sources.har.entries import Entry
from perfwright.sources.har.folding import Visit
from perfwright.sources.har.step_names import folded_path, step_name

_BROWSERS_OWN = re.compile(
    r":.*|host|connection|content-length|cookie2?|user-agent|accept-(?:encoding|language|charset)"
    r"|sec-.*|upgrade(?:-insecure-requests)?|cache-control|pragma|if-.*|priority|dnt|te|origin"
    r"|referer|range|keep-alive|transfer-encoding|expect|via|x-forwarded-.*|forwarded|proxy-.*"
    r"|save-data|purpose|x-client-data|access-control-request-.*|x-devtools-.*"
    r"|traceparent|tracestate|baggage|b3|x-b3-.*|sentry-trace|newrelic|x-datadog-.*|x-amzn-trace-id",
    re.IGNORECASE,
)
_USUAL_ACCEPT = re.compile(r"\*/\*|text/html.*|image/.*|text/css.*|application/json, \*/\*.*")
_SAFE = "~!$&'()*+,;=:@-._"
_BASIC = ("username", "password")
_SCHEME = re.compile(r"(?i)(bearer|token|jwt|apikey|api-key) +(?=\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`origin`: "" for the target's own. `query` None: kept in `raw_query`, which is no list of
    names and values. `headers`: (name, what stays before the value, value). `basic`: user and
    password of HTTP's basic authentication."""

    visit: Visit
    origin: str
    segments: tuple[str, ...]
    query: tuple[tuple[str, str], ...] | None
    raw_query: str
    headers: tuple[tuple[str, str, str], ...]
    sent: Sent | None
    basic: tuple[str, str] | None = None

    @property
    def entry(self) -> Entry:
        return self.visit.first

    def slots(self) -> Iterator[Slot]:
        before = ""
        for index, segment in enumerate(self.segments):
            plain = unquote(segment)
            yield Slot(key=("path", index), name=before, value=plain, in_path=True)
            before = plain
        for index, (name, value) in enumerate(self.query or ()):
            yield Slot(key=("query", index), name=name, value=value)
        for index, (name, scheme, value) in enumerate(self.headers):
            told = f"{scheme.strip()} token" if scheme else name
            yield Slot(key=("header", index), name=told, value=value)
        if self.raw_query:
            yield Slot(key=("raw",), name="", value=self.raw_query)
        for name, value in zip(_BASIC, self.basic or (), strict=False):
            yield Slot(key=("auth", name), name=name, value=value)
        if self.sent is not None:
            yield from self.sent.slots()

    def call(self, fill: Fill, extracts: tuple[Extraction, ...]) -> Call:
        segments = [fill(("path", index), segment) for index, segment in enumerate(self.segments)]
        raw = ("?", *_parts(fill(("raw",), self.raw_query))) if self.raw_query else ()
        pieces: list[str | Var] = [self.origin, *_path_parts(segments), *raw]
        auth = [
            fill(("auth", name), value)
            for name, value in zip(_BASIC, self.basic or (), strict=False)
        ]
        query = enumerate(self.query or ())
        status = self.visit.last.status
        return Call(
            name=step_name(self.entry, [isinstance(one, str) for one in segments], self.sent),
            method=self.entry.method,
            url=Text(tuple(_joined(pieces))),
            params=tuple((name, fill(("query", index), value)) for index, (name, value) in query),
            headers=tuple(self._filled_headers(fill)),
            body=self.sent.body(fill) if self.sent is not None else None,
            auth=(auth[0], auth[1]) if auth else None,
            statuses=(status,) if 400 <= status < 500 else (),
            extracts=extracts,
            comment=self._comment(status),
        )

    def _filled_headers(self, fill: Fill) -> Iterator[tuple[str, Value]]:
        for index, (name, scheme, value) in enumerate(self.headers):
            filled = fill(("header", index), value)
            if scheme and isinstance(filled, str):
                filled = scheme + filled
            elif scheme:
                filled = Text((scheme, *_parts(filled)))
            yield name, filled

    def _comment(self, status: int) -> str:
        hops = len(self.visit.hops) - 1
        if status >= 400:
            return f"answered {status} when it was recorded"
        return f"redirected to {folded_path(self.visit.last.url.path)}" if hops else ""


def request_of(visit: Visit, main: str) -> Request:
    """`main`: the target's origin."""
    entry = visit.first
    query: tuple[tuple[str, str], ...] | None = tuple(
        parse_qsl(entry.url.query, keep_blank_values=True)
    )
    if entry.url.query and not all("=" in part for part in entry.url.query.split("&")):
        query = None
    sent = sent_of(entry.posted)
    return Request(
        visit=visit,
        origin="" if entry.origin == main else entry.origin,
        segments=tuple(entry.url.path.removeprefix("/").split("/")),
        query=query,
        raw_query=entry.url.query if query is None else "",
        headers=tuple(_kept_headers(entry, sent)),
        sent=sent,
        basic=_basic(entry.header("authorization")),
    )


def _kept_headers(entry: Entry, sent: Sent | None) -> Iterator[tuple[str, str, str]]:
    for name, value in entry.headers:
        lowered = name.lower()
        if _BROWSERS_OWN.fullmatch(name) or not re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name):
            continue
        if lowered == "authorization" and _basic(value) is not None:
            continue
        if lowered == "accept" and _USUAL_ACCEPT.fullmatch(value):
            continue
        if lowered == "content-type" and (sent is None or _is_implied(value, sent)):
            continue
        scheme = _SCHEME.match(value) if lowered.endswith("authorization") else None
        before = scheme[0] if scheme else ""
        spelled = "-".join(map(str.capitalize, name.split("-"))) if name == lowered else name
        yield spelled, before, value[len(before) :]


def _is_implied(mime: str, sent: Sent) -> bool:
    kind, _, rest = mime.lower().partition(";")
    if sent.kind == "json":
        return kind.strip() == "application/json" and rest.strip() in ("", "charset=utf-8")
    return sent.kind in ("form", "multipart")


def _basic(value: str) -> tuple[str, str] | None:
    scheme, _, coded = value.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(coded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (user, password) if colon else None


def _parts(value: Value) -> tuple[str | Var, ...]:
    if isinstance(value, Text):
        return value.parts
    return (value if isinstance(value, Var) else str(value),)


def _path_parts(segments: list[Value]) -> Iterator[str | Var]:
    for segment in segments:
        yield "/"
        for part in _parts(segment):
            is_plain = isinstance(part, str) and isinstance(segment, Text)
            yield quote(part, safe=_SAFE) if is_plain and isinstance(part, str) else part


def _joined(parts: list[str | Var]) -> Iterator[str | Var]:
    """Neighbouring texts as one."""
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        if text:
            yield text
        yield part
        text = ""
    if text:
        yield text
