"""How much the metric of a budget changed between two runs, with its interval.

What the comparison has judged already is taken from it, so that one report has one figure. The
rest (all requests together, service times, other quantiles) is estimated in the same way from the
runs' judged seconds: the budget's requests are put together as one step of which that is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from perfwright.analyze.estimates import ERRORS, THROUGHPUT, Estimate, estimates, quantile_estimates
from perfwright.analyze.figure_change import figure_change
from perfwright.analyze.judging import LEVEL
from perfwright.analyze.step_seconds import StepSeconds, steps_of
from perfwright.analyze.summary import all_requests
from perfwright.model.comparison import Comparison, MetricChange
from perfwright.model.frame import Frame, StepTally, Tally
from perfwright.model.units import NS_PER_MS
from perfwright.plan.budget import Budget

_ONE = "requests of the budget"
_SEED = 0
_COMPARED = {"p50": "median"}
_UNITS = {THROUGHPUT: ("1/s", 1.0), ERRORS: ("%", 0.01)}
_TIME = ("ms", float(NS_PER_MS))


def compared_change(budget: Budget, comparison: Comparison) -> MetricChange | None:
    """The change as the comparison has it; None where it has not."""
    name = _COMPARED.get(budget.name, budget.name)
    for step in comparison.steps:
        if step.name == budget.step:
            return next((metric for metric in step.metrics if metric.name == name), None)
    return None


def estimated_change(
    budget: Budget, base: Iterable[Frame], candidate: Iterable[Frame]
) -> MetricChange | None:
    """The change from the runs' own seconds; None where a run has no such requests."""
    first, second = (_as_one_step(budget, frames) for frames in (base, candidate))
    if first is None or second is None:
        return None
    name = budget.name.removeprefix("service.")
    before, after = (
        _estimate(budget, name, side, other, np.random.default_rng([_SEED, number]))
        for number, (side, other) in enumerate(((first, second), (second, first)))
    )
    change = figure_change(name, before, after)
    unit, scale = _UNITS.get(name, _TIME)
    return MetricChange(
        name=budget.name,
        unit=unit,
        base=None if change.base is None else change.base / scale,
        candidate=None if change.candidate is None else change.candidate / scale,
        change=change.change,
        ci=change.interval(LEVEL),
    )


def why_unknown(budget: Budget, base: Sequence[str], candidate: Sequence[str]) -> str:
    """Why there is no change to judge, from the names of both runs' steps."""
    for side, names in (("baseline", base), ("run", candidate)):
        if budget.step is not None and budget.step not in names:
            known = ", ".join(sorted(names)) or "none"
            return f"no step {budget.step!r} in the {side}, which has {known}"
    return ""


def _estimate(
    budget: Budget,
    name: str,
    step: StepSeconds,
    beside: StepSeconds,
    random: np.random.Generator,
) -> Estimate:
    if budget.quantile is None:
        return estimates(step, random, beside=beside)[name]
    return quantile_estimates(step, {name: budget.quantile}, random, beside=beside)[name]


def _as_one_step(budget: Budget, frames: Iterable[Frame]) -> StepSeconds | None:
    """The requests that the budget is about, as the only step there is."""
    return steps_of(_narrowed(budget, frames)).get(_ONE)


def _narrowed(budget: Budget, frames: Iterable[Frame]) -> Iterator[Frame]:
    for frame in frames:
        tally = frame.total
        step = all_requests(tally) if budget.step is None else tally.steps.get(budget.step)
        steps = {} if step is None else {_ONE: _with_measure(budget, step)}
        yield Frame.of_workers(frame.second, {0: Tally(steps=steps)}, judged=frame.judged)


def _with_measure(budget: Budget, step: StepTally) -> StepTally:
    """The step with the budget's measure for its response time."""
    if budget.metric != "service":
        return step
    measures = {"response": step.measures["service"]} if "service" in step.measures else {}
    return StepTally(kind=step.kind, requests=step.requests, errors=step.errors, measures=measures)
