"""What k6's points mean, however they were written: one point a metric, several a request.

    http_req_duration         a request: sending + waiting + receiving, in ms, and failed or not
    http_req_connecting, …    one phase of it, in rows of their own
    group_duration            a group
    checks, vus, iterations, dropped_iterations

A point is dated when its request ended. https://grafana.com/docs/k6/latest/using-k6/metrics and
…/javascript-api/error-codes.
"""

from __future__ import annotations

from perfwright.sources.results.error_kinds import kind_in_sql
from perfwright.sources.results.step_names import step_of
from perfwright.sources.results.times import ns, optional_ns, phase_ns

_PHASES = {
    "http_req_connecting": phase_ns("value", "ms"),
    "http_req_tls_handshaking": phase_ns("value", "ms"),
    "http_req_sending": optional_ns("value", "ms"),
    "http_req_waiting": optional_ns("value", "ms"),
    "http_req_receiving": optional_ns("value", "ms"),
}
_MEASURES = dict(zip(_PHASES, ("connect", "tls", "send", "wait", "receive"), strict=True))
_TIMED = "metric IN ('http_req_duration', 'group_duration')"
_METRICS = (
    "http_req_duration", "group_duration", *_PHASES, "checks", "vus", "iterations",
    "dropped_iterations",
)  # fmt: skip

TAGS = {
    "name": "name", "url": "url", "method": "method", "error": "error_text",
    "expected_response": "expected", "group": "group_path", "check": "check_name",
}  # fmt: skip
"""The texts of a point by their names in k6, and as `k6_select` calls them."""
WANTED = f"metric IN {_METRICS}"

_FAILED = (
    "(metric = 'http_req_duration' AND coalesce(expected = 'false',"
    " status >= 400 OR coalesce(code, 0) >= 1000, false))"
)
_KIND = (
    "CASE WHEN code BETWEEN 1100 AND 1199 THEN 'dns' WHEN code = 1211 THEN 'connect_timeout'"
    " WHEN code = 1212 THEN 'connect_refused' WHEN code IN (1201, 1220) THEN 'reset'"
    " WHEN code BETWEEN 1200 AND 1299 THEN 'connect_failed' WHEN code = 1050 THEN 'timeout'"
    " WHEN code BETWEEN 1300 AND 1399 THEN 'tls' WHEN code BETWEEN 1600 AND 1799 THEN 'malformed'"
    f" ELSE {kind_in_sql('status', 'error_text')} END"
)


def k6_select() -> str:
    """SQL: a sample of a point, whose columns are metric, at_us, value (a float), status and code
    (integers), and those of `TAGS`, NULL where they are empty."""
    phases = [
        f"CASE WHEN metric = '{metric}' THEN {value} END AS {_MEASURES[metric]}_ns"
        for metric, value in _PHASES.items()
    ]
    parts = [
        f"at_us - CASE WHEN {_TIMED} THEN coalesce(TRY_CAST(floor(value * 1000) AS BIGINT), 0)"
        " ELSE 0 END AS started_us",
        "CASE WHEN metric = 'checks' THEN check_name WHEN metric LIKE 'http_req_%' THEN"
        f" CASE WHEN name IS NULL OR name = url THEN coalesce({step_of('method', 'url')}, name)"
        " ELSE name END WHEN metric = 'group_duration' THEN"
        " replace(ltrim(group_path, ':'), '::', ' / ') END AS step",
        "CASE WHEN metric = 'group_duration' THEN 'group' END AS kind",
        f"CASE WHEN {_TIMED} THEN {ns('value', 'ms')} END AS service_ns",
        *phases,
        "CASE WHEN metric = 'http_req_duration' THEN nullif(status, 0) END AS status",
        f"CASE WHEN {_FAILED} THEN {_KIND} END AS error",
        f"CASE WHEN {_FAILED} THEN error_text[:500] END AS message",
        f"CASE WHEN {_FAILED} THEN url END AS url",
        "CASE WHEN metric = 'vus' THEN TRY_CAST(value AS BIGINT) END AS users",
        "CASE WHEN metric = 'iterations' THEN TRY_CAST(value AS BIGINT) END AS iterations",
        "CASE WHEN metric = 'dropped_iterations' THEN TRY_CAST(value AS BIGINT) END AS dropped",
        "CASE WHEN metric = 'checks' THEN value > 0 END AS passed",
    ]
    return ", ".join(parts)
