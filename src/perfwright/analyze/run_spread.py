"""Is a run that seems slower out of the ordinary, beside how runs of the same code differ?

A comparison knows how seconds of a run vary; what differs from run to run (another place in memory,
another neighbour on the machine) is one constant in each run, which no run shows by itself. Several
earlier runs do. With x₁ … x_N a figure's values in them (logarithms of times, ratios of errors), a
further run of the same code lies, in 95 of 100 cases, below

    x̄ + t_{N-1}(0.975) · s · √(1 + 1/N)          prediction interval (Hahn & Meeker 1991, §4.8)

A step that the comparison calls slower, but none of whose figures that rose lies above that, is
unknown: it may be the run and not the code. Two runs are too few to say how runs differ.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from statistics import fmean, stdev

from perfwright.analyze.judging import overall_verdict
from perfwright.model.comparison import Comparison, Judged, MetricChange, StepComparison
from perfwright.model.frame import StepTally, Tally
from perfwright.model.histogram import Histogram

RUNS_LEAST = 3
_LEVEL = 0.95
_QUANTILES = {"median": 0.5, "p95": 0.95}


def beside_runs(comparison: Comparison, runs: Sequence[Tally], candidate: Tally) -> Comparison:
    """The comparison with `candidate`, its verdicts tempered by how `runs` differ."""
    if len(runs) < RUNS_LEAST:
        return comparison
    steps = tuple(
        _tempered(step, runs, candidate) if step.verdict is Judged.SLOWER else step
        for step in comparison.steps
    )
    return dataclasses.replace(comparison, steps=steps, verdict=overall_verdict(steps))


def highest_likely(values: Sequence[float]) -> float:
    """Where a further value is likely to lie below, after at least two values."""
    from scipy.special import stdtrit

    count = len(values)
    t = float(stdtrit(count - 1, (1 + _LEVEL) / 2))
    return fmean(values) + t * stdev(values) * math.sqrt(1 + 1 / count)


def _tempered(step: StepComparison, runs: Sequence[Tally], candidate: Tally) -> StepComparison:
    risen = [metric for metric in step.metrics if _has_risen(metric)]
    ordinary = [metric for metric in risen if _is_ordinary(step.name, metric.name, runs, candidate)]
    if not risen or len(ordinary) < len(risen):
        return step
    return dataclasses.replace(
        step,
        verdict=Judged.UNKNOWN,
        reason=f"{step.reason}; yet the {len(runs)} runs of the base differ as much among "
        "themselves: repeat the run, or quiet the machine",
    )


def _has_risen(metric: MetricChange) -> bool:
    return metric.decides and metric.ci is not None and metric.ci[0] > 0


def _is_ordinary(step: str, name: str, runs: Sequence[Tally], candidate: Tally) -> bool:
    """Whether the candidate's value is one that a further run of the base may have had."""
    values = [_value(run.steps.get(step), name) for run in runs]
    now = _value(candidate.steps.get(step), name)
    known = [value for value in values if value is not None]
    return now is not None and len(known) >= RUNS_LEAST and now <= highest_likely(known)


def _value(step: StepTally | None, name: str) -> float | None:
    """On the scale on which runs differ evenly; None for a figure that is not known here."""
    if step is None or not step.requests:
        return None
    if name == "errors":
        return step.errors / step.requests
    times = step.measures.get("response", Histogram())
    value = times.quantile(_QUANTILES[name]) if name in _QUANTILES else None
    return math.log(value) if value else None
