"""The shop's own Prometheus metrics, named after OpenTelemetry's conventions.

With several workers each keeps its numbers in a file of `PROMETHEUS_MULTIPROC_DIR` (set before
this is imported), and whichever worker answers `/metrics` adds them up.
"""

from __future__ import annotations

import os

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    ProcessCollector,
    generate_latest,
    multiprocess,
)

from perfwright.lab.shop.db_pool import PoolState

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_LABELS = ("method", "route", "status")


class Metrics:
    """One registry per shop, so that two shops in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "http_server_requests", "Requests answered.", _LABELS, registry=self.registry
        )
        self._duration = Histogram(
            "http_server_request_duration_seconds",
            "From routing to the answer being ready.",
            _LABELS,
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self._calls = Histogram(
            "http_client_request_duration_seconds",
            "Calls to other services, from sending to their answer.",
            ("server", "status"),
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self._orders = Counter("shop_orders", "Orders placed.", registry=self.registry)
        connections = Gauge(
            "db_client_connection_count",
            "Connections of the database pool.",
            ("state",),
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self._used, self._idle = connections.labels("used"), connections.labels("idle")
        self._pending = Gauge(
            "db_client_connection_pending_requests",
            "Tasks waiting for a connection of the pool.",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def answered(self, method: str, route: str, status: int, duration_s: float) -> None:
        labels = (method, route, str(status))
        self._requests.labels(*labels).inc()
        self._duration.labels(*labels).observe(duration_s)

    def called(self, server: str, status: int, duration_s: float) -> None:
        """Another service (`host:port`) has answered us."""
        self._calls.labels(server, str(status)).observe(duration_s)

    def order_placed(self) -> None:
        self._orders.inc()

    def pool_changed(self, pool: PoolState) -> None:
        self._used.set(pool.used)
        self._idle.set(pool.idle)
        self._pending.set(pool.waiting)

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        everyone = CollectorRegistry()
        multiprocess.MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
        return generate_latest(everyone)
