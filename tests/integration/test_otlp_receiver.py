"""The OTLP receiver against the real SDK's exporters, and against what no SDK would send."""

from __future__ import annotations

import gzip
import json
import os
import socket
import time
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random

import grpc
import httpx
import pytest
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from support.otlp import document, receiver, span, trace_request, tracer

from perfwright.model.errors import ProbeError
from perfwright.model.metrics import PROBE_COST
from perfwright.observe.otlp import GRPC_PORT, HTTP_PORT, OtlpProbe
from perfwright.observe.otlp_intake import Intake
from perfwright.observe.otlp_sampling import TraceSampler

PROTOBUF = {"Content-Type": "application/x-protobuf"}


@pytest.mark.parametrize("transport", ["grpc", "http"])
def test_the_sdks_spans_arrive_with_their_parents(transport: str) -> None:
    with receiver() as probe:
        tracing = tracer(probe, transport)
        with (
            tracing.start_as_current_span("GET /orders"),
            tracing.start_as_current_span("query", attributes={"db.system": "sqlite"}),
        ):
            pass
        [query, order] = probe.read(0).spans
        assert probe.read(1).spans == ()
    assert (query.parent_id, query.trace_id) == (order.span_id, order.trace_id)
    assert (order.parent_id, order.service, query.system) == ("", "shop", "sqlite")
    assert order.start_ns <= query.start_ns
    assert query.duration_ns <= order.duration_ns


def test_the_sdks_metrics_arrive() -> None:
    with receiver() as probe:
        exporter = OTLPMetricExporter(endpoint=f"http://127.0.0.1:{probe.grpc_port}", insecure=True)
        reader = PeriodicExportingMetricReader(exporter, export_interval_millis=60_000)
        provider = MeterProvider(metric_readers=[reader])
        provider.get_meter("test").create_up_down_counter("jobs").add(3, {"queue": "mail"})
        provider.force_flush()
        samples = [one for one in probe.read(0).samples if one.metric == "jobs"]
        provider.shutdown()
    assert [(one.label, one.value) for one in samples] == [("queue=mail", 3.0)]


@pytest.mark.parametrize("encoding", ["identity", "gzip", "deflate"])
def test_json_is_taken_packed_or_not(encoding: str) -> None:
    pack = {"identity": bytes, "gzip": gzip.compress, "deflate": zlib.compress}[encoding]
    with receiver() as probe:
        body = pack(json.dumps(document(span(5, 6, time.time_ns()))).encode())
        answer = httpx.post(
            f"http://127.0.0.1:{probe.http_port}/v1/traces",
            content=iter([body[:10], body[10:]]),  # in chunks, as some SDKs do
            headers={"Content-Type": "application/json", "Content-Encoding": encoding},
        )
        [one] = probe.read(0).spans
    assert (answer.status_code, answer.json()) == (200, {})
    assert one.trace_id == f"{5:032x}"


def test_what_receiving_costs_is_told() -> None:
    with receiver() as probe:
        tracing = tracer(probe, "http")
        for _ in range(20):
            tracing.start_span("work").end()
        [cost] = [one for one in probe.read(3).samples if one.metric == PROBE_COST]
    assert (cost.second, cost.subject, cost.label) == (3, "otlp:0", "receivers")
    assert cost.value > 0


def test_logs_are_taken_and_dropped() -> None:
    with receiver() as probe:
        url = f"http://127.0.0.1:{probe.http_port}/v1/logs"
        assert httpx.post(url, content=b"", headers=PROTOBUF).status_code == 200
        assert probe.read(0).spans == ()


def test_garbage_is_refused_and_the_receiver_goes_on() -> None:
    bomb = gzip.compress(bytes(32 << 20))
    with receiver() as probe:
        traces = f"http://127.0.0.1:{probe.http_port}/v1/traces"
        packed = {**PROTOBUF, "Content-Encoding": "gzip"}
        with httpx.Client() as client:
            answers = [
                client.post(traces, content=b"\xff" * 100, headers=PROTOBUF),
                client.post(traces, content=b"no gzip", headers=packed),
                client.post(traces, content=gzip.compress(b"cut off")[:-4], headers=packed),
                client.post(traces, content=b"{", headers={"Content-Type": "application/json"}),
                client.post(traces, content=b"x", headers={"Content-Type": "text/plain"}),
                client.post(traces, content=b"", headers={**PROTOBUF, "Content-Encoding": "br"}),
                client.post(traces, content=bomb, headers=packed),
                client.post(traces + "x", content=b"", headers=PROTOBUF),
                client.get(traces),
            ]
        statuses = [answer.status_code for answer in answers]
        assert statuses == [400, 400, 400, 400, 415, 415, 413, 404, 405]
        with grpc.insecure_channel(f"127.0.0.1:{probe.grpc_port}") as channel:
            export = channel.unary_unary(
                "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
            )
            with pytest.raises(grpc.RpcError):
                export(b"\xff" * 100, timeout=10)
        with socket.create_connection(("127.0.0.1", probe.http_port)) as raw:
            raw.sendall(os.urandom(4096))
        tracer(probe, "http").start_span("after").end()
        assert [one.name for one in probe.read(0).spans] == ["after"]


