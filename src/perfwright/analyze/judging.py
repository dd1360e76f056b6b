"""Two runs judged step by step: faster, slower, same or unknown, with false alarms bounded.

    figure          slower, faster                          same
    median, p95     Holm-adjusted p ≤ α and |change| > m    95% interval within ± m
    throughput      likewise                                likewise
    errors          adjusted p ≤ α and |change| > 0.1 pp    otherwise

`α` = 2% is the chance of any false alarm in the whole comparison: all figures that decide, of all
steps, are one family. `m` is the margin. What proves neither is unknown, and says how long to
measure. The median and p95 decide, errors where there were any; throughput only where it is the
system's doing: one step, in a closed model, under the same load. The rest is shown.

Beyond the margin as well as beyond chance: two runs minutes apart differ a little on any machine,
and a change that the margin calls none is no alarm however sure it is. Errors need no proof of
sameness, since no run is long enough to show that a rare one is still as rare.

    step       slower if any figure is; else faster if one is and none that is unknown leans the
               other way; same if all are, the median among them; else unknown
    all steps  slower, unknown, faster, same: the first that any step is
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from perfwright.analyze.estimates import ERRORS, NAMES, THROUGHPUT, estimates
from perfwright.analyze.figure_change import FigureChange, figure_change
from perfwright.analyze.holm import holm
from perfwright.analyze.step_seconds import StepSeconds
from perfwright.model.comparison import Judged, StepComparison

ALPHA = 0.02
LEVEL = 0.95
MARGIN = 0.03
ERROR_MARGIN = 0.001
_TIMES = ("median", "p95")
_CLOSEST = 0.25
"""Of the margin: how narrow an interval one is sent to measure for, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPair:
    """A step in both runs, with the changes of its figures."""

    name: str
    base: StepSeconds
    candidate: StepSeconds
    changes: Mapping[str, FigureChange]

    @property
    def measured_s(self) -> float:
        """Of the shorter run."""
        return min(float(one.seconds.sum()) for one in (self.base, self.candidate))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Of one figure that decides. `needed_s`: where it is unknown, how long each run should be."""

    figure: FigureChange
    verdict: Judged
    needed_s: float | None = None


def pairs_of(
    base: Mapping[str, StepSeconds], candidate: Mapping[str, StepSeconds], *, seed: int = 0
) -> tuple[StepPair, ...]:
    """The steps that both runs have, in the base's order. The same seed gives the same figures."""
    common = [name for name in base if name in candidate]
    return tuple(
        _pair(name, base[name], candidate[name], [seed, number])
        for number, name in enumerate(common)
    )


def judged(
    pairs: Sequence[StepPair], *, margin: float, throughput_decides: bool = False
) -> dict[str, tuple[Judgement, ...]]:
    """The figures that decide, by step; none where there is too little to tell.

    `throughput_decides`: the runs are of a closed model under the same load."""
    requesting = [pair for pair in pairs if pair.base.kind != "group"]
    with_throughput = throughput_decides and len(requesting) == 1
    deciding = {
        (pair.name, name): pair.changes[name]
        for pair in pairs
        for name in _deciding(pair, with_throughput=with_throughput)
    }
    adjusted = holm({key: one.p for key, one in deciding.items() if one.p is not None})
    return {
        pair.name: tuple(
            _judgement(deciding[key], adjusted[key], margin, len(adjusted), pair.measured_s)
            for key in deciding
            if key[0] == pair.name and key in adjusted
        )
        for pair in pairs
    }


def step_verdict(judgements: Sequence[Judgement], *, margin: float) -> Judged:
    """Of all that decides about one step."""
    found = {one.verdict for one in judgements}
    if Judged.SLOWER in found:
        return Judged.SLOWER
    if Judged.FASTER in found:
        doubts = (one for one in judgements if one.verdict is Judged.UNKNOWN)
        against = any(_worse(one.figure) > math.log1p(margin) for one in doubts)
        return Judged.UNKNOWN if against else Judged.FASTER
    timed = any(one.figure.is_ratio for one in judgements)
    return Judged.SAME if timed and found == {Judged.SAME} else Judged.UNKNOWN


def overall_verdict(steps: Iterable[StepComparison]) -> Judged:
    """Of all steps; unknown where there is none."""
    found = {step.verdict for step in steps} or {Judged.UNKNOWN}
    order = (Judged.SLOWER, Judged.UNKNOWN, Judged.FASTER, Judged.SAME)
    return next(verdict for verdict in order if verdict in found)


def _pair(name: str, base: StepSeconds, candidate: StepSeconds, seed: list[int]) -> StepPair:
    before = estimates(base, np.random.default_rng([*seed, 0]), beside=candidate)
    after = estimates(candidate, np.random.default_rng([*seed, 1]), beside=base)
    changes = {figure: figure_change(figure, before[figure], after[figure]) for figure in NAMES}
    return StepPair(name=name, base=base, candidate=candidate, changes=changes)


def _deciding(pair: StepPair, *, with_throughput: bool) -> Iterable[str]:
    failed = [float(one.errors.sum()) for one in (pair.base, pair.candidate)]
    asked = [float(one.requests.sum()) for one in (pair.base, pair.candidate)]
    if failed[0] >= asked[0]:
        return
    if any(failed):
        yield ERRORS
    if failed[1] >= asked[1]:
        return
    yield from _TIMES
    if with_throughput:
        yield THROUGHPUT


def _judgement(
    figure: FigureChange, adjusted: float, margin: float, tests: int, measured_s: float
) -> Judgement:
    change = abs(figure.change or 0.0)
    limit = margin if figure.is_ratio else ERROR_MARGIN
    if adjusted <= ALPHA and change > limit:
        verdict = Judged.SLOWER if _worse(figure) > 0 else Judged.FASTER
        return Judgement(figure=figure, verdict=verdict)
    interval = figure.interval(LEVEL)
    within = interval is not None and -margin <= interval[0] and interval[1] <= margin
    if within or not figure.is_ratio:
        return Judgement(figure=figure, verdict=Judged.SAME)
    needed_s = _needed_s(figure, margin, tests, measured_s)
    return Judgement(figure=figure, verdict=Judged.UNKNOWN, needed_s=needed_s)


def _needed_s(figure: FigureChange, margin: float, tests: int, measured_s: float) -> float:
    """An interval shrinks as 1/√T: T' = T · (half width now ÷ half width wanted)²."""
    theta, limit = abs(figure.theta or 0.0), math.log1p(margin)
    if theta > limit:
        half, wanted = figure.half_width(1 - ALPHA / tests), theta
    else:
        half, wanted = figure.half_width(LEVEL), max(limit - theta, _CLOSEST * limit)
    return measured_s * ((half or 0.0) / wanted) ** 2


def _worse(figure: FigureChange) -> float:
    """θ, turned so that above 0 is worse."""
    theta = figure.theta or 0.0
    return -theta if figure.name == THROUGHPUT else theta
