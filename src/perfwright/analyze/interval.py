"""A figure with its 90% interval, and the little arithmetic that predictions need.

Sums and quotients of intervals are taken end by end (the worst of both cases), which is wider than
90% where the parts are independent: a prediction rather errs to caution. Ends never cross: `low ≤
value ≤ high`, all ≥ 0.
"""

from __future__ import annotations

from dataclasses import dataclass

COVERAGE = 0.90


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """`value` with a 90% interval from `low` to `high`; in whatever unit its name says."""

    value: float
    low: float
    high: float

    def scaled(self, factor: float) -> Interval:
        """Every end times `factor` ≥ 0."""
        return Interval(value=self.value * factor, low=self.low * factor, high=self.high * factor)

    def plus(self, other: Interval) -> Interval:
        return Interval(
            value=self.value + other.value, low=self.low + other.low, high=self.high + other.high
        )

    def times(self, other: Interval) -> Interval:
        return Interval(
            value=self.value * other.value, low=self.low * other.low, high=self.high * other.high
        )

    def less(self, other: Interval) -> Interval:
        """What is left of it when `other` is taken away: at worst the least of the most."""
        return Interval(
            value=max(self.value - other.value, 0.0),
            low=max(self.low - other.high, 0.0),
            high=max(self.high - other.low, self.value - other.value, 0.0),
        )

    def at_most(self, limit: float) -> Interval:
        return Interval(
            value=min(self.value, limit), low=min(self.low, limit), high=min(self.high, limit)
        )


NOTHING = Interval(value=0.0, low=0.0, high=0.0)


def exactly(value: float) -> Interval:
    """A figure that is known."""
    return Interval(value=value, low=value, high=value)


def about(value: float, relative: float = 0.2) -> Interval:
    """A figure known within ± `relative`."""
    return Interval(value=value, low=value * (1 - relative), high=value * (1 + relative))


def share(value: float, relative: float = 0.15) -> Interval:
    """A part of a whole, 0..1, known within ± `relative` of the smaller of it and its rest, as
    shares seen by sampling are."""
    value = min(max(value, 0.0), 1.0)
    spread = relative * min(value, 1 - value)
    return Interval(value=value, low=value - spread, high=value + spread)
