"""The two reports that GitLab shows in a merge request, beside those of the target branch.

    load_performance   k6's summary, as far as GitLab's widget reads it: requests per second, 90th
                       and 95th percentile of the time to first byte (ms), share of checks passed
    metrics            OpenMetrics text: figures by step, which GitLab compares as they are written

What was not measured is left out: a run without checks has no `checks`, one whose tool does not
know the first byte has no `http_req_waiting`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from perfwright.analyze.summary import all_requests
from perfwright.model.histogram import Histogram
from perfwright.model.result import StepResult
from perfwright.model.units import NS_PER_MS
from perfwright.report import wording
from perfwright.workflow.gate import Gated

_STATISTICS = {"min": 0.0, "med": 0.5, "p(90)": 0.9, "p(95)": 0.95, "p(99)": 0.99, "max": 1.0}
_QUANTILES = {"p50": "0.5", "p95": "0.95", "p99": "0.99"}
_STEPS_MAX = 100


def render_load_performance(gated: Gated) -> str:
    """The JSON document of `artifacts:reports:load_performance`."""
    together = all_requests(gated.judged)
    metrics: dict[str, Any] = {
        "http_reqs": {
            "count": together.requests,
            "rate": round(gated.run.overall.throughput_per_s, 3),
        }
    }
    for name, measure in (("http_req_duration", "response"), ("http_req_waiting", "wait")):
        histogram = together.measures.get(measure, Histogram())
        if histogram.count:
            metrics[name] = _trend(histogram)
    if together.requests:
        ratio = together.errors / together.requests
        fails = together.requests - together.errors
        metrics["http_req_failed"] = {"value": ratio, "passes": together.errors, "fails": fails}
    passed = sum(check.passed for check in gated.judged.checks.values())
    failed = sum(check.failed for check in gated.judged.checks.values())
    if passed + failed:
        metrics["checks"] = {
            "passes": passed, "fails": failed, "value": passed / (passed + failed)
        }  # fmt: skip
    return json.dumps({"metrics": metrics}, indent=1) + "\n"


def render_metrics(gated: Gated) -> str:
    """The OpenMetrics text of `artifacts:reports:metrics`."""
    return "\n".join((*_families(gated), "# EOF")) + "\n"


def _trend(histogram: Histogram) -> dict[str, float]:
    times = {name: histogram.quantile(q) or 0.0 for name, q in _STATISTICS.items()}
    times["avg"] = histogram.mean() or 0.0
    return {name: round(value / NS_PER_MS, 3) for name, value in times.items()}


def _families(gated: Gated) -> Iterator[str]:
    steps = gated.run.judged_steps[:_STEPS_MAX]
    yield "# TYPE perfwright_response_time_seconds gauge"
    yield "# UNIT perfwright_response_time_seconds seconds"
    for step in steps:
        yield from _times(step)
    yield "# TYPE perfwright_throughput_per_second gauge"
    for step in steps:
        yield _sample("perfwright_throughput_per_second", step.throughput_per_s, step=step.name)
    yield "# TYPE perfwright_error_ratio gauge"
    yield "# UNIT perfwright_error_ratio ratio"
    for step in steps:
        ratio = step.errors / step.requests if step.requests else 0.0
        yield _sample("perfwright_error_ratio", ratio, step=step.name)
    yield "# TYPE perfwright_gate_exit_code gauge"
    yield f"perfwright_gate_exit_code {gated.result.exit_code}"


def _times(step: StepResult) -> Iterator[str]:
    for name, quantile in _QUANTILES.items():
        value_ms = step.response_ms.get(name)
        if value_ms is not None:
            yield _sample(
                "perfwright_response_time_seconds",
                value_ms / 1e3,
                step=step.name,
                quantile=quantile,
            )


def _sample(family: str, value: float, **labels: str) -> str:
    """Three digits: GitLab compares text, and more of them would always differ."""
    told = ",".join(f'{name}="{_label(text)}"' for name, text in labels.items())
    return f"{family}{{{told}}} {float(f'{value:.3g}'):g}"


def _label(text: str) -> str:
    """Escaped as OpenMetrics wants it; GitLab's reader takes # for the start of a comment."""
    plain = wording.shorten(wording.clean(text), 120).replace("#", "_")
    return plain.replace("\\", r"\\").replace('"', r"\"")
