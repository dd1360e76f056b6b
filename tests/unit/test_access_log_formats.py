"""Each server's lines, as these servers write them, become the same rows."""

from __future__ import annotations

import bz2
import datetime
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.access_logs import rows_of, us

from perfwright.model.errors import UsageError
from perfwright.sources.access_logs import is_access_log

COMMON = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326'
COMBINED = f'{COMMON} "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"'
FRANK = {
    "time_us": us(),
    "client": "127.0.0.1",
    "user": "frank",
    "method": "GET",
    "target": "/apache_pb.gif",
    "status": 200,
    "bytes_sent": 2326,
}
FRANK_COMBINED = FRANK | {
    "agent": "Mozilla/4.08 [en] (Win98; I ;Nav)",
}


@pytest.mark.parametrize(
    ("line", "name", "row"),
    [
        (COMMON, "common", FRANK),
        (COMBINED, "combined", FRANK_COMBINED),
        (COMBINED.replace('] "', ']  "'), "combined", FRANK_COMBINED),
        (COMBINED.replace('" "', '"  "'), "combined", FRANK_COMBINED),
        (f"shop.test:443 {COMBINED}", "vhost combined", FRANK_COMBINED),
        (f"shop.test:443 {COMMON}", "vhost common", FRANK),
        (
            f'{COMBINED} "203.0.113.9, 10.0.0.7"',
            "combined with more fields",
            FRANK_COMBINED | {"client": "203.0.113.9"},
        ),
        (
            f'{COMBINED} "0.250" "0.249, 0.001" "203.0.113.9"',
            "combined with more fields",
            FRANK_COMBINED
            | {"client": "203.0.113.9", "duration_us": 250_000, "time_us": us(after_s=-0.25)},
        ),
        (
            f"{COMBINED} 0.250 0.249 .",
            "combined with more fields",
            FRANK_COMBINED | {"duration_us": 250_000, "time_us": us(after_s=-0.25)},
        ),
        (
            f'{COMBINED} rt=0.250 uct="0.000" "-"',
            "combined with more fields",
            FRANK_COMBINED | {"duration_us": 250_000, "time_us": us(after_s=-0.25)},
        ),
    ],
)
def test_common_and_combined_lines_and_what_is_often_added_to_them(
    tmp_path: Path, line: str, name: str, row: dict[str, Any]
) -> None:
    rows, facts = rows_of(tmp_path, line)
    assert rows == [row]
    assert facts.formats == ((name, 1),)
    assert any("further fields" in note for note in facts.notes) == name.endswith("more fields")


ALB = (
    "https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817"
    ' 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://www.example.com:443/a?b=c HTTP/1.1"'
    ' "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:12:t'
    ' "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com"'
    ' "arn:aws:acm:us-east-2:123456789012:certificate/12345678" 1 2018-07-02T22:22:48.364000Z'
    ' "authenticate,forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_123456'
)
ELB = (
    "2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048"
    ' 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -'
)
ENVOY = (
    '[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28"'
    ' "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80"'
)
TRAEFIK_CLF = (
    '192.168.33.1 - - [10/Oct/2000:13:55:36 -0700] "GET /foo HTTP/1.1" 404 19 "-" "curl/7.68.0"'
    ' 3 "api@docker" "http://172.18.0.3:80" 7ms'
)


def test_the_lines_of_an_aws_load_balancer(tmp_path: Path) -> None:
    rows, facts = rows_of(tmp_path, ALB)
    end = datetime.datetime(2018, 7, 2, 22, 23, 0, 186641, tzinfo=datetime.UTC)
    assert rows == [
        {
            "time_us": us(end) - 171_000,
            "client": "192.168.131.39",
            "agent": "curl/7.46.0",
            "method": "GET",
            "target": "/a?b=c",
            "status": 200,
            "bytes_sent": 57,
            "bytes_received": 0,
            "duration_us": 171_000,
        }
    ]
    assert facts.formats == (("AWS ALB", 1),)


