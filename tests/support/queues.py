"""A simulated system: frames as an open load on an M/M/1-like server would give them.

Response time follows R = S / (1 - ρ) below capacity; above it a backlog piles up, and with it the
waiting time. Deterministic: the same levels give the same frames.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from perfwright.model.frame import Frame, StepTally, Tally
from perfwright.model.histogram import Histogram
from perfwright.model.units import NS_PER_S

_SPREAD = (0.5, 0.7, 0.9, 1.0, 1.1, 1.3, 1.5, 2.0, 2.5, 3.0)
"""Response times around their mean, evenly likely."""


@dataclass(slots=True, kw_only=True)
class Server:
    """`capacity_per_s` requests, `service_s` each when idle; errors above `fails_above_per_s`. In
    the seconds `stolen_s` others have the machine: all is late, the generator included."""

    capacity_per_s: float
    service_s: float = 0.005
    requests_per_iteration: float = 4.0
    fails_above_per_s: float = float("inf")
    generator_ratio: float = 0.1
    stolen_s: Container[int] = ()
    backlog: float = 0.0

    def second(self, number: int, level: float) -> Frame:
        """One second of `level` iterations/s."""
        asked = level * self.requests_per_iteration
        served = min(self.capacity_per_s, asked + self.backlog)
        self.backlog = max(0.0, self.backlog + asked - served)
        busy = min(0.98, served / self.capacity_per_s)
        response_s = self.service_s / (1 - busy) + self.backlog / self.capacity_per_s
        late_s = 0.4 if number in self.stolen_s else 0.0
        failed = round(served * 0.2) if asked > self.fails_above_per_s else 0
        step = StepTally(
            requests=round(served),
            errors=failed,
            measures={"response": _times(response_s, served, late_s)},
        )
        total = Tally(
            steps={"GET /": step},
            iterations_completed=round(served / self.requests_per_iteration),
            users_active=round(level * response_s * self.requests_per_iteration + self.backlog),
            arrivals_target_per_s=level,
            lateness=Histogram.of([round(late_s * NS_PER_S)] * max(1, round(served))),
            busiest_cpu_ratio=self.generator_ratio,
        )
        return Frame(second=number, by_worker={0: total}, total=total)


def _times(mean_s: float, count: float, late_s: float) -> Histogram:
    times = Histogram()
    scale = sum(_SPREAD) / len(_SPREAD)
    for number in range(round(count)):
        spread = _SPREAD[number % len(_SPREAD)] / scale
        times.record(round((mean_s * spread + late_s) * NS_PER_S))
    return times
