"""OTLP in JSON: protobuf's JSON form, except that ids are hex and enums are numbers.

protobuf's own reader takes bytes as base64 and would read a 16-byte id as 24 bytes, without
complaint; ids are therefore translated first. Links and events of spans are not read at all.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from perfwright.observe.otlp_signals import Signal

_IDS = ("traceId", "spanId", "parentSpanId")
_UNREAD = ("links", "events")


def parse_json(signal: Signal, body: bytes) -> Message:
    """ValueError: it is no JSON, or not of this signal."""
    document = json.loads(body)
    if not isinstance(document, dict):
        raise ValueError("an object is wanted")
    for span in _spans(document):
        for field in _UNREAD:
            span.pop(field, None)
        for field in _IDS:
            if field in span:
                span[field] = base64.b64encode(bytes.fromhex(span[field])).decode()
    message: Message = signal.request()
    try:
        json_format.ParseDict(document, message, ignore_unknown_fields=True)
    except (json_format.Error, TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error
    return message


def _spans(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every span in it; whatever has another form is left for protobuf to complain of."""
    for resource in _objects(document.get("resourceSpans")):
        for scope in _objects(resource.get("scopeSpans")):
            yield from _objects(scope.get("spans"))


def _objects(value: object) -> Iterator[dict[str, Any]]:
    for one in value if isinstance(value, list) else ():
        if isinstance(one, dict):
            yield one
