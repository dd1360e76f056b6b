"""How the load of tomorrow is said: `2x`, `24h:10m`, `30%/year`, `18 months`.

Each becomes a number; UsageError names the option, what was written, and an example.
"""

from __future__ import annotations

import re

from perfwright.model.errors import UsageError
from perfwright.model.units import parse_duration

_SCALE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:x|×|times)?|(\d+(?:\.\d+)?)\s*%", re.IGNORECASE)
_GROWTH = re.compile(
    r"([+-]?\d+(?:\.\d+)?)\s*%(?:\s*(?:/|per|a)\s*(year|month|week))?", re.IGNORECASE
)
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(y|years?|mo|months?|w|weeks?|d|days?)", re.IGNORECASE)
_A_YEAR = {"y": 1.0, "m": 12.0, "w": 365.25 / 7, "d": 365.25}


def scale_of(text: str) -> float:
    """`2x`, `1.5`, `150%` → times."""
    match = _SCALE.fullmatch(text.strip())
    value = 0.0
    if match is not None:
        value = float(match[1]) if match[1] else float(match[2]) / 100
    if not 0 < value <= 1e6:
        raise UsageError(f"--scale: {text!r} is no factor above zero; write 2x, or 150%")
    return value


def compression_of(text: str) -> float:
    """`24h:10m` → 144: so many seconds of history pass in one of the test."""
    before, colon, after = text.partition(":")
    if not colon:
        raise UsageError(f"--compress: {text!r} must be FROM:TO, like 24h:10m")
    from_s = parse_duration(before, field="--compress")
    to_s = parse_duration(after, field="--compress")
    if not 0 < to_s <= from_s:
        raise UsageError(f"--compress: {text!r} must go from the longer to the shorter: 24h:10m")
    return from_s / to_s


def growth_of(text: str) -> float:
    """`30%/year` → 0.3; by the month or week it compounds."""
    match = _GROWTH.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"--growth: {text!r} is no growth; write 30%/year, or 2%/month")
    rate = float(match[1]) / 100
    if not -1 < rate <= 100:
        raise UsageError(f"--growth: {text!r} must lie between -100% and 10000%")
    periods = _A_YEAR[(match[2] or "year")[0].lower()]
    a_year = float((1 + rate) ** periods - 1)
    if a_year > 100:
        raise UsageError(f"--growth: {text!r} comes to more than 10000% a year; write 30%/year")
    return a_year


def years_of(text: str) -> float:
    """`1y`, `18 months`, `26w` → years."""
    match = _SPAN.fullmatch(text.strip())
    value = float(match[1]) / _A_YEAR[match[2][0].lower()] if match else 0.0
    if not 0 < value <= 100:
        raise UsageError(f"--horizon: {text!r} is no time ahead; write 1y, 18months or 26w")
    return value
