"""A service that sends its spans somewhere: `python traced_service.py ENDPOINT` prints its port.

GET /orders asks for a list, and then, one after another, for each of its rows (no real database:
only spans matter here).
"""

from __future__ import annotations

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry import propagate
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

ROWS = 8
ROW = "SELECT * FROM items WHERE order_id = 1234"


def serve(endpoint: str) -> None:
    provider = TracerProvider(resource=Resource.create({"service.name": "orders"}))
    exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=200))
    tracer = provider.get_tracer("service")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            context = propagate.extract(dict(self.headers))
            with tracer.start_as_current_span("GET /orders", context, kind=SpanKind.SERVER):
                for _ in range(ROWS):
                    attributes = {"db.system": "postgresql", "db.statement": ROW}
                    with tracer.start_as_current_span(
                        "SELECT", kind=SpanKind.CLIENT, attributes=attributes
                    ):
                        time.sleep(0.001)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1])
