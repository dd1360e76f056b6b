"""What an SLO's left side is worth over some seconds of a run.

    p99, mean, max       of the response time, or the service time: s
    errors               failed ÷ all requests                         (ratio)
    checks               passed ÷ all checks                           (ratio)
    throughput           completed requests ÷ time                     (per s)
    apdex(T)             (satisfied + tolerating ÷ 2) ÷ all            (0..1)
    cpu(…), a.metric     mean of a probe's readings; memory: the largest
                         (cpu in cores of a process, so 250% are two and a half; of the host 0..1)

None where nothing was measured, or the step or probe is not there. Apdex (Apdex Alliance, Technical
Specification 1.1): satisfied is ≤ T, tolerating ≤ 4T, a failed request is frustrated. Histograms do
not say which requests failed, so those that failed other than by a timeout are taken off the
satisfied.
"""

from __future__ import annotations

from statistics import fmean

from perfwright.analyze.digest import Slice
from perfwright.analyze.summary import all_requests
from perfwright.model import metrics
from perfwright.model.frame import StepTally, Tally
from perfwright.model.histogram import Histogram
from perfwright.model.units import NS_PER_S, format_number
from perfwright.plan.slo import Slo
from perfwright.plan.slo_scanner import RATE_UNITS, SHARE_UNITS, SIZE_UNITS, TIME_UNITS

PROBE_METRICS = {
    "cpu": (metrics.PROCESS_CPU, metrics.CPU_UTILIZATION),
    "memory": (metrics.PROCESS_MEMORY, metrics.CGROUP_MEMORY),
}
"""What the short names mean: the first of them that the subject has. 100% of `cpu` is one core of a
process, and all cores of the host."""
_SLOW_FAILURES = ("timeout", "connect_timeout")


def slice_value(slo: Slo, part: Slice, *, duration_s: float) -> float | None:
    """In the unit of the SLO's limit: s, ratio, per s, or the probe's own."""
    if slo.metric == "probe":
        return _probe_value(slo, part)
    if slo.metric == "checks":
        return _checks_ratio(part.tally)
    step = all_requests(part.tally) if slo.step is None else part.tally.steps.get(slo.step)
    return None if step is None else _step_value(slo, step, duration_s)


def surface(slo: Slo) -> tuple[float, str]:
    """What to multiply a value with, and the unit that it then is in, for people to read."""
    if slo.metric in ("response", "service"):
        return 1e3, "ms"
    if slo.metric in ("errors", "checks"):
        return 1e2, "%"
    if slo.metric == "throughput":
        return 1.0, "1/s"
    for units in (SHARE_UNITS, TIME_UNITS, SIZE_UNITS, RATE_UNITS):
        if slo.unit and slo.unit in units:
            return 1 / float(units[slo.unit]), slo.unit
    return 1.0, slo.unit


def said(value: float, unit: str) -> str:
    """`340 ms`, `0.2%`, `50.2/s`: a value that `surface` has scaled."""
    after = "/s" if unit == "1/s" else unit
    return f"{format_number(value)}{'' if after in ('%', '/s', '') else ' '}{after}"


def _step_value(slo: Slo, step: StepTally, duration_s: float) -> float | None:
    match slo.metric:
        case "errors":
            return step.errors / step.requests if step.requests else None
        case "throughput":
            return step.requests / duration_s if duration_s > 0 else None
        case "apdex":
            return _apdex(slo, step)
        case _:
            return _time_s(slo, step.measures.get(slo.metric, Histogram()))


def _time_s(slo: Slo, histogram: Histogram) -> float | None:
    match slo.statistic:
        case "mean":
            value_ns = histogram.mean()
        case "max":
            value_ns = histogram.quantile(1)
        case _:
            assert slo.quantile is not None, slo
            value_ns = histogram.quantile(slo.quantile)
    return None if value_ns is None else value_ns / NS_PER_S


def _checks_ratio(tally: Tally) -> float | None:
    passed = sum(check.passed for check in tally.checks.values())
    failed = sum(check.failed for check in tally.checks.values())
    return passed / (passed + failed) if passed + failed else None


def _apdex(slo: Slo, step: StepTally) -> float | None:
    assert slo.threshold_s is not None, slo
    histogram = step.measures.get("response", Histogram())
    satisfied = histogram.ratio_at_or_below(slo.threshold_s * NS_PER_S)
    tolerable = histogram.ratio_at_or_below(4 * slo.threshold_s * NS_PER_S)
    if satisfied is None or tolerable is None:
        return None
    slow_failures = sum(step.error_kinds.get(kind, 0) for kind in _SLOW_FAILURES)
    failed = (step.errors - slow_failures) / histogram.count
    return max(0.0, satisfied - failed) + (tolerable - satisfied) / 2


def _probe_value(slo: Slo, part: Slice) -> float | None:
    """Of several subjects (none was named) the worst one's."""
    assert slo.probe is not None, slo
    combine = max if slo.probe == "memory" else fmean
    worst = max if slo.comparison[0] == "<" else min
    for wanted in PROBE_METRICS.get(slo.probe, (slo.probe,)):
        values = [
            combine(readings)
            for (metric, subject), readings in part.samples.items()
            if metric == wanted and slo.subject in (None, subject)
        ]
        if values:
            return worst(values)
    return None