def test_a_target_that_never_answered_has_no_duration(tmp_path: Path) -> None:
    rows, _ = rows_of(tmp_path, ALB.replace("0.086 0.048 0.037 200 200", "-1 -1 -1 502 -"))
    assert "duration_us" not in rows[0]
    assert rows[0]["status"] == 502


def test_the_lines_of_a_classic_load_balancer(tmp_path: Path) -> None:
    rows, facts = rows_of(tmp_path, ELB)
    assert (rows[0]["target"], rows[0]["duration_us"]) == ("/", 1178)
    assert facts.formats == (("AWS ELB", 1),)


def test_the_lines_of_envoy(tmp_path: Path) -> None:
    rows, facts = rows_of(tmp_path, ENVOY)
    start = datetime.datetime(2016, 4, 15, 20, 17, 0, 310_000, tzinfo=datetime.UTC)
    assert rows == [
        {
            "time_us": us(start),
            "client": "10.0.35.28",
            "agent": "nsq2http",
            "method": "POST",
            "target": "/api/v1/locations",
            "status": 204,
            "bytes_sent": 0,
            "bytes_received": 154,
            "duration_us": 226_000,
        }
    ]
    assert facts.formats == (("Envoy", 1),)


def test_the_lines_of_traefik(tmp_path: Path) -> None:
    rows, facts = rows_of(tmp_path, TRAEFIK_CLF)
    assert (rows[0]["target"], rows[0]["duration_us"], rows[0]["time_us"]) == ("/foo", 7000, us())
    assert facts.formats == (("Traefik CLF", 1),)


CADDY = {
    "level": "info",
    "ts": 1646861401.5,
    "logger": "http.log.access",
    "msg": "handled request",
    "request": {
        "remote_ip": "127.0.0.1",
        "remote_port": "41342",
        "client_ip": "127.0.0.1",
        "proto": "HTTP/2.0",
        "method": "GET",
        "host": "localhost",
        "uri": "/a?b=c",
        "headers": {"User-Agent": ["curl/7.82.0"], "Accept": ["*/*"]},
    },
    "bytes_read": 0,
    "user_id": "",
    "duration": 0.000929675,
    "size": 10900,
    "status": 200,
}
TRAEFIK = {
    "ClientAddr": "192.168.33.1:60232",
    "ClientHost": "192.168.33.1",
    "ClientUsername": "-",
    "DownstreamContentSize": 19,
    "DownstreamStatus": 404,
    "Duration": 7_000_000,
    "RequestMethod": "GET",
    "RequestPath": "/foo",
    "StartUTC": "2000-10-10T20:55:36.5Z",
    "request_User-Agent": "curl/7.68.0",
    "time": "2000-10-10T20:55:36Z",
}


def test_the_json_of_caddy(tmp_path: Path) -> None:
    rows, facts = rows_of(tmp_path, json.dumps(CADDY))
    assert rows == [
        {
            "time_us": 1646861401_500000 - 930,
            "client": "127.0.0.1",
            "agent": "curl/7.82.0",
            "method": "GET",
            "target": "/a?b=c",
            "status": 200,
            "bytes_sent": 10900,
            "bytes_received": 0,
            "duration_us": 930,
        }
    ]
    assert facts.formats == (("Caddy", 1),)
    assert facts.notes == ()


