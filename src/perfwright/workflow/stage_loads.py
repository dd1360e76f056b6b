"""The load of an investigation: the test's own mix, at whatever level the search asks for.

A test that gives each scenario a load of its own keeps their proportions: a level is split as the
peaks of their shapes are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from perfwright.load.local import LocalLoad
from perfwright.model.errors import PlanError
from perfwright.plan.shapes import Process, Segment, Shape, arrivals, users
from perfwright.plan.test import Test

Model = Literal["open", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLoads:
    """`shares` of a level by scenario ("" = all), summing to 1."""

    model: Model
    process: Process
    shares: dict[str, float]
    length_s: float

    @classmethod
    def of(cls, test: Test, length_s: float) -> StageLoads:
        """PlanError: the test mixes both models, so that there is no one level to raise."""
        models = {shape.model for shape in test.load.values()}
        if len(models) > 1:
            raise PlanError(
                "load: an investigation raises users or arrivals, and this test has both; choose "
                "with --model open or --model closed"
            )
        peaks = {name: shape.peak for name, shape in test.load.items()}
        total = sum(peaks.values())
        shape = next(iter(test.load.values()))
        return cls(
            model=shape.model,
            process=shape.process,
            shares={name: peak / total for name, peak in peaks.items()},
            length_s=length_s,
        )

    def shapes(self, level: float) -> dict[str, Shape]:
        """The load to begin with; it would go on to the end."""
        return {name: self._shape(part) for name, part in self._parts(level).items()}

    def change(self, load: LocalLoad, level: float, at_s: float) -> None:
        """From `at_s` on this level."""
        for name, part in self._parts(level).items():
            load.change_load(name, at_s, (Segment(at_s, self.length_s, part, part),))

    def _parts(self, level: float) -> dict[str, float]:
        if self.model == "open":
            return {name: level * share for name, share in self.shares.items()}
        return {name: float(max(1, round(level * share))) for name, share in self.shares.items()}

    def _shape(self, part: float) -> Shape:
        if self.model == "open":
            return arrivals(part, process=self.process).hold(self.length_s)
        return users(round(part)).hold(self.length_s)
