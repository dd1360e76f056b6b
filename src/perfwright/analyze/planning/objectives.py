"""SLOs of a plan, each with what history says of it; and guesses where nothing was measured.

A proposal is a place to begin a talk, not an objective: it says that tomorrow shall be little worse
than today, which nobody may have wanted. The log tells the server's own time, without network and
queue in front, so limits of response time have to be looser than what it shows (those of a log are
proposed by `analyze/workload/draft_slos.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.model.plan_page import Objective
from perfwright.model.units import format_duration
from perfwright.model.workload import Endpoint, Workload
from perfwright.plan.slo import Slo, parse_slo

_GUESSED = ("p95 < 500ms", "p99 < 1s", "errors < 1%")
"""What people feel as at once, and a round number."""

_MARGIN_TOLD_MAX = 2.0
_QUANTILES = (0.5, 0.95, 0.99)


def guessed_slos(*, has_checks: bool) -> tuple[str, ...]:
    """Expressions; the first is of response time."""
    return (*_GUESSED, "checks > 99%") if has_checks else _GUESSED


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
