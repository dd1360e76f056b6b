"""Spans and metrics of OTLP as records of ours: names old and new, ids in JSON, times, rates."""

from __future__ import annotations

import json

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from support.otlp import document, span

from perfwright.model.units import NS_PER_S
from perfwright.model.watched import Reading, Sample
from perfwright.observe.otlp_intake import Intake
from perfwright.observe.otlp_json import parse_json
from perfwright.observe.otlp_signals import SIGNALS

TRACES, METRICS, _ = SIGNALS
ORIGIN_NS = 1_700_000_000 * NS_PER_S


def taken(*spans: dict) -> Reading:
    intake = Intake(ORIGIN_NS)
    intake.accept("traces", parse_json(TRACES, json.dumps(document(*spans)).encode()))
    return intake.take()


def attribute(key: str, value: object) -> dict:
    kind = "intValue" if isinstance(value, int) else "stringValue"
    return {"key": key, "value": {kind: value}}


def test_ids_of_json_are_hex_and_times_count_from_the_origin() -> None:
    start_ns = ORIGIN_NS + 2 * NS_PER_S + 5
    [one] = taken(span(0xABC, 7, start_ns, parentSpanId=f"{6:016x}")).spans
    assert (one.trace_id, one.span_id, one.parent_id) == (
        f"{0xABC:032x}",
        f"{7:016x}",
        f"{6:016x}",
    )
    assert (one.second, one.start_ns, one.duration_ns) == (2, 2 * NS_PER_S + 5, 1_000_000)
    assert (one.service, one.name, one.kind, one.error) == ("shop", "operation 7", "server", False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            {"db.system": "mysql", "db.statement": "SELECT 1 FROM t WHERE a = 'x'"},
            {"db.system.name": "mysql", "db.query.text": "SELECT 1 FROM t WHERE a = 'x'"},
        ),
        (
            {"code.filepath": "shop.py", "code.lineno": 7, "code.function": "buy"},
            {
                "code.file.path": "shop.py",
                "code.line.number": 7,
                "code.function.name": "buy",
            },
        ),
        (
            {"net.peer.name": "db", "net.peer.port": 5432},
            {"server.address": "db", "server.port": 5432},
        ),
    ],
)
def test_present_and_earlier_attribute_names_mean_the_same(old: dict, new: dict) -> None:
    made = []
    for attributes in (old, new):
        pairs = [attribute(key, value) for key, value in attributes.items()]
        made += taken(span(1, 1, ORIGIN_NS, kind=3, attributes=pairs)).spans
    assert made[0] == made[1]
    assert (made[0].statement or made[0].code or made[0].peer) in (
        "SELECT ? FROM t WHERE a = ?",
        "shop.py:7 buy",
        "db:5432",
    )


def test_a_key_value_stores_command_goes_without_its_keys() -> None:
    pairs = [attribute("db.system", "redis"), attribute("db.statement", "GET session:7f3a")]
    [one] = taken(span(1, 1, ORIGIN_NS, kind=3, attributes=pairs)).spans
    assert one.statement == "get"


def test_a_servers_own_address_is_no_peer() -> None:
    pairs = [attribute("server.address", "shop"), attribute("server.port", 80)]
    served, called = taken(
        span(1, 1, ORIGIN_NS, kind=2, attributes=pairs),
        span(1, 2, ORIGIN_NS, kind=3, attributes=pairs),
    ).spans
    assert (served.peer, called.peer) == ("", "shop:80")


def test_values_leave_names_and_statements() -> None:
    secret = [attribute("db.system", "sqlite"), attribute("db.statement", "SELECT 'secret'")]
    [query, page] = taken(
        span(1, 1, ORIGIN_NS, name="SELECT 'secret'", attributes=secret),
        span(1, 2, ORIGIN_NS, name="GET /login?token=secret"),
    ).spans
    assert "secret" not in f"{query}{page}"
    assert page.name == "GET /login"


@pytest.mark.parametrize("start_ns", [ORIGIN_NS - 1, ORIGIN_NS + 100_000 * NS_PER_S, 0, 2**64 - 1])
def test_spans_of_another_time_are_left_out(start_ns: int) -> None:
    out = span(1, 1, start_ns, endTimeUnixNano=str(start_ns))
    assert taken(out, span(1, 2, ORIGIN_NS)).spans[0].span_id == f"{2:016x}"


