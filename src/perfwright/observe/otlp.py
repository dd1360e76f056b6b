"""Receives traces and metrics by the OpenTelemetry protocol: gRPC on 4317, HTTP on 4318.

    otlp                  on loopback, at those ports; at others where they are taken: it says so
    otlp:PORT             gRPC on PORT, HTTP on the next; 0: any free ports
    otlp:HOST:PORT        on another address, as 0.0.0.0

The system under test is pointed here by OTEL_EXPORTER_OTLP_ENDPOINT. Its SDK sends in batches,
every 5 s as a rule, so closing waits that long for whoever sent of late.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from perfwright.model.errors import ProbeError
from perfwright.model.metrics import PROBE_COST
from perfwright.model.watched import NOTHING, Reading, Sample, joined
from perfwright.observe.otlp_grpc import GrpcReceiver
from perfwright.observe.otlp_http import HttpReceiver
from perfwright.observe.otlp_intake import Intake

GRPC_PORT = 4317
HTTP_PORT = 4318
_LOOPBACK = "127.0.0.1"
_BATCHES_COME_WITHIN_S = 5.5
_LOOK_EVERY_S = 0.05
_MAX_PORT = 65_535

T = TypeVar("T")


class OtlpProbe:
    """`grpc_port` and `http_port` are known once it is open. `batches_within_s`: how long closing
    waits for the last spans."""

    def __init__(self, spec: str, *, batches_within_s: float = _BATCHES_COME_WITHIN_S) -> None:
        self.name = spec
        self._batches_within_s = batches_within_s
        self._host, self._port = _address(spec)
        self.grpc_port = self.http_port = 0

    def open(self, origin_ns: int) -> Reading:
        origin_unix_ns = time.time_ns() - (time.monotonic_ns() - origin_ns)
        self._intake = Intake(origin_unix_ns)
        self._cpu_s = 0.0
        self._listen()
        if self._port is not None or (self.grpc_port, self.http_port) == (GRPC_PORT, HTTP_PORT):
            return NOTHING
        taken = f"otlp: port {GRPC_PORT} or {HTTP_PORT} is taken, so we listen elsewhere"
        return Reading(notes=(f"{taken}. {self._how_to_send()}",))

    def read(self, second: int) -> Reading:
        """What came since, and what receiving it cost."""
        cpu_s = self._grpc.cpu_s() + self._http.cpu_s()
        cost = Sample(
            second=second,
            metric=PROBE_COST,
            subject=self.name,
            label="receivers",
            value=cpu_s - self._cpu_s,
        )
        self._cpu_s = cpu_s
        return joined((self._intake.take(), Reading(samples=(cost,))))

    def close(self) -> Reading:
        """Waits for the senders' last batches."""
        closing_s = time.monotonic()
        within_s = self._batches_within_s
        while self._intake.awaited(closing_s, within_s) and time.monotonic() < closing_s + within_s:
            time.sleep(_LOOK_EVERY_S)
        self._grpc.close()
        self._http.close()
        return joined([self._intake.take(), Reading(notes=self._summary())])

    def _summary(self) -> tuple[str, ...]:
        kept, dropped = self._intake.kept_spans, self._intake.dropped_spans
        if dropped:
            return (f"otlp: {dropped} of {kept + dropped} spans were left out",)
        return () if kept else (f"otlp: no spans came. {self._how_to_send()}",)

    def _how_to_send(self) -> str:
        host = _LOOPBACK if self._host in ("0.0.0.0", "::") else self._host
        return (
            f"Point the system here: OTEL_EXPORTER_OTLP_ENDPOINT=http://{host}:{self.http_port} "
            f"with OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, or port {self.grpc_port} with grpc"
        )

    def _listen(self) -> None:
        """On the ports asked for; by default where there is room."""
        first = GRPC_PORT if self._port is None else self._port
        otherwise = (0,) if self._port is None else ()
        wanted = (first, *otherwise), (first + 1 if first else 0, *otherwise)
        try:
            listener = _first_that_opens(lambda port: _listener(self._host, port), wanted[1])
            self.http_port = listener.getsockname()[1]
            try:
                self._grpc = _first_that_opens(
                    lambda port: GrpcReceiver(self._host, port, self._intake.accept), wanted[0]
                )
            except OSError:
                listener.close()
                raise
        except OSError as error:
            raise ProbeError(
                f"{self.name}: {error}; name a free port, as in otlp:14317, or stop what is there"
            ) from error
        self.grpc_port = self._grpc.port
        listeners = [listener]
        if self._host == _LOOPBACK:
            with suppress(OSError):  # `localhost` may mean either
                listeners.append(_listener("::1", self.http_port))
        self._http = HttpReceiver(listeners, self._intake.accept)


def _first_that_opens(opened: Callable[[int], T], ports: tuple[int, ...]) -> T:
    *earlier, last = ports
    for port in earlier:
        with suppress(OSError):
            return opened(port)
    return opened(last)


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def _address(spec: str) -> tuple[str, int | None]:
    """Host and port asked for; None: the default ports."""
    given = spec.removeprefix("otlp").removeprefix(":")
    if not given:
        return _LOOPBACK, None
    host, _, port = given.rpartition(":")
    if not port.isdecimal() or int(port) > _MAX_PORT or (spec[4:5] != ":"):
        raise ProbeError(f"--watch {spec!r}: write otlp, otlp:PORT or otlp:HOST:PORT")
    return host.strip("[]") or _LOOPBACK, int(port)
