"""Load levels and the knee: what an investigation's search for the limit comes to."""

from __future__ import annotations

from dataclasses import dataclass

LOW = "low"
KNEE = "knee"
RUN = "run"
"""The moments of profiles: at low load, at the knee, in a run of one load."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Some seconds [from_s, to_s) since the origin under one load, and what they gave.

    `offered`: iterations/s (`model` open) or users (closed). `throughput_per_s`: requests
    completed; `in_flight`: requests under way at a time, by Little's law X·R. Times of requests in
    seconds, response time. `steady`: the stage lasted until throughput and p95 were stable.
    `generator_ratio`: CPU of the busiest load worker; `lateness_p99_s`: how late it started."""

    index: int
    from_s: float
    to_s: float
    model: str
    offered: float
    iterations_per_s: float
    throughput_per_s: float
    error_ratio: float
    response_mean_s: float
    response_p50_s: float
    response_p95_s: float
    response_p99_s: float
    in_flight: float
    steady: bool
    generator_ratio: float
    lateness_p99_s: float

    @property
    def duration_s(self) -> float:
        return self.to_s - self.from_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Knee:
    """The highest load that the system held, between `low` and `high` (both `offered`, as in
    `Stage`; `low` 0: even the lightest load broke when it was held again; `high` None: it was never
    passed). `rate_per_s`: iterations/s, `throughput_per_s`: requests/s, `users` in flight there.
    `limited_by`: why the search ended, in a sentence; `reached`: whether the system's limit was
    found (False: the budget, the generator or the cap came first)."""

    rate_per_s: float
    throughput_per_s: float
    users: float
    response_ms_p95: float
    response_ms_p99: float
    low: float
    high: float | None
    limited_by: str
    reached: bool
