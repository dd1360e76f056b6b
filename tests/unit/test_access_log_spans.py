"""The server spans of traces are read as the requests that they tell of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from perfwright.model.errors import DataError
from perfwright.sources.access_logs import is_access_log, read_access_logs

BEGIN_NS = 1_700_000_000_000_000_000


def otlp(*spans: dict[str, Any]) -> dict[str, Any]:
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {}, "spans": spans}]}]}


def span(trace: str, second: float, path: str, *, kind: object = 2, **more: Any) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "http.request.method": {"stringValue": "GET"},
        "url.path": {"stringValue": path},
        "url.query": {"stringValue": "page=2"},
        "http.response.status_code": {"intValue": "200"},
        "client.address": {"stringValue": "10.0.0.1"},
    }
    return {
        "traceId": trace,
        "spanId": "abc",
        "kind": kind,
        "startTimeUnixNano": str(BEGIN_NS + round(second * 1e9)),
        "endTimeUnixNano": str(BEGIN_NS + round(second * 1e9) + 250_000_000),
        "attributes": [{"key": key, "value": value} for key, value in attributes.items()],
    } | more


JAEGER = {
    "data": [
        {
            "traceID": "t1",
            "spans": [
                {
                    "traceID": "t1",
                    "startTime": BEGIN_NS // 1000,
                    "duration": 250_000,
                    "tags": [
                        {"key": "span.kind", "type": "string", "value": "server"},
                        {"key": "http.method", "type": "string", "value": "POST"},
                        {"key": "http.url", "type": "string", "value": "http://shop.test/cart?a=b"},
                        {"key": "http.status_code", "type": "int64", "value": 201},
                    ],
                }
            ],
            "processes": {},
        }
    ]
}


def rows_of(tmp_path: Path, text: str) -> tuple[list[Any], Any]:
    file = tmp_path / "traces.json"
    file.write_text(text)
    assert is_access_log(text.encode()[:1000])
    with read_access_logs([file], scratch=tmp_path) as log:
        query = "SELECT time_us, client, method, target, status, duration_us FROM requests"
        return log.connection.execute(query).fetchall(), log.facts


ROW = (BEGIN_NS // 1000, "10.0.0.1", "GET", "/a?page=2", 200, 250_000)


def test_otlp_a_document_a_line(tmp_path: Path) -> None:
    later = (ROW[0] + 1_000_000, *ROW[1:])
    lines = [otlp(span("t1", 0, "/a")), otlp(span("t2", 1, "/a", kind="SPAN_KIND_SERVER"))]
    rows, facts = rows_of(tmp_path, "".join(json.dumps(line) + "\n" for line in lines))
    assert rows == [ROW, later]
    assert facts.formats == (("spans", 2),)
    assert facts.notes == ()


def test_otlp_as_one_document_over_many_lines(tmp_path: Path) -> None:
    assert rows_of(tmp_path, json.dumps(otlp(span("t1", 0, "/a")), indent=2))[0] == [ROW]


def test_of_a_trace_the_first_server_counts(tmp_path: Path) -> None:
    spans = (
        span("t1", 0.1, "/stock"),
        span("t1", 0, "/a"),
        span("t1", 0, "/b", kind=3),
        {"kind": 2, "startTimeUnixNano": "junk"},
        span("t2", 0, "/queue", attributes=[]),
    )
    rows, facts = rows_of(tmp_path, json.dumps(otlp(*spans)))
    assert rows == [ROW]
    assert "4 spans that are no trace's first" in facts.notes[0]


def test_what_jaeger_downloads(tmp_path: Path) -> None:
    rows, _ = rows_of(tmp_path, json.dumps(JAEGER))
    assert rows == [(ROW[0], None, "POST", "/cart?a=b", 201, 250_000)]


def test_traces_without_a_server_of_http_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds 1 spans, of which none is of a server"):
        rows_of(tmp_path, json.dumps(otlp(span("t1", 0, "/a", kind=3))))


@pytest.mark.parametrize(
    "text",
    ['{"resourceSpans": [1, {"scopeSpans": 7}', '{"resourceSpans": ' + "[" * 100_000],
)
def test_broken_traces_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match="is no JSON of traces"):
        rows_of(tmp_path, text)


def test_odd_shapes_do_no_harm(tmp_path: Path) -> None:
    odd = {"resourceSpans": [1, {"scopeSpans": [{"spans": [None, {"kind": 2, "attributes": 5}]}]}]}
    lines = json.dumps(odd) + "\n" + json.dumps(otlp(span("t1", 0, "/a")))
    assert rows_of(tmp_path, lines)[0] == [ROW]
