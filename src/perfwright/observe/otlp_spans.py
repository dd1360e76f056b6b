"""A span of OTLP as one of ours: times since the run's origin, its statement without values.

Attributes are those of OpenTelemetry's semantic conventions, the present names and those that they
replaced (db.system / db.system.name, db.statement / db.query.text, code.filepath / code.file.path).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfwright.model.statements import normalize
from perfwright.model.units import NS_PER_S
from perfwright.model.watched import Component, Span

UNKNOWN_SERVICE = "unknown_service"
_DAY_NS = 86_400 * NS_PER_S

_KINDS = ("internal", "internal", "server", "client", "producer", "consumer")
_KEY_VALUE = ("redis", "valkey", "memcached")
_ERROR = 2
_MAX_NAME = 200
_MAX_TEXT = 8000


_MEANING = {
    "service.name": "service",
    "telemetry.sdk.language": "language",
    "process.runtime.name": "runtime",
    "process.runtime.version": "version",
    "process.executable.name": "executable",
    "process.pid": "pid",
    "db.system.name": "system",
    "db.system": "system",
    "db.query.text": "statement",
    "db.statement": "statement",
    "code.file.path": "file",
    "code.filepath": "file",
    "code.line.number": "line",
    "code.lineno": "line",
    "code.function.name": "function",
    "code.function": "function",
    "service.peer.name": "peer",
    "peer.service": "peer",
    "server.address": "host",
    "net.peer.name": "host",
    "net.sock.peer.addr": "address",
    "net.peer.ip": "address",
    "server.port": "port",
    "net.peer.port": "port",
    "net.sock.peer.port": "port",
    "messaging.destination.name": "destination",
}
"""What we read, by the attribute's name; where two mean the same, one is the other's old name."""

Attributes = Mapping[str, str]
"""A span's or resource's, by their meaning, scalars as text."""


def attributes_of(pairs: Any) -> Attributes:
    found = {}
    for pair in pairs:
        meaning = _MEANING.get(pair.key)
        if meaning is not None:
            found[meaning] = text_of(pair.value)[:_MAX_TEXT]
    return found


def text_of(value: Any) -> str:
    """A scalar as text; "" for lists and maps."""
    kind = value.WhichOneof("value")
    if kind == "string_value":
        return str(value.string_value)
    if kind in ("int_value", "double_value", "bool_value"):
        return str(getattr(value, kind))
    return ""


def service_of(resource: Attributes) -> str:
    return resource.get("service", "")[:_MAX_NAME] or UNKNOWN_SERVICE


def component_of(resource: Attributes) -> Component:
    """The sender, as it describes itself."""
    runtime = (resource.get("runtime") or resource.get("language", "")).lower()
    runtime = "python" if runtime == "cpython" else runtime
    pid = resource.get("pid", "")
    return Component(
        subject=f"service:{service_of(resource)}",
        runtime=f"{runtime} {resource.get('version', '')}".strip(),
        detail=resource.get("executable", ""),
        pids=(int(pid),) if pid.isdecimal() else (),
    )


def is_identified(span: Any) -> bool:
    """Whether its ids have their lengths."""
    return len(span.trace_id) == 16 and len(span.span_id) == 8


def is_of_run(span: Any, origin_unix_ns: int) -> bool:
    """Whether it began in the run, by its own clock, and ended within a day."""
    start_ns = span.start_time_unix_nano - origin_unix_ns
    end_ns = span.end_time_unix_nano - origin_unix_ns
    return bool(start_ns >= 0 and max(start_ns, end_ns) < _DAY_NS)


def decode_span(span: Any, service: str, origin_unix_ns: int) -> Span:
    """For a span that is identified and of the run."""
    start_ns = span.start_time_unix_nano - origin_unix_ns
    duration_ns = max(0, span.end_time_unix_nano - span.start_time_unix_nano)
    attributes = attributes_of(span.attributes)
    system = attributes.get("system", "")
    kind = _KINDS[span.kind] if 0 <= span.kind < len(_KINDS) else "internal"
    return Span(
        second=start_ns // NS_PER_S,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        service=service,
        name=_operation(span.name, is_statement=bool(system)),
        kind=kind,
        start_ns=start_ns,
        duration_ns=duration_ns,
        error=span.status.code == _ERROR,
        system=system[:_MAX_NAME],
        statement=_statement(attributes.get("statement", ""), system),
        code=_code(attributes),
        peer="" if kind == "server" else _peer(attributes),
    )


def _statement(text: str, system: str) -> str:
    """Without values; of a key-value store the command's name, for keys are values too."""
    if system in _KEY_VALUE:
        return (text.split(maxsplit=1) or [""])[0].lower()[:_MAX_NAME]
    return normalize(text) if text else ""


def _operation(name: str, *, is_statement: bool) -> str:
    """A span's name without values: some instrumentations put a URL or the statement there."""
    return (normalize(name) if is_statement else name.partition("?")[0])[:_MAX_NAME]


def _code(attributes: Attributes) -> str:
    """`file:line function`, as far as the span says."""
    file, line = attributes.get("file", ""), attributes.get("line", "")
    place = f"{file}:{line}" if file and line else file
    return f"{place} {attributes.get('function', '')}".strip()[:_MAX_NAME]


def _peer(attributes: Attributes) -> str:
    """Whom a client span talks to: by its name, or else by its address."""
    host = attributes.get("host") or attributes.get("address", "")
    port = attributes.get("port", "")
    address = f"{host}:{port}" if host and port else host
    return (attributes.get("peer") or address or attributes.get("destination", ""))[:_MAX_NAME]
