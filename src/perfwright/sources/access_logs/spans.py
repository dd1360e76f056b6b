"""Traces as a log: the server spans of HTTP in OTLP's or Jaeger's JSON, a JSON line each.

OTLP https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: a document, or one a line as
the collector's file exporter writes. Jaeger: what its query service and its page download. Names of
attributes are those of the semantic conventions for HTTP, the stable ones and those before.

Of a trace through several services only the first server counts: what it asks of others is no
request of a visitor. `_MOST_BYTES` bounds what is held at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from perfwright.model.errors import DataError

MARK = "perfwright_span"
"""The key by which the lines that are written here are known."""
_OTLP = re.compile(rb'\s*\{\s*"resourceSpans"\s*:')
_JAEGER = re.compile(rb'\s*\{\s*"data"\s*:\s*\[\s*\{\s*"traceID"\s*:')
_MOST_BYTES = 512 * 1024 * 1024
_SERVER = (2, "2", "SPAN_KIND_SERVER")
_NAMES: Mapping[str, tuple[str, ...]] = {
    "method": ("http.request.method", "http.method"),
    "target": ("http.target", "url.full", "http.url"),
    "path": ("url.path",),
    "query": ("url.query",),
    "status": ("http.response.status_code", "http.status_code"),
    "client": (
        "client.address", "http.client_ip", "network.peer.address", "net.sock.peer.addr",
        "net.peer.ip",
    ),
    "user": ("session.id", "enduser.id", "user.id"),
    "agent": ("user_agent.original", "http.user_agent"),
    "bytes_sent": ("http.response.body.size", "http.response_content_length"),
    "bytes_received": ("http.request.body.size", "http.request_content_length"),
}  # fmt: skip
FIELDS = ("started", "duration_us", *_NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    begin_us: int
    took_us: int | None
    told: Mapping[str, object]


def are_spans(head: bytes) -> bool:
    """By the beginning of a file."""
    return bool(_OTLP.match(head) or _JAEGER.match(head))


def write_span_lines(file: Path, lines: Path) -> str:
    """Returns a note of what was left out. DataError: it is no JSON, or too much of it."""
    first: dict[str, _Span] = {}
    spans = 0
    for document in _documents(file):
        for trace, span in _spans(document):
            spans += 1
            if span and (trace not in first or span.begin_us < first[trace].begin_us):
                first[trace] = span
    if not first:
        raise DataError(
            f"access log: {file} holds {spans:,} spans, of which none is of a server that"
            " answered HTTP (kind SERVER, with http.request.method)"
        )
    with lines.open("w", encoding="utf-8") as target:
        for span in first.values():
            times = {MARK: 1, "started": span.begin_us, "duration_us": span.took_us}
            target.write(json.dumps({**times, **span.told}) + "\n")
    if others := spans - len(first):
        return f"{others:,} spans that are no trace's first of an HTTP server were left out."
    return ""


def _documents(file: Path) -> Iterator[object]:
    """All of a file, or each of its lines."""
    try:
        with file.open("rb") as stream:
            first = stream.readline(_MOST_BYTES)
            try:
                yield json.loads(first)
            except ValueError:
                yield json.loads(first + stream.read(_MOST_BYTES))
            for line in iter(lambda: stream.readline(_MOST_BYTES), b""):
                if line.strip():
                    yield json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"access log: {file} is no JSON of traces: {error}") from error


def _spans(document: object) -> Iterator[tuple[str, _Span | None]]:
    """The trace of each span, and what it tells; None if it is not of an HTTP server."""
    for resource in _list(document, "resourceSpans"):
        for scope in (
            *_list(resource, "scopeSpans"),
            *_list(resource, "instrumentationLibrarySpans"),
        ):
            for span in _list(scope, "spans"):
                yield _trace(span, "traceId"), _of_otlp(span)
    for trace in _list(document, "data"):
        for span in _list(trace, "spans"):
            yield _trace(span, "traceID"), _of_jaeger(span)


def _of_otlp(span: object) -> _Span | None:
    if not isinstance(span, dict) or span.get("kind") not in _SERVER:
        return None
    begin_ns, end_ns = _int(span.get("startTimeUnixNano")), _int(span.get("endTimeUnixNano"))
    attributes = {
        str(one.get("key")): next(iter(one["value"].values()), None)
        for one in _list(span, "attributes")
        if isinstance(one, dict) and isinstance(one.get("value"), dict)
    }
    if begin_ns is None:
        return None
    took_us = None if end_ns is None else (end_ns - begin_ns) // 1000
    return _told(attributes, begin_ns // 1000, took_us)


def _of_jaeger(span: object) -> _Span | None:
    if not isinstance(span, dict):
        return None
    tags = {
        str(one.get("key")): one.get("value")
        for one in _list(span, "tags")
        if isinstance(one, dict)
    }
    begin_us = _int(span.get("startTime"))
    if tags.get("span.kind") != "server" or begin_us is None:
        return None
    return _told(tags, begin_us, _int(span.get("duration")))


def _told(attributes: Mapping[str, object], begin_us: int, took_us: int | None) -> _Span | None:
    found: dict[str, object] = {}
    for field, names in _NAMES.items():
        values = (attributes[name] for name in names if name in attributes)
        found[field] = next((one for one in values if isinstance(one, (str, int))), None)
    if found["method"] is None or (found["target"] is None and found["path"] is None):
        return None
    if found["path"] is not None and found["query"] is not None:
        found["target"] = None
    return _Span(begin_us=begin_us, took_us=took_us, told=found)


def _trace(span: object, key: str) -> str:
    """Its trace; a span that tells none is a trace of its own."""
    named = span.get(key) if isinstance(span, dict) else None
    return str(named) if named else f"none {id(span)}"


def _list(value: object, key: str) -> list[object]:
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, list) else []


def _int(value: object) -> int | None:
    """OTLP writes 64-bit numbers as strings."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and 0 <= value < 2**63 else None
