"""What a written test plan says, apart from how it looks: TEST_PLAN.md, the HTML page and
`model.json` are drawn from it.

The parts are those of a test plan in ISO/IEC/IEEE 29119-3 that a reader needs to act: context,
risks, what is tested, entry and exit criteria, test data, environment, schedule. Terms are ISTQB's.
Text is plain text; figures of people's reading are spelled here, those of machines are numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from perfwright.model.journey import ScenarioDraft
from perfwright.model.workload import Workload

Purpose = Literal["general", "release", "peak", "capacity", "stability"]
Kind = Literal["smoke", "load", "stress", "spike", "soak", "breakpoint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """`what` may happen, `why` it is to be feared here, and the tests that would show it."""

    what: str
    why: str
    shown_by: tuple[Kind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTest:
    """`why`: the question it answers, and what its length rests on. `load`: in words. `peak`: the
    highest level, in arrivals/s or users. `users_about`, `requests_per_s`: what that comes to, by
    Little's law and the forced flow law; None where the source does not tell. `segments`: (from_s,
    to_s, level from, level to). `passes`: exit criteria. `command`: one line for a shell, of words
    that are quoted where they have to be."""

    kind: Kind
    title: str
    why: str
    load: str
    model: Literal["open", "closed"]
    peak: float
    duration_s: float
    segments: tuple[tuple[float, float, float, float], ...]
    users_about: float | None
    requests_per_s: float | None
    enters: tuple[str, ...]
    passes: tuple[str, ...]
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """An SLO. `today`: the value that history shows, in words; "" where nothing was measured.
    `margin_ratio`: limit ÷ today − 1. `is_proposal`: nobody has agreed to it yet. `basis`: where
    the limit comes from."""

    expr: str
    today: str
    margin_ratio: float | None
    is_proposal: bool
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row of the environment table. `production` and `test` are "" where people fill them in;
    `effect`: what a difference does to the result, by which law."""

    aspect: str
    production: str
    test: str
    effect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A probe's spec, what it sees, and the question that this answers."""

    spec: str
    sees: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataNeed:
    """A data file of the test. `rows`: how many it has; `drawn`: how they are used."""

    file: str
    columns: tuple[str, ...]
    rows: int
    drawn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A line of the schedule: begins `begin_s` after the first one and takes `duration_s`."""

    begin_s: float
    duration_s: float
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a command is for, and the command itself, for a shell."""

    what: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShare:
    """How often a step is taken, per iteration of the test (mean), and its share of all."""

    name: str
    per_iteration: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """`name`: of the test. `target`: "" where nobody has said it. `target_is_open`: the commands
    leave it to be said, also where the source's is probably production. `requests_per_iteration`
    and `think_s`: means over the scenarios."""

    name: str
    made_by: str
    purpose: Purpose
    aim: str
    target: str
    target_is_open: bool
    draft: ScenarioDraft
    workload: Workload | None
    steps: tuple[StepShare, ...]
    requests_per_iteration: float
    think_s: float
    risks: tuple[Risk, ...]
    tests: tuple[PlannedTest, ...]
    not_called_for: tuple[Kind, ...]
    objectives: tuple[Objective, ...]
    data: tuple[DataNeed, ...]
    environment: tuple[Difference, ...]
    watched: tuple[Watched, ...]
    schedule: tuple[Slot, ...]
    commands: tuple[Command, ...]
    notes: tuple[str, ...]

    @property
    def load_test(self) -> PlannedTest:
        """The one that all others are held against; every purpose has it."""
        return next(test for test in self.tests if test.kind == "load")
