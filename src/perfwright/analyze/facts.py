"""What the measurements cannot say about a run: its plan, and what befell it on the way."""

from __future__ import annotations

from dataclasses import dataclass

Windows = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """Given by whoever ran or read the run.

    `duration_s`: from the origin to the last second measured. `judged_s`: windows [from, to) in s
    since the origin, None meaning all of it. `lost_workers`: what became of each that died, like
    "worker 1 was killed". `teardown_failures`: what `@teardown` found wrong, a sentence each.
    `scenario_broken`: what went wrong in the first iteration of every user. `stop_reason`: which
    `stop_if` rule ended the run. `interrupted`: the user's Ctrl-C, or a crash, ended it before its
    time. `dropped_because`: why arrivals never started, where another tool's rules say so.
    `cpu_us_per_request`: user and system CPU of the worker processes, µs; None where it is not
    known. `quantiles`: those that are known (0..1), where another tool told only some; empty:
    every one is.
    """

    run_id: str
    duration_s: float
    judged_s: Windows | None = None
    workers: int = 1
    max_users: int | None = None
    lost_workers: tuple[str, ...] = ()
    teardown_failures: tuple[str, ...] = ()
    scenario_broken: str | None = None
    stop_reason: str | None = None
    interrupted: bool = False
    dropped_because: str | None = None
    cpu_us_per_request: float | None = None
    quantiles: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()
    path: str = ""

    def judged_windows(self) -> Windows:
        """The judged windows as far as the run got."""
        windows = ((0.0, self.duration_s),) if self.judged_s is None else self.judged_s
        clipped = ((start, min(end, self.duration_s)) for start, end in windows)
        return tuple((start, end) for start, end in clipped if start < end)

    def judged_duration_s(self) -> float:
        return sum(end - start for start, end in self.judged_windows())
