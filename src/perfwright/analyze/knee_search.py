"""Finds the knee: raises the load stage by stage, then narrows it down, second by second.

    load
      │                        ╳ broken            ╳ : the system does not hold it
      │                       ╱ ╲      ╳ ┌──hold───  (profile)
      │              ┌───────┘   │  ┌──┐ │
      │      ┌───────┘           └──┘  └─┘   recovering at low load in between
      │ low ─┘ (profile)
      └─warm─┴──raise ×2─────────┴─refine by bisection─┴─► t

A pure state machine: `feed` takes each Frame and gives orders. A new level takes effect two seconds
after the frame that decided it, on a whole second; then the time that an iteration needs passes
before anything is counted, so that a stage never holds its predecessor's requests. What ends a
stage is said in `knee_rules.py`; a stage is cut at `_STAGE_S` at the latest. Where the generator
was late without being busy (a neighbour took the machine for a moment), the stage says nothing and
is tried again, `_TRIES` times in all. The search ends within its budget: the last stage, held at
the highest load that was not broken, has its time set aside.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from perfwright.analyze.knee_rules import (
    broken_by,
    generator_at_fault,
    generator_is_full,
    is_steady,
)
from perfwright.analyze.stage_stats import stage_of
from perfwright.analyze.view import StageSteps
from perfwright.model.frame import Frame
from perfwright.model.stage import KNEE, LOW, Knee, Stage

_WARM_S = 4
_STAGE_S = 12
_PROFILED_S = 8
_RECOVERY_S = 12
_SETTLING_S = 8
_TRIES = 3
_NARROW = 1.12
"""The search is over when the lightest broken load is at most this much above the held one."""
_LEAST_REQUESTS_PER_S = 20.0
_LOW_BUSY = 0.15
"""At low load so many requests are under way on average: hardly ever two."""


@dataclass(frozen=True, slots=True)
class SetLoad:
    """From `at_s` on, this level: iterations/s, or users."""

    level: float
    at_s: float


@dataclass(frozen=True, slots=True)
class TakeProfile:
    """Profile what can be profiled, from `at_s` on."""

    moment: str
    at_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class Finish:
    """The search has ended."""


Order = SetLoad | TakeProfile | Finish
Objectives = Callable[[Sequence[Frame]], str]
"""Which SLO the frames break, in a sentence; "" where they hold."""


class _Phase(Enum):
    WARM = auto()
    LOW = auto()
    SEARCH = auto()
    RECOVER = auto()
    HOLD = auto()
    OVER = auto()


class KneeSearch:
    """`stages` grows as the search goes on. `visits`: levels that another search held; they come
    straight after the low load, with a stage long enough to be compared."""

    def __init__(
        self,
        *,
        model: str,
        budget_s: float,
        objectives: Objectives,
        visits: Sequence[float] = (),
    ) -> None:
        self.stages: list[StageSteps] = []
        self._model = model
        self._budget_s = budget_s
        self._objectives = objectives
        self._visits = tuple(sorted(visits))
        self._phase = _Phase.WARM
        self._level = self.first_level
        self._from_s = 0
        self._frames: list[Frame] = []
        self._held: Stage | None = None
        self._broken_level: float | None = None
        self._requests_per_iteration = 1.0
        self._iteration_s = 1.0
        self._limited_by = ""
        self._reached = False
        self._disturbed_at: Counter[float] = Counter()

    @property
    def first_level(self) -> float:
        """The load to begin with."""
        return 2.0 if self._model == "open" else 1.0

    @property
    def low(self) -> Stage:
        return self.stages[0].stage

    def feed(self, frame: Frame) -> tuple[Order, ...]:
        """Orders that follow from one more second."""
        if self._phase is _Phase.OVER or frame.second < self._from_s:
            return ()
        self._frames.append(frame)
        match self._phase:
            case _Phase.WARM:
                return self._warmed(frame) if len(self._frames) >= _WARM_S else ()
            case _Phase.RECOVER:
                return self._recovered(frame)
            case _:
                return self._measured(frame)

    def finish(self) -> Knee | None:
        """What was found; None where not even the low load could be measured."""
        self._phase = _Phase.OVER
        held = self._held
        if held is None:
            return None
        high = self._broken_level
        return Knee(
            rate_per_s=held.iterations_per_s,
            throughput_per_s=held.throughput_per_s,
            users=held.in_flight if self._model == "open" else held.offered,
            response_ms_p95=held.response_p95_s * 1000,
            response_ms_p99=held.response_p99_s * 1000,
            low=held.offered if high is None or held.offered < high else 0.0,
            high=high,
            limited_by=self._limited_by or "the budget ended before the limit was found",
            reached=self._reached,
        )

    def _warmed(self, frame: Frame) -> tuple[Order, ...]:
        """Choose the low load by what the first iterations cost."""
        stage = stage_of(
            0, self._frames, model=self._model, offered=self._level, steady=False
        ).stage
        iterations = max(1.0, stage.iterations_per_s * stage.duration_s)
        requests = stage.throughput_per_s * stage.duration_s
        self._requests_per_iteration = max(1.0, requests / iterations)
        if self._model == "closed":
            return self._go(_Phase.LOW, 1.0, frame, profile=LOW)
        busy_s = max(1e-4, stage.response_mean_s) * self._requests_per_iteration
        least = _LEAST_REQUESTS_PER_S / self._requests_per_iteration
        return self._go(_Phase.LOW, max(least, _LOW_BUSY / busy_s), frame, profile=LOW)

    def _measured(self, frame: Frame) -> tuple[Order, ...]:
        steady = is_steady(self._frames)
        counted = stage_of(
            len(self.stages), self._frames, model=self._model, offered=self._level, steady=steady
        )
        stage, seconds = counted.stage, len(self._frames)
        if self._phase is _Phase.LOW:
            if seconds < _PROFILED_S:
                return ()
            if generator_at_fault(stage) and self._may_try_again():
                self._frames = []
                return ()
            self._learn(counted)
            self._held = stage
            return self._raised(frame)
        if seconds >= 2 and (fault := generator_at_fault(stage)) and self._breaks(stage):
            return self._disturbed(stage, fault, frame)
        broken = self._breaks(stage) if seconds >= 2 else ""
        if broken and (seconds >= 3 or self._hopeless(stage)):
            return self._beyond(counted, broken, frame)
        if self._phase is _Phase.HOLD:
            return () if seconds < _PROFILED_S else self._kept(counted)
        enough = seconds >= _PROFILED_S if self._level in self._visits else steady
        if not enough and seconds < _STAGE_S:
            return ()
        self.stages.append(counted)
        self._held = stage
        return self._raised(frame)

    def _learn(self, low: StageSteps) -> None:
        """What an iteration costs, now that there are enough of them to tell."""
        self.stages.append(low)
        stage = low.stage
        if self._model == "open":
            self._requests_per_iteration = stage.throughput_per_s / stage.offered
            users = [frame.total.users_active for frame in self._frames]
            self._iteration_s = sum(users) / len(users) / stage.offered

    def _breaks(self, stage: Stage) -> str:
        assert self._held is not None, "the low load is measured first"
        found = broken_by(stage, self._frames, self.low, self._held, self._requests_per_iteration)
        return found or self._objectives(self._frames)

    def _hopeless(self, stage: Stage) -> bool:
        """So far beyond that one more second would only pile up more work to wait for."""
        return stage.response_p95_s > max(1.0, 20 * self.low.response_p95_s)

    def _disturbed(self, stage: Stage, fault: str, frame: Frame) -> tuple[Order, ...]:
        """The generator broke the stage: once may be chance, always is its limit."""
        if not generator_is_full(stage) and self._may_try_again():
            return self._go(_Phase.RECOVER, self.low.offered, frame)
        if self._phase is _Phase.HOLD:
            return self._ended(self._limited_by, reached=self._reached)
        return self._ended(f"{fault}: the system's own limit lies higher", reached=False)

    def _may_try_again(self) -> bool:
        self._disturbed_at[self._level] += 1
        return self._disturbed_at[self._level] < _TRIES

    def _beyond(self, counted: StageSteps, why: str, frame: Frame) -> tuple[Order, ...]:
        self.stages.append(counted)
        self._reached, self._limited_by = True, why
        self._broken_level = min(self._level, self._broken_level or math.inf)
        if self._phase is _Phase.HOLD:
            below = [s.stage for s in self.stages if s.stage.offered < self._level * 0.999]
            self._held = max(below, key=lambda stage: stage.offered, default=self._held)
            return self._ended(why, reached=True)
        return self._go(_Phase.RECOVER, self.low.offered, frame)

    def _recovered(self, frame: Frame) -> tuple[Order, ...]:
        """Wait until what piled up is gone; then narrow further, or hold."""
        p95_s = (frame.total.measure("response").quantile(0.95) or 0) / 1e9
        calm = p95_s <= max(2 * self.low.response_p95_s, self.low.response_p95_s + 0.02)
        if not calm and len(self._frames) < _RECOVERY_S:
            return ()
        return self._raised(frame)

    def _raised(self, frame: Frame) -> tuple[Order, ...]:
        """The next level: up, or between what was held and what was broken, or the last one."""
        assert self._held is not None
        held, broken = self._held.offered, self._broken_level
        left_s = self._budget_s - frame.second - self._settling_s() - _PROFILED_S - 4
        if left_s < 6 or (broken is not None and broken / held <= _NARROW):
            return self._go(_Phase.HOLD, held, frame, profile=KNEE)
        if broken is not None:
            level = math.sqrt(held * broken)
        else:
            calm = self._held.response_p95_s < 2 * self.low.response_p95_s
            level = held * (2.0 if calm else 1.5)
            level = next((visit for visit in self._visits if visit > held), level)
        if self._model == "closed":
            level = round(level)
            if level <= held or level == broken:
                return self._go(_Phase.HOLD, held, frame, profile=KNEE)
        return self._go(_Phase.SEARCH, level, frame)

    def _kept(self, counted: StageSteps) -> tuple[Order, ...]:
        self.stages.append(counted)
        self._held = counted.stage
        return self._ended(self._limited_by, reached=self._reached)

    def _ended(self, why: str, *, reached: bool) -> tuple[Order, ...]:
        self._limited_by, self._reached, self._phase = why, reached, _Phase.OVER
        return (Finish(),)

    def _go(
        self, phase: _Phase, level: float, frame: Frame, *, profile: str = ""
    ) -> tuple[Order, ...]:
        at_s = frame.second + 2
        if at_s >= self._budget_s:
            return self._ended(self._limited_by, reached=self._reached)
        self._phase, self._frames = phase, []
        unchanged = level == self._level
        self._level = level
        self._from_s = at_s + (0 if unchanged or phase is _Phase.RECOVER else self._settling_s())
        orders: tuple[Order, ...] = () if unchanged else (SetLoad(level, float(at_s)),)
        if not profile:
            return orders
        return (*orders, TakeProfile(profile, float(self._from_s), float(_PROFILED_S - 2)))

    def _settling_s(self) -> int:
        return min(_SETTLING_S, math.ceil(2 * self._iteration_s))
