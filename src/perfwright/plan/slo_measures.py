"""What an SLO's metric names mean: which statistic of what, in which units, with what in
parentheses.

    p99            the 0.99 quantile of the response time     in time units
    service.max    the largest service time                   in time units
    errors         failed ÷ all requests                      in %
    cpu(port:80)   a probe's metric                           in its own units

A name that means nothing is a SloSyntaxError at its first character, with the nearest name that
does.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import Literal

from perfwright.plan.slo_scanner import (
    PLAIN_UNITS,
    RATE_UNITS,
    SHARE_UNITS,
    SIZE_UNITS,
    TIME_UNITS,
    Scanner,
)

Metric = Literal["response", "service", "errors", "checks", "throughput", "apdex", "probe"]
Statistic = Literal["quantile", "mean", "max", "ratio", "rate", "apdex", "value"]
Argument = Literal["step", "none", "threshold", "subject", "optional subject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """The meaning of one metric name. `example` shows it with its argument; `advice` says how its
    limit is written; a limit above `highest` (in the base unit) is refused."""

    metric: Metric
    statistic: Statistic
    quantile: float | None = None
    probe: str | None = None
    argument: Argument = "step"
    units: Mapping[str, Decimal]
    advice: str
    example: str
    highest: float = math.inf
    highest_written: str = ""


def _time(statistic: Statistic, name: str) -> Measure:
    return Measure(
        metric="service" if name.startswith("service.") else "response",
        statistic=statistic,
        units=TIME_UNITS,
        advice="give a unit: ms or s, like 300ms",
        example=f"{name}(login) < 300ms",
    )


def _share(metric: Metric, argument: Argument, example: str) -> Measure:
    return Measure(
        metric=metric,
        statistic="ratio",
        argument=argument,
        units=SHARE_UNITS,
        advice=f"give a percentage, like {example}",
        example=example,
        highest=1.0,
        highest_written="100%",
    )


def _probe(name: str, argument: Argument, units: Mapping[str, Decimal], limit: str) -> Measure:
    example = f"{name}(port:8000) < {limit}"
    return Measure(
        metric="probe",
        statistic="value",
        probe=name,
        argument=argument,
        units=units,
        advice=f"give a limit like {example}",
        example=example,
    )


_MEASURES: dict[str, Measure] = {
    "mean": _time("mean", "mean"),
    "max": _time("max", "max"),
    "service.mean": _time("mean", "service.mean"),
    "service.max": _time("max", "service.max"),
    "errors": _share("errors", "step", "errors < 0.1%"),
    "checks": _share("checks", "none", "checks > 99%"),
    "throughput": Measure(
        metric="throughput",
        statistic="rate",
        units=RATE_UNITS,
        advice="give a rate, like 500/s",
        example="throughput > 500/s",
    ),
    "apdex": Measure(
        metric="apdex",
        statistic="apdex",
        argument="threshold",
        units=PLAIN_UNITS,
        advice="an apdex lies between 0 and 1 and has no unit, like 0.9",
        example="apdex(300ms) > 0.9",
        highest=1.0,
        highest_written="1",
    ),
    "cpu": _probe("cpu", "subject", SHARE_UNITS, "70%"),
    "memory": _probe("memory", "subject", SIZE_UNITS, "2GB"),
}
_SUGGESTED = ("p50", "p90", "p95", "p99", "p99.9", "service.p99", *_MEASURES)
_OTHER_WORDS = {
    "median": "p50", "avg": "mean", "average": "mean", "latency": "p99", "p100": "max",
    "error_rate": "errors", "failures": "errors", "rps": "throughput", "rate": "throughput",
}  # fmt: skip
_PERCENTILE = re.compile(r"(service\.)?p(\d{1,2}(?:\.\d+)?)", re.ASCII)
_ALMOST_PERCENTILE = re.compile(r"(service\.)?p\d.*", re.ASCII)
_DOTTED = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z0-9_]+)+", re.ASCII | re.IGNORECASE)
_PROBE_UNITS = {**PLAIN_UNITS, **SHARE_UNITS, **TIME_UNITS, **SIZE_UNITS, **RATE_UNITS}


def find_measure(scanner: Scanner) -> Measure:
    """Reads the metric's name."""
    start = scanner.position
    name = scanner.word("._")
    if name in _MEASURES:
        return _MEASURES[name]
    percentile = _PERCENTILE.fullmatch(name)
    if percentile and float(percentile[2]) > 0:
        quantile = float(Decimal(percentile[2]) / 100)
        return replace(_time("quantile", name), quantile=quantile)
    if name in _OTHER_WORDS:
        raise scanner.error(f"there is no {name!r} here; write {_OTHER_WORDS[name]!r}", start)
    if _ALMOST_PERCENTILE.fullmatch(name):
        raise scanner.error(
            f"{name!r} is no percentile between p0 and p100, like p99 or p99.9", start
        )
    if name.startswith("response."):
        raise scanner.error(
            "p99, mean and max are of the response time: leave out 'response.'", start
        )
    if _DOTTED.fullmatch(name) and not name.startswith("service."):
        return _probe(name, "optional subject", _PROBE_UNITS, "10")
    close = get_close_matches(name, _SUGGESTED, n=1)
    if close:
        raise scanner.error(f"unknown metric {name!r}; did you mean {close[0]!r}?", start)
    raise scanner.error(
        "expected p99, mean, max, errors, checks, throughput, apdex, cpu(…), memory(…) "
        "or the dotted name of a probe's metric",
        start,
    )
