"""What a run's parent and its workers say to each other: the same local and, later, on Ray.

parent                          worker
  Job          ────────────►      loads the file, attaches feeders
               ◄────────────    Ready | Failed
  RunSetup     ────────────►      (worker 0 only)
               ◄────────────    SetupDone | Failed
  Start        ────────────►      one origin for all
               ◄────────────    Second, Second, …            one a second
  ChangeLoad, Stop ────────►      at any time
               ◄────────────    Done
  Locate       ────────────►      where is your code? to one that is silent after the end
               ◄────────────    Located
  RunTeardown  ────────────►      (worker 0 only)
               ◄────────────    TeardownDone
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfwright.plan.replay import Recording
from perfwright.plan.test import Test
from perfwright.plan.test_plan import UrlRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a worker is to do. `feeders`: the folder where the parent indexed the data.
    `traces_per_s`: as in `TestPlan`."""

    test: Test
    path: Path | None
    request: UrlRequest | None
    replay: Recording | None
    worker: int
    workers: int
    feeders: Path
    traces_per_s: float


@dataclass(frozen=True, slots=True)
class RunSetup:
    pass


@dataclass(frozen=True, slots=True)
class Start:
    origin_ns: int
    setup: Any


@dataclass(frozen=True, slots=True)
class ChangeLoad:
    """From `at_ns` (monotonic) on, group `group` follows `segments` (s since the origin)."""

    group: int
    at_ns: int
    segments: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Stop:
    now: bool


@dataclass(frozen=True, slots=True)
class Locate:
    pass


@dataclass(frozen=True, slots=True)
class RunTeardown:
    totals: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Ready:
    pass


@dataclass(frozen=True, slots=True)
class Failed:
    """The worker cannot go on. `usage`: the user's mistake, not ours."""

    message: str
    usage: bool


@dataclass(frozen=True, slots=True)
class SetupDone:
    value: Any
    error: str | None


@dataclass(frozen=True, slots=True)
class Second:
    """One second of counts, in the wire form of `Tally`."""

    second: int
    document: bytes
    holds: list[tuple[str, int, int, int, int]]
    scenario_errors: list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Note:
    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """All iterations ended at `ended_ns` (monotonic); the worker used `cpu_s` (user + system)."""

    ended_ns: int
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Located:
    """The line of the user's code that the loop is in."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class TeardownDone:
    failures: tuple[str, ...]


Command = Job | RunSetup | Start | ChangeLoad | Stop | Locate | RunTeardown
Report = Ready | Failed | SetupDone | Second | Note | Done | Located | TeardownDone
