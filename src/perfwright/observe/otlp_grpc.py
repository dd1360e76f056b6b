"""OTLP over gRPC: the `Export` call of each signal, gzip included (gRPC unpacks it itself).

A request that is no protobuf is answered INTERNAL by gRPC, one that is too large
RESOURCE_EXHAUSTED; neither reaches us. Calls beyond those that may be under way at a time are
refused, and the sender tries again later.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import grpc

from perfwright.observe.otlp_signals import MAX_REQUEST_BYTES, SIGNALS, Accept, Signal
from perfwright.observe.thread_cpu import threads_cpu_s

_THREADS = 2
_CALLS_AT_A_TIME = 64
_STOP_WITHIN_S = 0.5


class GrpcReceiver:
    """Listens once made; `port` then says where (0: any that is free). OSError: it cannot."""

    def __init__(self, host: str, port: int, accept: Accept) -> None:
        self._threads: list[threading.Thread] = []
        pool = ThreadPoolExecutor(_THREADS, initializer=self._add_thread)
        self._server = grpc.server(
            pool,
            maximum_concurrent_rpcs=_CALLS_AT_A_TIME,
            options=[
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", MAX_REQUEST_BYTES),
            ],
        )
        for signal in SIGNALS:
            self._server.add_generic_rpc_handlers((_handler(signal, accept),))
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            self.port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise OSError(f"{address} cannot be listened on") from error
        self._server.start()

    def cpu_s(self) -> float:
        """CPU time of our threads so far (gRPC's own, a few µs a request, are not among them)."""
        return threads_cpu_s(self._threads)

    def _add_thread(self) -> None:
        self._threads.append(threading.current_thread())

    def close(self) -> None:
        self._server.stop(_STOP_WITHIN_S).wait(2 * _STOP_WITHIN_S)


def _handler(signal: Signal, accept: Accept) -> grpc.GenericRpcHandler:
    def export(request: object, _: grpc.ServicerContext) -> object:
        return signal.answer(accept(signal.name, request))

    method = grpc.unary_unary_rpc_method_handler(
        export,
        request_deserializer=signal.request.FromString,
        response_serializer=signal.response.SerializeToString,
    )
    return grpc.method_handlers_generic_handler(signal.service, {"Export": method})
