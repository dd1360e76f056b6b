"""Numbers within bounds, in exact arithmetic: 0.1 × 3 must be a multiple of 0.1."""

from __future__ import annotations

import math
from fractions import Fraction
from random import Random

from perfwright.sources.openapi.trees import Json, Tree, number

_USUAL_SPREAD = 99
_UNIX_TIME = 1_767_225_600
"""2026-01-01, in seconds."""
_TRIES = 20


def number_within(words: Tree, random: Random, *, whole: bool) -> int | float:
    """By `minimum`, `maximum`, their exclusive kin and `multipleOf`; small where nothing is said.

    If no number is within the bounds, one near the lower one.
    """
    low, high = _bounds(words)
    step = _exact(words.get("multipleOf"))
    if step is not None and step <= 0:
        step = None
    if whole:
        unit = Fraction(1) if step is None else Fraction(step.numerator)
        return int(_multiple(unit, low, high, random))
    if step is not None:
        return _float_multiple(step, low, high, random)
    cents = _multiple(Fraction(1, 100), low, high, random)
    return float(cents) if low.value <= cents <= high.value else float((low.value + high.value) / 2)


class _Bound:
    """`outside`: the bound itself is not allowed."""

    def __init__(self, value: Fraction, outside: bool) -> None:
        self.value = value
        self.outside = outside


def _bounds(words: Tree) -> tuple[_Bound, _Bound]:
    low = _tighter(words.get("minimum"), words.get("exclusiveMinimum"), max)
    high = _tighter(words.get("maximum"), words.get("exclusiveMaximum"), min)
    if low is None and words.get("format") in ("unix-time", "timestamp"):
        low = _Bound(Fraction(_UNIX_TIME), outside=False)
    step = abs(_exact(words.get("multipleOf")) or Fraction(1))
    spread = _USUAL_SPREAD * max(step, Fraction(1))
    if low is None:
        lowest = Fraction(1) if high is None or high.value >= 1 else high.value - spread
        low = _Bound(lowest, outside=False)
    if high is None or high.value > low.value + spread:
        high = _Bound(low.value + spread, outside=False)
    return low, high


def _tighter(inside: Json, outside: Json, pick: object) -> _Bound | None:
    bounds = [
        _Bound(exact, is_outside)
        for said, is_outside in ((inside, False), (outside, True))
        if (exact := _exact(said)) is not None
    ]
    if len(bounds) < 2:
        return bounds[0] if bounds else None
    first, second = bounds
    if first.value == second.value:
        return second
    return first if (first.value > second.value) == (pick is max) else second


def _exact(value: Json) -> Fraction | None:
    given = number(value)
    return None if given is None else Fraction(str(given))


def _multiple(step: Fraction, low: _Bound, high: _Bound, random: Random) -> Fraction:
    first, last = _multiples(step, low, high)
    return step * (random.randint(first, last) if first <= last else first)


def _multiples(step: Fraction, low: _Bound, high: _Bound) -> tuple[int, int]:
    """Which multiples of `step` are within: from, to."""
    first, last = math.ceil(low.value / step), math.floor(high.value / step)
    if low.outside and first * step == low.value:
        first += 1
    if high.outside and last * step == high.value:
        last -= 1
    return first, last


def _float_multiple(step: Fraction, low: _Bound, high: _Bound, random: Random) -> int | float:
    """A multiple that is one also for validators that divide floats (19.99 / 0.01 is not whole)."""
    first, last = _multiples(step, low, high)
    for _ in range(_TRIES):
        exact = step * (random.randint(first, last) if first <= last else first)
        given = int(exact) if exact.denominator == 1 else float(exact)
        quotient = given / float(step)
        if int(quotient) == quotient:
            return given
    return float(step * first)
