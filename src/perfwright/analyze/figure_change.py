"""One figure of two runs: the change, its interval at any level, and how surprising it is.

    θ   = ln(candidate / base)          errors: candidate - base
    s²  = s_c² + s_b²                   the runs are independent
    ν   = s⁴ / (s_c⁴/ν_c + s_b⁴/ν_b)    degrees of freedom (Welch 1947, Satterthwaite 1946)
    p   = 2 P(T_ν > |θ| / s)            if nothing had changed
    interval at level 1 - a:  θ ± t_ν(1 - a/2) s, told as a ratio: exp(·) - 1

`change` and interval are ratios (0.1 is 10% more); of errors they are differences of ratios.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import stdtr, stdtrit

from perfwright.analyze.estimates import ERRORS, Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureChange:
    """`name` of `estimates.NAMES`. `theta`, `error`, `freedom`: θ, s, ν; `error` is None where
    there is too little to tell."""

    name: str
    base: float | None
    candidate: float | None
    theta: float | None
    error: float | None
    freedom: float = 1.0

    @property
    def is_ratio(self) -> bool:
        return self.name != ERRORS

    @property
    def change(self) -> float | None:
        if self.theta is None:
            return None
        return math.expm1(self.theta) if self.is_ratio else self.theta

    @property
    def p(self) -> float | None:
        """How likely so large a change, or a larger one, is by chance alone."""
        if self.theta is None or self.error is None:
            return None
        if self.error == 0:
            return 1.0 if self.theta == 0 else 0.0
        return float(2 * stdtr(self.freedom, -abs(self.theta) / self.error))

    def half_width(self, level: float) -> float | None:
        """Of the interval, on θ's scale."""
        if self.error is None:
            return None
        return float(stdtrit(self.freedom, (1 + level) / 2)) * self.error

    def interval(self, level: float) -> tuple[float, float] | None:
        """[low, high] of `change`."""
        half = self.half_width(level)
        if self.theta is None or half is None:
            return None
        ends = (self.theta - half, self.theta + half)
        low, high = (math.expm1(min(end, _LARGEST)) for end in ends) if self.is_ratio else ends
        return low, high


_LARGEST = 700.0
"""Of a logarithm whose number a float can hold."""


def figure_change(name: str, base: Estimate, candidate: Estimate) -> FigureChange:
    """Of two estimates of the same figure."""
    theta = theta_of(name, base.value, candidate.value)
    error, freedom = None, 1.0
    if theta is not None and base.error is not None and candidate.error is not None:
        before, after = base.error**2, candidate.error**2
        error = math.sqrt(before + after)
        parts = before**2 / base.freedom + after**2 / candidate.freedom
        freedom = (before + after) ** 2 / parts if parts > 0 else 1.0
    return FigureChange(
        name=name,
        base=base.value,
        candidate=candidate.value,
        theta=theta,
        error=error,
        freedom=max(freedom, 1.0),
    )


def theta_of(name: str, base: float | None, candidate: float | None) -> float | None:
    """θ of two values; None where either is not known, or has no logarithm."""
    if base is None or candidate is None:
        return None
    if name == ERRORS:
        return candidate - base
    return math.log(candidate / base) if base > 0 and candidate > 0 else None
