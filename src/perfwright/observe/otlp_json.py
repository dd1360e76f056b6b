"""OTLP in JSON: protobuf's JSON form, except that ids are hex and enums are numbers.

protobuf's own reader takes bytes as base64 and would read a 16-byte id as 24 bytes, without
complaint; it also takes 400 µs a span. Spans are therefore read by hand, as much of them as we use,
in 50 µs; metrics, which come seldom, by protobuf. https://opentelemetry.io/docs/specs/otlp/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from perfwright.observe.otlp_signals import Signal

_MISSHAPEN = (ValueError, TypeError, AttributeError, KeyError, OverflowError)


def parse_json(signal: Signal, body: bytes) -> Message:
    """ValueError: it is no JSON, or not of this signal."""
    document = json.loads(body)
    if not isinstance(document, dict):
        raise ValueError("an object is wanted")
    if signal.request is ExportTraceServiceRequest:
        return _traces(document)
    message: Message = signal.request()
    try:
        json_format.ParseDict(document, message, ignore_unknown_fields=True)
    except (json_format.Error, *_MISSHAPEN) as error:
        raise ValueError(str(error)) from error
    return message


def _traces(document: Mapping[str, Any]) -> Message:
    request = ExportTraceServiceRequest()
    try:
        for given in document.get("resourceSpans") or ():
            of_resource = request.resource_spans.add()
            resource = given.get("resource") or {}
            _read_attributes(of_resource.resource.attributes, resource)
            spans = of_resource.scope_spans.add().spans
            for scope in given.get("scopeSpans") or ():
                for span in scope.get("spans") or ():
                    _read_span(spans.add(), span)
    except _MISSHAPEN as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    message: Message = request
    return message


def _read_span(span: Any, given: Mapping[str, Any]) -> None:
    span.trace_id = bytes.fromhex(given["traceId"])
    span.span_id = bytes.fromhex(given["spanId"])
    span.parent_span_id = bytes.fromhex(given.get("parentSpanId") or "")
    span.name = given.get("name") or ""
    kind = given.get("kind") or 0
    span.kind = Span.SpanKind.Value(kind) if isinstance(kind, str) else kind
    span.start_time_unix_nano = int(given.get("startTimeUnixNano") or 0)
    span.end_time_unix_nano = int(given.get("endTimeUnixNano") or 0)
    code = (given.get("status") or {}).get("code") or 0
    span.status.code = span.status.StatusCode.Value(code) if isinstance(code, str) else code
    _read_attributes(span.attributes, given)


def _read_attributes(into: Any, given: Mapping[str, Any]) -> None:
    """Scalars; a list or a map stays empty."""
    for pair in given.get("attributes") or ():
        value = pair.get("value") or {}
        one = into.add(key=pair["key"]).value
        if "stringValue" in value:
            one.string_value = value["stringValue"]
        elif "intValue" in value:
            one.int_value = int(value["intValue"])
        elif "boolValue" in value:
            one.bool_value = value["boolValue"]
        elif "doubleValue" in value:
            one.double_value = float(value["doubleValue"])
