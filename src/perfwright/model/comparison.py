"""Two runs beside each other: what changed, by how much, and how sure that is."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Judged(StrEnum):
    """Of a step, or of all of them. `SAME` is proven (an equivalence test inside a margin), not
    merely not disproven; `UNKNOWN` is neither."""

    FASTER = "faster"
    SLOWER = "slower"
    SAME = "same"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricChange:
    """One figure of one step. `name`: median, p95, p99, mean, throughput, errors. `base` and
    `candidate` in `unit` (ms, 1/s, %). `change`: candidate ÷ base - 1; for errors the difference in
    ratios. `ci`: its 95% interval [low, high], None where there is too little to tell. `decides`:
    whether it counts for the step's verdict."""

    name: str
    unit: str
    base: float | None
    candidate: float | None
    change: float | None
    ci: tuple[float, float] | None
    decides: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StepComparison:
    """`reason`: why the verdict, in a sentence; where it is unknown, how much more to measure."""

    name: str
    verdict: Judged
    metrics: tuple[MetricChange, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`verdict`: slower where a step is, else unknown where one is, else faster, else same.
    `margin`: changes within ± this ratio are the same. `notes`: why it may be unfair, and what
    could not be compared. `attribution`: what grew in steps that are slower, a sentence each."""

    steps: tuple[StepComparison, ...]
    verdict: Judged
    margin: float
    notes: tuple[str, ...] = ()
    attribution: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The document of `compare --json`; plain types only."""
        return dataclasses.asdict(self)