def test_the_json_of_traefik(tmp_path: Path) -> None:
    rows, facts = rows_of(tmp_path, json.dumps(TRAEFIK))
    assert rows == [
        {
            "time_us": us(after_s=0.5),
            "client": "192.168.33.1",
            "agent": "curl/7.68.0",
            "method": "GET",
            "target": "/foo",
            "status": 404,
            "bytes_sent": 19,
            "duration_us": 7000,
        }
    ]
    assert facts.formats == (("Traefik", 1),)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            {
                "time_iso8601": "2000-10-10T20:55:36+00:00", "remote_addr": "10.0.0.1",
                "request": "GET /a HTTP/1.1", "status": "200", "request_time": "0.250",
                "body_bytes_sent": "12", "http_user_agent": "x", "http_x_forwarded_for": "9.9.9.9",
            },
            {"time_us": us(after_s=-0.25), "client": "9.9.9.9", "duration_us": 250_000,
             "bytes_sent": 12, "agent": "x"},
        ),
        (
            {
                "timestamp": us() // 1000, "level": "info", "responseTime": 12,
                "req": {"method": "GET", "url": "/a", "remoteAddress": "::1",
                        "headers": {"user-agent": "x"}},
                "res": {"statusCode": 200},
            },
            {"time_us": us() - 12_000, "client": "::1", "agent": "x", "duration_us": 12_000},
        ),
        (
            {
                "@timestamp": "2000-10-10T20:55:36.000Z", "event": {"duration": 3_000_000},
                "http": {"request": {"method": "GET"}, "response": {"status_code": 200}},
                "url": {"original": "/a"}, "client": {"address": "10.0.0.1"},
            },
            {"time_us": us() - 3000, "client": "10.0.0.1", "duration_us": 3000},
        ),
        (
            {
                "time": "10/Oct/2000:13:55:36 -0700", "verb": "GET", "path": "/a", "code": 200,
                "latency": "1.5ms", "ip": "10.0.0.1",
            },
            {"time_us": us() - 1500, "client": "10.0.0.1", "duration_us": 1500},
        ),
    ],
)  # fmt: skip
def test_the_fields_of_other_json_are_guessed_and_told(
    tmp_path: Path, record: dict[str, Any], expected: dict[str, Any]
) -> None:
    rows, facts = rows_of(tmp_path, json.dumps(record))
    assert rows == [{"method": "GET", "target": "/a", "status": 200} | expected]
    (note,) = facts.notes
    assert note.startswith("JSON fields: ")


def test_a_mapping_goes_before_the_guess(tmp_path: Path) -> None:
    record = {"time": 971211336, "path": "/a", "a": {"b.c": "/x", "took": 5}}
    mapping = {"path": "a.b.c", "duration_us": "a.took"}
    rows, facts = rows_of(tmp_path, json.dumps(record), mapping=mapping)
    assert rows == [{"time_us": us() - 5, "duration_us": 5, "method": "GET", "target": "/x"}]
    guessed, _ = rows_of(tmp_path, json.dumps(record), mapping={"duration": "a.took"})
    assert guessed[0]["duration_us"] == 5000
    assert "path from a.b.c, duration_us from a.took, time from time" in facts.notes[0]


def test_a_field_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no field 'nope'; it has time, path"):
        rows_of(tmp_path, '{"time": 1700000000, "path": "/"}', mapping={"status": "nope"})
    with pytest.raises(UsageError, match=r"'stauts' is no field; there are time, started"):
        rows_of(tmp_path, '{"time": 1700000000, "path": "/"}', mapping={"stauts": "path"})


@pytest.mark.parametrize("line", [COMMON, COMBINED, ALB, ENVOY, json.dumps(CADDY)])
def test_a_log_is_known_by_its_beginning(line: str) -> None:
    assert is_access_log(f"{line}\n".encode() * 3)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_so_is_a_packed_one(pack: Callable[[bytes], bytes]) -> None:
    packed = pack(f"{COMMON}\n".encode() * 3)
    assert is_access_log(packed)
    assert not is_access_log(packed[: len(packed) // 8])


def test_so_is_the_beginning_of_a_long_zstd_one(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT '{COMMON}' || i FROM range(100000) AS r(i))"
            f" TO '{tmp_path}/log.zst' (FORMAT csv, HEADER false, QUOTE '', COMPRESSION zstd)"
        )
    assert is_access_log((tmp_path / "log.zst").read_bytes()[:60_000])


@pytest.mark.parametrize(
    "head",
    [b"", b"\x00\x01", b'{"openapi": "3.1.0"}', b'{"log": {"entries": []}}', b"openapi: 3.1.0\n"],
)
def test_other_documents_are_not_taken_for_logs(head: bytes) -> None:
    assert not is_access_log(head)
