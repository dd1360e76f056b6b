"""What a series of measurements did over time: lasting changes, and moments out of the ordinary.

Indices count the rows of the series from 0, rows without a value included. Times are as the series
wrote them (text or number); where it has none, they are the indices. Intervals are of 95%.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Time = str | float | int


class ChangeKind(StrEnum):
    """What changed: the level at once, the level over a while, or how much values scatter."""

    LEVEL = "level"
    DRIFT = "drift"
    SPREAD = "spread"


class Method(StrEnum):
    """Who found a change. Both is more than either."""

    E_DIVISIVE = "e-divisive"
    PELT = "pelt"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """`index`: the first row of the new; of a drift, its beginning, and `until` its end.
    `before`, `after`: median levels (of `SPREAD`: standard deviations), in the series' unit.
    `magnitude`: after - before, with its interval `ci`. `change`: after ÷ before - 1, None where
    `before` is not above zero. `p`: probability of so much by chance. `location`: interval of the
    index. `went_away`: a later change took it back, or this one takes an earlier one back."""

    index: int
    time: Time
    kind: ChangeKind
    before: float
    after: float
    magnitude: float
    ci: tuple[float, float]
    change: float | None
    change_ci: tuple[float, float] | None
    p: float
    methods: tuple[Method, ...]
    location: tuple[int, int]
    until: int | None = None
    went_away: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """Rows `start_index` to `end_index`, both inclusive. `score`: how many standard deviations off
    the worst is; above the threshold by construction. `value`: of that worst row."""

    start: Time
    end: Time
    start_index: int
    end_index: int
    score: float
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """A repeating pattern: `period` in rows, `strength` (0..1): how much of the scatter it is."""

    period: int
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One row of a series. `expected`: level and season; `value` is None where it is missing."""

    index: int
    time: Time
    value: float | None
    level: float | None = None
    expected: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """`autocorrelation` of neighbouring rows' noise (0..1), `noise` its standard deviation."""

    name: str
    unit: str
    points: tuple[TrendPoint, ...]
    change_points: tuple[ChangePoint, ...]
    anomalies: tuple[Anomaly, ...]
    season: Season | None = None
    autocorrelation: float = 0.0
    noise: float = 0.0
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The document of `trend --json`, without the points; plain types only."""
        return {
            "name": self.name,
            "unit": self.unit,
            "rows": len(self.points),
            "values": sum(point.value is not None for point in self.points),
            "change_points": [dataclasses.asdict(change) for change in self.change_points],
            "anomalies": [dataclasses.asdict(anomaly) for anomaly in self.anomalies],
            "season": None if self.season is None else dataclasses.asdict(self.season),
            "autocorrelation": self.autocorrelation,
            "noise": self.noise,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSeries:
    """A series as it was read: `times` as written, `seconds` the same as numbers (None: no times).
    A value is NaN where it is missing."""

    name: str
    unit: str
    times: Sequence[Time]
    values: Sequence[float]
    seconds: Sequence[float] | None = None
    notes: tuple[str, ...] = ()
