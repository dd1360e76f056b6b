"""A span of OTLP as one of ours: times since the run's origin, its statement without values.

Attributes are those of OpenTelemetry's semantic conventions, the present names and those that they
replaced (db.system / db.system.name, db.statement / db.query.text, code.filepath / code.file.path).
"""

from __future__ import annotations

from typing import Any

from perfwright.model.statements import normalize
from perfwright.model.units import NS_PER_S
from perfwright.model.watched import Component, Span

UNKNOWN_SERVICE = "unknown_service"
_DAY_NS = 86_400 * NS_PER_S

_KINDS = ("internal", "internal", "server", "client", "producer", "consumer")
_ERROR = 2
_MAX_NAME = 200


class Attributes:
    """A resource's or span's attributes, scalars as text."""

    def __init__(self, pairs: Any) -> None:
        self._texts = {pair.key: _text(pair.value) for pair in pairs}

    def first(self, *names: str) -> str:
        """Of the names, the first that is there; "" where none is."""
        return next((text for name in names if (text := self._texts.get(name, ""))), "")


def service_of(resource: Attributes) -> str:
    return resource.first("service.name")[:_MAX_NAME] or UNKNOWN_SERVICE


def component_of(resource: Attributes) -> Component:
    """The sender, as it describes itself."""
    runtime = resource.first("process.runtime.name", "telemetry.sdk.language").lower()
    runtime = "python" if runtime == "cpython" else runtime
    version = resource.first("process.runtime.version")
    pid = resource.first("process.pid")
    return Component(
        subject=f"service:{service_of(resource)}",
        runtime=f"{runtime} {version}".strip(),
        detail=resource.first("process.executable.name", "host.name"),
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
    attributes = Attributes(span.attributes)
    system = attributes.first("db.system.name", "db.system")
    statement = attributes.first("db.query.text", "db.statement", "db.query.summary")
    return Span(
        second=start_ns // NS_PER_S,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        service=service,
        name=_operation(span.name, is_statement=bool(system)),
        kind=_KINDS[span.kind] if 0 <= span.kind < len(_KINDS) else "internal",
        start_ns=start_ns,
        duration_ns=duration_ns,
        error=span.status.code == _ERROR,
        system=system[:_MAX_NAME],
        statement=normalize(statement) if statement else "",
        code=_code(attributes),
        peer=_peer(attributes),
    )


def _operation(name: str, *, is_statement: bool) -> str:
    """A span's name without values: some instrumentations put a URL or the statement there."""
    return (normalize(name) if is_statement else name.partition("?")[0])[:_MAX_NAME]


def _code(attributes: Attributes) -> str:
    """`file:line function`, as far as the span says."""
    file = attributes.first("code.file.path", "code.filepath")
    line = attributes.first("code.line.number", "code.lineno")
    function = attributes.first("code.function.name", "code.function")
    place = f"{file}:{line}" if file and line else file
    return f"{place} {function}".strip()[:_MAX_NAME]


def _peer(attributes: Attributes) -> str:
    """Whom a client span talks to: by its name, or else by its address."""
    named = attributes.first("peer.service", "service.peer.name")
    if named:
        return named[:_MAX_NAME]
    host = attributes.first("server.address", "net.peer.name", "net.peer.ip", "net.sock.peer.addr")
    port = attributes.first("server.port", "net.peer.port", "net.sock.peer.port")
    address = f"{host}:{port}" if host and port else host
    return (address or attributes.first("messaging.destination.name"))[:_MAX_NAME]


def _text(value: Any) -> str:
    kind = value.WhichOneof("value")
    if kind == "string_value":
        return str(value.string_value)
    if kind in ("int_value", "double_value", "bool_value"):
        return str(getattr(value, kind))
    return ""