def test_a_span_that_ends_before_it_begins_takes_no_time() -> None:
    [one] = taken(span(1, 1, ORIGIN_NS + 9, endTimeUnixNano=str(ORIGIN_NS))).spans
    assert one.duration_ns == 0


def test_malformed_ids_are_counted_noted_and_left_out() -> None:
    intake = Intake(ORIGIN_NS)
    bad = {**span(1, 1, ORIGIN_NS), "spanId": "0102"}
    request = parse_json(TRACES, json.dumps(document(bad, span(1, 2, ORIGIN_NS))).encode())
    assert intake.accept("traces", request) == 1
    reading = intake.take()
    assert len(reading.spans) == 1
    assert reading.notes == (
        "otlp: some of what came was malformed (ids of a wrong length) and was left out",
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[1]",
        b"{",
        b'{"resourceSpans": 7}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xyz"}]}]}]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": 7}]}]}]}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_json_that_is_none_of_ours_is_refused(body: bytes) -> None:
    with pytest.raises((ValueError, TypeError, RecursionError)):
        parse_json(TRACES, body)


def metrics(*made: dict) -> Reading:
    intake = Intake(ORIGIN_NS)
    for metric in made:
        body = json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]})
        intake.accept("metrics", parse_json(METRICS, body.encode()))
    return intake.take()


def point(second: int, value: float, **fields: object) -> dict:
    at_ns = ORIGIN_NS + second * NS_PER_S
    return {"timeUnixNano": str(at_ns), "asDouble": value, **fields}


def values(samples: tuple[Sample, ...]) -> list[tuple[int, str, str, float]]:
    return [(one.second, one.metric, one.label, one.value) for one in samples]


def test_gauges_are_as_they_are_and_sums_become_rates() -> None:
    attributes = [attribute("queue", "mail")]
    cumulative = {"isMonotonic": True, "aggregationTemporality": 2}
    delta_point = point(4, 30, startTimeUnixNano=str(ORIGIN_NS + 1 * NS_PER_S))
    reading = metrics(
        {"name": "jobs", "gauge": {"dataPoints": [point(1, 7, attributes=attributes)]}},
        {"name": "done", "sum": {"dataPoints": [point(1, 100)], **cumulative}},
        {"name": "done", "sum": {"dataPoints": [point(3, 130)], **cumulative}},
        {
            "name": "lost",
            "sum": {"dataPoints": [delta_point], **cumulative, "aggregationTemporality": 1},
        },
    )
    assert values(reading.samples) == [
        (1, "jobs", "queue=mail", 7.0),
        (3, "done", "", 15.0),
        (4, "lost", "", 10.0),
    ]
    assert {one.subject for one in reading.samples} == {"service:unknown_service"}


def test_a_histogram_gives_rates_and_quantiles_of_its_interval() -> None:
    data_point = {
        "startTimeUnixNano": str(ORIGIN_NS),
        "timeUnixNano": str(ORIGIN_NS + 2 * NS_PER_S),
        "count": "100",
        "sum": 50.0,
        "explicitBounds": [1.0, 2.0],
        "bucketCounts": ["50", "50", "0"],
    }
    reading = metrics(
        {"name": "wait", "histogram": {"dataPoints": [data_point], "aggregationTemporality": 1}}
    )
    assert values(reading.samples) == [
        (2, "wait.count", "", 50.0),
        (2, "wait.sum", "", 25.0),
        (2, "wait", "p50", 1.0),
        (2, "wait", "p99", pytest.approx(1.98)),
    ]


def test_a_name_that_is_ours_is_kept_apart() -> None:
    gauge = {"dataPoints": [point(1, 0.5)]}
    [one] = metrics({"name": "process.cpu.utilization", "gauge": gauge}).samples
    assert one.metric == "otlp.process.cpu.utilization"


def test_series_beyond_the_limit_are_cut_and_noted() -> None:
    points = [point(1, 1, attributes=[attribute("n", n)]) for n in range(2100)]
    reading = metrics({"name": "many", "gauge": {"dataPoints": points}})
    assert len(reading.samples) == 2000
    assert reading.notes == ("otlp: more than 2000 metric series came; the rest is not read",)


def test_an_empty_request_is_no_mistake() -> None:
    assert Intake(ORIGIN_NS).accept("metrics", ExportMetricsServiceRequest()) == 0
