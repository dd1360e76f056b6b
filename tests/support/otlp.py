"""Requests of the OpenTelemetry protocol, made by hand; and an SDK that sends to a receiver."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
    OTLPSpanExporter as GrpcExporter,
)
from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
    OTLPSpanExporter as HttpExporter,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Tracer, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from perfwright.observe.otlp import OtlpProbe


def span(trace: int, number: int, start_unix_ns: int, **fields: Any) -> dict[str, Any]:
    """One span as OTLP/JSON has it."""
    return {
        "traceId": f"{trace:032x}",
        "spanId": f"{number:016x}",
        "name": f"operation {number}",
        "kind": 2,
        "startTimeUnixNano": str(start_unix_ns),
        "endTimeUnixNano": str(start_unix_ns + 1_000_000),
        **fields,
    }


def document(*spans: Mapping[str, Any], service: str = "shop") -> dict[str, Any]:
    named = [{"key": "service.name", "value": {"stringValue": service}}]
    return {
        "resourceSpans": [
            {"resource": {"attributes": named}, "scopeSpans": [{"spans": list(spans)}]}
        ]
    }


def trace_request(ids: list[tuple[bytes, bytes]], start_unix_ns: int) -> ExportTraceServiceRequest:
    """Bare spans of one service, by trace id and span id."""
    request = ExportTraceServiceRequest()
    of_resource = request.resource_spans.add()
    named = of_resource.resource.attributes.add()
    named.key, named.value.string_value = "service.name", "shop"
    spans = of_resource.scope_spans.add().spans
    for trace_id, span_id in ids:
        one = spans.add()
        one.trace_id, one.span_id, one.name = trace_id, span_id, "GET /"
        one.start_time_unix_nano = start_unix_ns
        one.end_time_unix_nano = start_unix_ns + 1_000_000
    return request


@contextmanager
def receiver(spec: str = "otlp:0") -> Iterator[OtlpProbe]:
    """An open probe whose origin is now."""
    probe = OtlpProbe(spec, batches_within_s=0)
    probe.open(time.monotonic_ns())
    try:
        yield probe
    finally:
        probe.close()


def tracer(probe: OtlpProbe, transport: str, *, service: str = "shop") -> Tracer:
    """Sends each span as it ends."""
    exporter = (
        GrpcExporter(endpoint=f"http://127.0.0.1:{probe.grpc_port}", insecure=True)
        if transport == "grpc"
        else HttpExporter(endpoint=f"http://127.0.0.1:{probe.http_port}/v1/traces")
    )
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider.get_tracer("test")
