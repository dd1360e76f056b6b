"""The schedule of JMeter's Open Model Thread Group as levels of arrivals a second.

    rate(0) random_arrivals(30 s) rate(10/s) random_arrivals(1 min) pause(5 s)
    └ from here ──────────────────┘ up to 10/s, which then holds

https://jmeter.apache.org/usermanual/component_reference.html#Open_Model_Thread_Group
"""

from __future__ import annotations

import re

_UNIT = r"(ms|s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)?"
_STEP = re.compile(
    r"(rate|random_arrivals|even_arrivals|pause)\s*\(([^()]{0,200})\)", re.IGNORECASE
)
_RATE = re.compile(rf"(\d+(?:\.\d+)?)\s*(?:/|per\s)?\s*{_UNIT}")
_TIME = re.compile(rf"(\d+(?:\.\d+)?)\s*{_UNIT}")
_LETTERS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_MOST_STEPS = 500


def points_of_schedule(schedule: str) -> tuple[tuple[float, float], ...]:
    """Empty where the schedule says nothing that is understood."""
    points: list[tuple[float, float]] = []
    rate: float | None = None
    at = 0.0
    steps = [(name.lower(), said) for name, said in _STEP.findall(schedule[:50_000])[:_MOST_STEPS]]
    for index, (name, said) in enumerate(steps):
        if name == "rate":
            rate = _rate(said)
            continue
        lasting = _seconds(said)
        if name == "pause":
            points += [(at, 0.0), (at + lasting, 0.0)]
        else:
            follows = steps[index + 1] if index + 1 < len(steps) else ("", "")
            end = _rate(follows[1]) if follows[0] == "rate" else rate or 0.0
            points += [(at, rate or 0.0), (at + lasting, end)]
        at += lasting
    return tuple(points) if at > 0 else ()


def _rate(said: str) -> float:
    match = _RATE.fullmatch(said.strip())
    return float(match[1]) / _unit_s(match[2]) if match else 0.0


def _seconds(said: str) -> float:
    match = _TIME.fullmatch(said.strip())
    return float(match[1]) * _unit_s(match[2]) if match else 0.0


def _unit_s(unit: str | None) -> float:
    return 0.001 if unit == "ms" else _LETTERS[(unit or "s")[0].lower()]
