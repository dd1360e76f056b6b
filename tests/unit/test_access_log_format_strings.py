"""Formats as a server's configuration writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.access_logs import rows_of, us

from perfwright.model.errors import UsageError


@pytest.mark.parametrize(
    ("log_format", "line", "expected"),
    [
        (
            '$remote_addr [$time_iso8601] $status $request_time "$request_method $request_uri"',
            '10.0.0.1 [2000-10-10T20:55:36+00:00] 200 0.250 "GET /a"',
            {"time_us": us(after_s=-0.25), "target": "/a", "duration_us": 250_000},
        ),
        (
            '$msec|$remote_addr|$request_method|$uri|$args|$status|$upstream_response_time|$cookie_sid',
            "971211336.500|10.0.0.1|GET|/a|b=c|200|0.100, 0.250|s1",
            {"time_us": us(after_s=0.25), "target": "/a?b=c", "duration_us": 250_000, "user": "s1"},
        ),
        (
            "log_format main '$remote_addr - ${remote_user} [$time_local] '\n"
            "                '\"$request\" $status $request_length';",
            '10.0.0.1 - - [10/Oct/2000:20:55:36 +0000] "GET /a HTTP/2.0" 200 99',
            {"time_us": us(), "target": "/a", "bytes_received": 99},
        ),
        (
            '%h %l %u %t "%r" %>s %b "%{Referer}i" %D',
            '10.0.0.1 - - [10/Oct/2000:20:55:36 +0000] "GET /a HTTP/1.1" 200 - "-" 250000',
            {"time_us": us(), "target": "/a", "duration_us": 250_000},
        ),
        (
            'LogFormat "%a [%{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t %{%z}t] %m %U%q %s %{ms}T %{sid}C" x',  # noqa: E501
            "10.0.0.1 [2000-10-10T13:55:36.500 -0700] GET /a?b=c 200 250 s1",
            {"time_us": us(after_s=0.5), "target": "/a?b=c", "duration_us": 250_000, "user": "s1"},
        ),
        (
            'log_format json escape=json \'{"time": "$time_iso8601", "uri": "$request_uri", \'\n'
            ' \'"method": "$request_method", "status": $status, "ip": "$remote_addr", \'\n'
            ' \'"time_taken": $request_time, "agent": "$http_user_agent" }\';',
            '{"time": "2000-10-10T20:55:36+00:00", "uri": "/a", "method": "GET", "status": 200,'
            ' "ip": "10.0.0.1", "time_taken": 0.250, "agent": "a \\"b\\"" }',
            {
                "time_us": us(after_s=-0.25), "target": "/a", "duration_us": 250_000,
                "agent": 'a "b"',
            },
        ),
        (
            '%{usec}t %h "%r" %>s 100%%',
            '971211336500000 10.0.0.1 "GET /a HTTP/1.1" 200 100%',
            {"time_us": us(after_s=0.5), "target": "/a"},
        ),
        (
            "[%START_TIME%] %REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE% %DURATION%ms"
            " %DOWNSTREAM_REMOTE_ADDRESS%",
            "[2000-10-10T20:55:36.500Z] GET /a 200 250ms 10.0.0.1:4711",
            {"time_us": us(after_s=0.5), "target": "/a", "duration_us": 250_000},
        ),
    ],
)  # fmt: skip
def test_a_log_format_as_the_configuration_writes_it(
    tmp_path: Path, log_format: str, line: str, expected: dict[str, Any]
) -> None:
    rows, facts = rows_of(tmp_path, line, log_format=log_format)
    row = {"client": "10.0.0.1", "method": "GET", "status": 200} | expected
    assert rows == [row]
    assert facts.formats == (("--log-format", 1),)


@pytest.mark.parametrize(
    ("log_format", "missing"),
    [("$remote_addr $request", "the time"), ("%t %h", "what was requested"), ("junk", "the time")],
)
def test_a_log_format_without_what_is_needed_is_refused(
    tmp_path: Path, log_format: str, missing: str
) -> None:
    with pytest.raises(UsageError, match=f"does not tell {missing}"):
        rows_of(tmp_path, "a line", log_format=log_format)
