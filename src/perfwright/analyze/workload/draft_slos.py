"""Objectives proposed from history: what production does today, with a margin.

    p95(GET /items/{item_id}) < 120ms     today's p95 × 1.25, rounded up to two digits
    errors < 0.5%                         twice today's share of failed requests, at least 0.1%

Response times come from the log's durations, which begin when the server has the request: a client
sees the network on top, and queueing before the server. Without durations only errors are proposed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from perfwright.model.errors import SloSyntaxError
from perfwright.model.workload import Endpoint
from perfwright.plan.slo import parse_slo

MARGIN = 1.25
_MOST = 5
_ENOUGH_REQUESTS = 100
_LEAST_ERRORS = 0.001
_MOST_UNSEEN = 0.01
_LEAST_MS = 1.0


def propose_slos(
    endpoints: Sequence[Endpoint], expected: Mapping[str, Sequence[int]]
) -> tuple[str, ...]:
    """`expected`: by the endpoint's name, statuses from 400 on that are no errors of the test."""
    found = []
    for endpoint in sorted(endpoints, key=lambda one: -one.requests)[:_MOST]:
        if endpoint.service_s is not None and endpoint.requests >= _ENOUGH_REQUESTS:
            limit_ms = max(_LEAST_MS, 1000 * MARGIN * endpoint.service_s[1])
            expression = f"p95({_subject(endpoint.name)}) < {_rounded_up(limit_ms)}ms"
            if _parses(expression):
                found.append(expression)
    return (*found, f"errors < {_errors(endpoints, expected)}%")


def _errors(endpoints: Sequence[Endpoint], expected: Mapping[str, Sequence[int]]) -> str:
    total = sum(endpoint.requests for endpoint in endpoints)
    failed = sum(
        count
        for endpoint in endpoints
        for status, count in endpoint.statuses
        if status >= 400 and status not in expected.get(endpoint.name, ())
    )
    # Of n requests without a failure, up to 3/n may fail (the rule of three, at 95%).
    unseen = min(3 / max(1, total), _MOST_UNSEEN)
    share = max(2 * failed / max(1, total), unseen, _LEAST_ERRORS)
    return _rounded_up(min(100.0, 100 * share))


def _rounded_up(value: float) -> str:
    """To two significant digits."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return f"{math.ceil(value / step - 1e-9) * step:.10g}"


def _subject(name: str) -> str:
    return name if "'" in name or name.count("(") == name.count(")") else f"'{name}'"


def _parses(expression: str) -> bool:
    try:
        parse_slo(expression)
    except SloSyntaxError:
        return False
    return True
