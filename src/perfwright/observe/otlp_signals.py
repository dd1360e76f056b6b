"""The OpenTelemetry protocol's three signals, as both transports name them.

Specification: https://opentelemetry.io/docs/specs/otlp/ (1.x). A receiver parses a request and
hands it to an `Accept`; what was malformed is told to the sender as a partial success, so that it
does not send it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

MAX_REQUEST_BYTES = 16 << 20
"""Of one request, unpacked. The collector's own default for gRPC is 4 MiB."""

Accept = Callable[[str, Any], int]
"""Takes a signal's name and its request; gives how many of its records were malformed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """`rejected`: the response's field that counts what was not accepted."""

    name: str
    path: str
    service: str
    request: type[Message]
    response: type[Message]
    rejected: str

    def answer(self, rejected: int) -> Message:
        response: Any = self.response()
        if rejected:
            setattr(response.partial_success, self.rejected, rejected)
            response.partial_success.error_message = "malformed: ids of a wrong length"
        message: Message = response
        return message


_COLLECTOR = "opentelemetry.proto.collector"

SIGNALS = (
    Signal(
        name="traces",
        path="/v1/traces",
        service=f"{_COLLECTOR}.trace.v1.TraceService",
        request=trace_service_pb2.ExportTraceServiceRequest,
        response=trace_service_pb2.ExportTraceServiceResponse,
        rejected="rejected_spans",
    ),
    Signal(
        name="metrics",
        path="/v1/metrics",
        service=f"{_COLLECTOR}.metrics.v1.MetricsService",
        request=metrics_service_pb2.ExportMetricsServiceRequest,
        response=metrics_service_pb2.ExportMetricsServiceResponse,
        rejected="rejected_data_points",
    ),
    Signal(
        name="logs",
        path="/v1/logs",
        service=f"{_COLLECTOR}.logs.v1.LogsService",
        request=logs_service_pb2.ExportLogsServiceRequest,
        response=logs_service_pb2.ExportLogsServiceResponse,
        rejected="rejected_log_records",
    ),
)
