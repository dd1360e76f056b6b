"""SLOs of a plan, each with what history says of it; and proposals where nobody has set any.

    limit = today's percentile × (1 + margin)         margin 25%, rounded up to two digits

A proposal is a place to begin a talk, not an objective: it says that tomorrow shall be little worse
than today, which nobody may have wanted. The log tells the server's own time, without network and
queue in front, so limits of response time have to be looser than what it shows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress

from perfwright.model.errors import SloSyntaxError
from perfwright.model.plan_page import Objective
from perfwright.model.units import format_duration
from perfwright.model.workload import Endpoint, Workload
from perfwright.plan.slo import Slo, parse_slo

MARGIN = 0.25
GUESSED = ("p95 < 500ms", "p99 < 1s", "errors < 1%")
"""Where nothing was measured: what people feel as at once, and a round number."""

_STEPS_MAX = 5
_MARGIN_TOLD_MAX = 2.0
_QUANTILES = (0.5, 0.95, 0.99)


def proposed_slos(workload: Workload | None, *, has_checks: bool) -> tuple[str, ...]:
    """Expressions; from the log's own percentiles where it has them, else guesses."""
    checks = ("checks > 99%",) if has_checks else ()
    if workload is None:
        return (*GUESSED, *checks)
    timed = [one for one in workload.endpoints if one.service_s is not None]
    if not timed:
        return ("p95 < 500ms", f"errors < {_errors_limit(workload)}", *checks)
    of_steps = tuple(expr for one in timed[:_STEPS_MAX] for expr in _step_slos(one))
    return (*of_steps, f"errors < {_errors_limit(workload)}", *checks)


def objectives_of(
    slos: Sequence[str], workload: Workload | None, *, proposed: bool
) -> tuple[Objective, ...]:
    """`proposed`: nobody has agreed to them yet. SloSyntaxError."""
    return tuple(_objective(expr, parse_slo(expr), workload, proposed) for expr in slos)


def _objective(expr: str, slo: Slo, workload: Workload | None, proposed: bool) -> Objective:
    today, margin, seen = "", None, ""
    if workload is not None:
        value = _today(slo, workload)
        if value is not None:
            today = _told(slo, value)
            margin = slo.limit / value - 1 if value > 0 else None
            seen = "the access log"
    return Objective(
        expr=expr,
        today=today,
        margin_ratio=margin,
        is_proposal=proposed,
        basis=_basis(seen, margin, proposed),
    )


def _basis(seen: str, margin: float | None, proposed: bool) -> str:
    if not proposed:
        return "Given."
    if seen and margin is not None:
        if margin < 0:
            return f"Asks for more than {seen} shows today."
        if margin > _MARGIN_TOLD_MAX:
            return f"{margin + 1:.0f} times today's value in {seen}."
        return f"Today's value in {seen}, and a margin of {margin:.0%}."
    if seen:
        return f"From {seen}, where it did not happen."
    return "No measurement stands behind it."


def _told(slo: Slo, value: float) -> str:
    if slo.metric in ("response", "service"):
        return format_duration(value)
    return f"{value:.3g}/s" if slo.metric == "throughput" else f"{value * 100:.3g}%"


def _today(slo: Slo, workload: Workload) -> float | None:
    """In the unit of the limit; None where the log does not tell it."""
    if slo.metric == "errors":
        return _error_ratio(workload.endpoints, slo.step)
    if slo.metric == "throughput" and slo.step is None:
        return workload.arrivals.peak_requests_per_s
    if slo.quantile in _QUANTILES and slo.step is not None:
        named = (one.service_s for one in workload.endpoints if one.name == slo.step)
        times = next(named, None)
        return None if times is None else times[_QUANTILES.index(slo.quantile)]
    return None


def _error_ratio(endpoints: Sequence[Endpoint], step: str | None) -> float | None:
    chosen = [one for one in endpoints if step is None or one.name == step]
    total = sum(number for one in chosen for _, number in one.statuses)
    failed = sum(number for one in chosen for status, number in one.statuses if status >= 400)
    return failed / total if total else None


def _errors_limit(workload: Workload) -> str:
    today = _error_ratio(workload.endpoints, None) or 0.0
    return f"{max(0.1, _rounded_up(today * 100 * (1 + MARGIN))):g}%"


def _step_slos(endpoint: Endpoint) -> Iterator[str]:
    """None for a name that the grammar cannot hold."""
    assert endpoint.service_s is not None, endpoint
    limit_ms = _rounded_up(max(endpoint.service_s[1] * 1e3, 0.8) * (1 + MARGIN))
    for subject in (endpoint.name, f'"{endpoint.name}"'):
        expr = f"p95({subject}) < {limit_ms:g}ms"
        with suppress(SloSyntaxError):
            if parse_slo(expr).step == endpoint.name:
                yield expr
                return


def _rounded_up(value: float) -> float:
    """To two significant digits: 103 → 110."""
    if value <= 0:
        return 0.0
    scale = 10.0 ** (math.floor(math.log10(value)) - 1)
    return round(float(math.ceil(round(value / scale, 6))) * scale, 6)
