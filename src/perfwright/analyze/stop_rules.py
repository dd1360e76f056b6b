"""Ends a hopeless run: `stop_if=["errors > 50% for 10s"]`.

                 true                    true, and it began for_s ago
    quiet ────────────────► burning ─────────────────────────────────► fired
      ▲          false         │
      └────────────────────────┘        a second without a measurement changes nothing

Each second is judged alone, or together with those before it back to the rule's ` every …`. A rule
without ` for …` fires at the first second in which it is true. All seconds count, the ramp as well.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from perfwright.analyze.digest import Slice
from perfwright.analyze.slo_values import slice_value, surface
from perfwright.analyze.slos import window_length_s
from perfwright.model.frame import Frame
from perfwright.model.units import format_number
from perfwright.plan.slo import Slo


@dataclass(slots=True)
class _Rule:
    slo: Slo
    recent: deque[Frame] = field(init=False)
    since_s: int | None = None

    def __post_init__(self) -> None:
        self.recent = deque(maxlen=window_length_s(self.slo) or 1)

    def feed(self, frame: Frame) -> str | None:
        self.recent.append(frame)
        if len(self.recent) < (self.recent.maxlen or 1):
            return None
        value = slice_value(self.slo, Slice.of(self.recent), duration_s=len(self.recent))
        if value is None:
            return None
        if not self.slo.holds(value):
            self.since_s = None
            return None
        if self.since_s is None:
            self.since_s = frame.second
        if frame.second + 1 - self.since_s < (self.slo.for_s or 0):
            return None
        return self._reason(value, frame.second + 1)

    def _reason(self, value: float, at_s: int) -> str:
        factor, unit = surface(self.slo)
        was = f"{format_number(value * factor)}{'' if unit == '%' else ' '}{unit}".strip()
        return f"{self.slo.expr} came true {at_s} s into the run (it was {was})."


class StopRules:
    """Feed it every frame in order; it answers why the run should stop, once a rule fires."""

    def __init__(self, rules: Sequence[Slo]) -> None:
        self._rules = [_Rule(rule) for rule in rules]

    def feed(self, frame: Frame) -> str | None:
        """A sentence, or None to go on."""
        reasons = [rule.feed(frame) for rule in self._rules]
        return next((reason for reason in reasons if reason is not None), None)
