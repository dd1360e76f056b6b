"""A run as detectors see it: its stages, and every series that probes made, cut by stage.

    frames ─► stages ─┐
    readings ─────────┼─► View ─► detectors ─► findings
    knee ─────────────┘

A View holds values only; nothing in it reads a file or a clock. `low` and `knee` are the two stages
that matter most: what grew between them tells more than what is large. Where a run had one load
only, both are that one stage, and `compares` is False.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from perfwright.model.frame import StepTally
from perfwright.model.stage import Knee, Stage
from perfwright.model.watched import Reading, StatementTally

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One metric of one subject and label over the run: `seconds` ascending, `values` beside."""

    seconds: Floats
    values: Floats

    def during(self, stage: Stage) -> Floats:
        """The values read in the stage's seconds."""
        inside = (self.seconds >= stage.from_s) & (self.seconds < stage.to_s)
        return self.values[inside]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSteps:
    """What was counted in one stage, by step; groups (`user.step`) included."""

    stage: Stage
    steps: Mapping[str, StepTally] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class View:
    """`stages`: in order of time, warm-up left out, at least one. `counted`: the same stages'
    steps. `watched`: all readings joined. `knee`: None where no search was made."""

    target: str
    stages: tuple[Stage, ...]
    counted: tuple[StageSteps, ...]
    watched: Reading
    knee: Knee | None = None

    @cached_property
    def by_load(self) -> tuple[Stage, ...]:
        """The stages from the lowest load to the highest."""
        return tuple(sorted(self.stages, key=lambda stage: stage.offered))

    @property
    def low(self) -> Stage:
        """The lightest load."""
        return self.by_load[0]

    @cached_property
    def at_knee(self) -> Stage:
        """The stage with the highest load that was held; without a search, the highest load."""
        if self.knee is None:
            return self.by_load[-1]
        held = [stage for stage in self.by_load if stage.offered <= self.knee.low]
        return held[-1] if held else self.low

    @cached_property
    def busiest(self) -> Stage:
        """The stage that completed the most a second."""
        return max(self.stages, key=lambda stage: stage.throughput_per_s)

    @cached_property
    def past_knee(self) -> Stage | None:
        """The lightest load that the system did not hold, at its worst where that load was tried
        more than once; None where there is none."""
        beyond = [stage for stage in self.by_load if stage.offered > self.at_knee.offered]
        return min(beyond, key=lambda one: (one.offered, -one.response_mean_s), default=None)

    @property
    def under_stress(self) -> Stage:
        """Where a bottleneck shows most: past the knee, or else at it."""
        return self.past_knee or self.at_knee

    @property
    def compares(self) -> bool:
        """Whether there is a low and a high load to compare."""
        return self.under_stress.offered > 1.2 * self.low.offered

    @cached_property
    def series(self) -> Mapping[tuple[str, str, str], Series]:
        """By (metric, subject, label)."""
        together: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
        for sample in self.watched.samples:
            key = (sample.metric, sample.subject, sample.label)
            together.setdefault(key, []).append((sample.second, sample.value))
        return {key: _series(points) for key, points in together.items()}

    def subjects(self, metric: str) -> tuple[str, ...]:
        """Who has the metric, sorted."""
        return tuple(sorted({subject for name, subject, _ in self.series if name == metric}))

    def labels(self, metric: str, subject: str) -> tuple[str, ...]:
        """The labels that a subject's metric has, sorted; the whole is ""."""
        found = (key[2] for key in self.series if key[:2] == (metric, subject))
        return tuple(sorted(found))

    def values(self, metric: str, subject: str, label: str = "", *, stage: Stage) -> Floats:
        """What was read in the stage; empty where nothing was."""
        series = self.series.get((metric, subject, label))
        return np.empty(0) if series is None else series.during(stage)

    def mean(self, metric: str, subject: str, label: str = "", *, stage: Stage) -> float | None:
        """The stage's mean; None where nothing was read."""
        values = self.values(metric, subject, label, stage=stage)
        return float(values.mean()) if values.size else None

    def steps(self, stage: Stage) -> Mapping[str, StepTally]:
        """What was counted in the stage, by step."""
        return next(one.steps for one in self.counted if one.stage == stage)

    def statements(self, stage: Stage) -> tuple[StatementTally, ...]:
        """Each statement's sums over the stage (`second` is its start), most time first."""
        inside = (s for s in self.watched.statements if stage.from_s <= s.second < stage.to_s)
        return _summed(inside, round(stage.from_s))


def _series(points: list[tuple[float, float]]) -> Series:
    array = np.array(sorted(points, key=lambda point: point[0]), dtype=float)
    return Series(seconds=array[:, 0], values=array[:, 1])


def _summed(tallies: Iterable[StatementTally], second: int) -> tuple[StatementTally, ...]:
    groups: dict[tuple[str, str], list[StatementTally]] = {}
    for tally in tallies:
        groups.setdefault((tally.subject, tally.fingerprint), []).append(tally)
    summed = (
        StatementTally(
            second=second,
            subject=subject,
            fingerprint=fingerprint,
            text=group[0].text,
            calls=sum(one.calls for one in group),
            total_ns=sum(one.total_ns for one in group),
            rows=sum(one.rows for one in group),
            blocks_hit=sum(one.blocks_hit for one in group),
            blocks_read=sum(one.blocks_read for one in group),
            temp_blocks=sum(one.temp_blocks for one in group),
        )
        for (subject, fingerprint), group in groups.items()
    )
    return tuple(sorted(summed, key=lambda one: -one.total_ns))
