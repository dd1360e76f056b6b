"""Timers as pauses: seconds, as distributions.

A Gaussian timer pauses offset + N(0, deviation), a Poisson timer offset + Poisson(λ), both in
milliseconds and never less than nothing; they become their 21 middle quantiles. λ is large in
milliseconds, so that Poisson(λ) is taken as N(λ, √λ).
"""

from __future__ import annotations

import re
from statistics import NormalDist

from perfwright.model.journey import Pause
from perfwright.model.think import Empirical, Fixed, Uniform
from perfwright.sources.jmx.tree import Element
from perfwright.sources.jmx.variables import Variables

_QUANTILES = 21
_RANDOM = re.compile(r"\s*\$\{__Random\(\s*(\d{1,9})\s*,\s*(\d{1,9})\s*(?:,\s*\w*\s*)?\)\}\s*")
_LONGEST_S = 24 * 3600.0


def pause_of(timer: Element, variables: Variables) -> Pause | None:
    """None: the timer waits for no time at all."""
    raw = timer.text("ConstantTimer.delay", "0")
    if timer.kind == "ConstantTimer":
        return constant_pause(raw, variables)
    delay = variables.number(raw, 0.0)
    spread = variables.number(timer.text("RandomTimer.range", "0"), 0.0)
    match timer.kind:
        case "UniformRandomTimer":
            return _uniform(_seconds(delay), _seconds(delay + spread))
        case "GaussianRandomTimer":
            return _normal(delay, spread)
        case "PoissonRandomTimer":
            return _normal(delay + spread, max(spread, 0.0) ** 0.5)
    raise AssertionError(timer.kind)


def constant_pause(raw: str, variables: Variables) -> Pause | None:
    """Milliseconds; `${__Random(low,high)}` is a uniform pause."""
    random = _RANDOM.fullmatch(raw)
    if random is not None:
        return _uniform(_seconds(float(random[1])), _seconds(float(random[2])))
    return _fixed(variables.number(raw, 0.0))


def _fixed(milliseconds: float) -> Pause | None:
    seconds = _seconds(milliseconds)
    return Pause(Fixed(seconds)) if seconds > 0 else None


def _uniform(low_s: float, high_s: float) -> Pause | None:
    if high_s <= low_s:
        return Pause(Fixed(low_s)) if low_s > 0 else None
    return Pause(Uniform(low_s, high_s))


def _normal(mean_ms: float, deviation_ms: float) -> Pause | None:
    if deviation_ms <= 0:
        return _fixed(mean_ms)
    normal = NormalDist(mean_ms, deviation_ms)
    levels = ((index + 0.5) / _QUANTILES for index in range(_QUANTILES))
    quantiles = tuple(round(_seconds(normal.inv_cdf(level)), 4) for level in levels)
    return Pause(Empirical(quantiles)) if quantiles[-1] > 0 else None


def _seconds(milliseconds: float) -> float:
    return min(max(milliseconds / 1000.0, 0.0), _LONGEST_S)