def test_taken_default_ports_are_told_with_those_used_instead() -> None:
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind(("127.0.0.1", HTTP_PORT))
            held.listen()
        except OSError:
            pass  # somebody else's: just as well
        probe = OtlpProbe("otlp", batches_within_s=0)
        [note] = probe.open(time.monotonic_ns()).notes
        try:
            assert f"port {GRPC_PORT} or {HTTP_PORT} is taken" in note
            assert f"http://127.0.0.1:{probe.http_port} " in note
            assert probe.http_port != HTTP_PORT
            tracer(probe, "http").start_span("here").end()
            assert len(probe.read(0).spans) == 1
        finally:
            probe.close()


def test_a_taken_port_that_was_asked_for_is_an_error_with_its_remedy() -> None:
    with receiver() as first:
        second = OtlpProbe(f"otlp:{first.http_port - 1}")
        with pytest.raises(ProbeError, match="name a free port"):
            second.open(time.monotonic_ns())


@pytest.mark.parametrize("spec", ["otlp:x", "otlp:99999", "otlpx", "otlp4317"])
def test_a_spec_that_means_nothing_is_refused(spec: str) -> None:
    with pytest.raises(ProbeError, match="write otlp, otlp:PORT or otlp:HOST:PORT"):
        OtlpProbe(spec)


def test_closing_waits_for_the_last_batch_of_whoever_sent_before() -> None:
    probe = OtlpProbe("otlp:0", batches_within_s=60)
    probe.open(time.monotonic_ns())
    url = f"http://127.0.0.1:{probe.http_port}/v1/traces"
    started_ns = time.time_ns()
    with ThreadPoolExecutor(1) as pool, httpx.Client() as client:
        client.post(url, json=document(span(1, 1, started_ns)))
        closing = pool.submit(probe.close)
        number = 1
        while not closing.done():
            number += 1
            with suppress(httpx.TransportError):  # it has closed
                client.post(url, json=document(span(1, number, started_ns)))
    assert len(closing.result().spans) > 1


def test_a_run_without_spans_is_told_how_to_send_them() -> None:
    probe = OtlpProbe("otlp:0")
    probe.open(time.monotonic_ns())
    [note] = probe.close().notes
    assert note.startswith("otlp: no spans came. Point the system here: OTEL_EXPORTER_OTLP_ENDP")


def test_a_second_that_has_had_enough_lets_senders_wait_for_the_next() -> None:
    sampler = TraceSampler(per_second=10, per_run=10**9)
    assert [sampler.keeps(bytes([n]), 5) for n in range(12)] == [True] * 10 + [False] * 2
    assert (sampler.is_full(5), sampler.is_full(6)) == (True, False)
    kept = sum(sampler.keeps(n.to_bytes(16, "big"), 6) for n in range(1_000))
    assert kept == 10
    assert sampler.dropped == 992


def test_a_flood_is_bounded_and_keeps_traces_whole() -> None:
    now_ns, random = time.time_ns(), Random(1)
    intake = Intake(now_ns - 1_000, TraceSampler(per_second=10**9, per_run=1_000))
    for _ in range(400):
        traces = [random.randbytes(16) for _ in range(5)]
        for number in range(3):  # the spans of each come in three requests
            ids = [(trace_id, number.to_bytes(8, "big")) for trace_id in traces]
            intake.accept("traces", trace_request(ids, now_ns))
    reading = intake.take()
    assert len(reading.spans) == intake.kept_spans <= 1_000
    assert intake.kept_spans + intake.dropped_spans == 6_000
    [note] = reading.notes
    assert "whole traces were left out at random" in note
    spans = Counter(one.trace_id for one in reading.spans)
    whole = sum(1 for count in spans.values() if count == 3)
    assert whole > 0.9 * len(spans), "only traces under way at a halving are cut"
