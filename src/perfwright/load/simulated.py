"""Runs a test without network, on a virtual clock, as fast as Python goes: what is sent, and when.

    shape ──► beginnings of sessions ──► a scenario each, by weight ──► Trace (arrays)
    Λ⁻¹(n) or Λ⁻¹(ΣExp(1))               (all, or an even choice)       session, time, step, item

It tells how faithful a generated test is to the log it was made from. Answers are empty and take no
time (`simulated_user.py`); the open model begins a session at each arrival, with the user that was
idle for the shortest time; in the closed model users begin again when they end. Sessions go on to
their natural end, past the end of the load. `@user_start` runs for each new user, as part of its
first session; `@setup` does not, and `max_users` and `grace` have no meaning here.

Of a load of more than `max_sessions`, evenly chosen ones are run; `Trace.starts_s` has them all.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from perfwright.load.simulated_user import SessionEnded, SimulatedUser, path_of, run_to_the_end
from perfwright.model.workload import Trace
from perfwright.plan.scenario import UserFunction
from perfwright.plan.shapes import Segment, Shape
from perfwright.plan.test_plan import ScenarioSpec, TestPlan

Floats = NDArray[np.float64]
MOST_STARTS = 2_000_000
MOST_CLOSED_ITERATIONS_S = 0.001
"""An iteration of the closed model that takes no time would never let the clock go on: it counts
as this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """`errors`: what scenarios raised on the empty answers, with how many sessions it ended.
    `sessions`: how many were run; `all_sessions`: how many the load begins."""

    trace: Trace
    sessions: int
    all_sessions: int
    errors: tuple[tuple[str, int], ...] = ()


def simulate(plan: TestPlan, *, max_sessions: int = 20_000, seed: int = 1) -> Simulated:
    """The requests that `plan` (of a test file, not a bare URL) would send."""
    assert plan.scenarios, "only a test file has scenarios to simulate"
    with TemporaryDirectory(prefix="perfwright-") as folder:
        for feeder in plan.feeders:
            feeder.build_index(Path(folder))
            feeder.attach(Path(folder))
        simulation = _Simulation(plan, seed)
        loads = sorted(plan.test.load.items())
        for name, shape in loads:
            scenarios = [spec for spec in plan.scenarios if name in ("", spec.name)]
            share = max(1, max_sessions // len(loads))
            if shape.segments == ():
                shape = shape.hold(plan.test.duration_s)
            if shape.model == "open":
                simulation.run_open(shape, scenarios, share)
            else:
                simulation.run_closed(shape, scenarios, share)
        return simulation.result()


@dataclass
class _Simulation:
    plan: TestPlan
    seed: int
    sessions: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    starts: list[Floats] = field(default_factory=list)
    begins: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    users: int = 0

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.session = 0

    def run_open(self, shape: Shape, scenarios: list[ScenarioSpec], most: int) -> None:
        starts = arrival_times(shape, self.rng)
        self.starts.append(starts)
        chosen = np.unique(np.linspace(0, len(starts) - 1, min(most, len(starts))).astype(int))
        functions = self._drawn(scenarios)
        idle: list[SimulatedUser] = []
        busy: list[tuple[float, int, SimulatedUser]] = []
        for start_s in starts[chosen] if len(starts) else ():
            while busy and busy[0][0] <= start_s:
                idle.append(heapq.heappop(busy)[2])
            user = idle.pop() if idle else self._new_user()
            self._run(user, next(functions), float(start_s))
            heapq.heappush(busy, (user.now_s, user.id, user))

    def run_closed(self, shape: Shape, scenarios: list[ScenarioSpec], most: int) -> None:
        """Users one after another: they do not feel each other. A user works while the shape asks
        for at least as many as its number."""
        functions = self._drawn(scenarios)
        starts = []
        per_user = max(1, most // max(1, math.ceil(shape.peak)))
        for number in range(min(math.ceil(shape.peak), most)):
            user = self._new_user()
            for begin_s, end_s in _working_times(shape, number):
                now_s, runs = begin_s, 0
                while now_s < end_s and runs < per_user:
                    self._run(user, next(functions), now_s)
                    starts.append(now_s)
                    now_s = max(user.now_s, now_s + MOST_CLOSED_ITERATIONS_S)
                    runs += 1
        self.starts.append(np.sort(np.array(starts)))

    def result(self) -> Simulated:
        order = np.argsort(np.array(self.begins), kind="stable")  # sessions by when they began
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        session = rank[np.array(self.sessions, dtype=np.int64)]
        time_s = np.array(self.times)
        place = np.lexsort((time_s, session))
        item, items = self._items()
        trace = Trace(
            session=session[place],
            time_s=time_s[place],
            step=np.array(self.steps, dtype=np.int64)[place],
            item=item[place],
            steps=tuple(self.names),
            items=items,
            starts_s=np.sort(np.concatenate(self.starts)),
        )
        return Simulated(
            trace=trace,
            sessions=self.session,
            all_sessions=len(trace.starts_s),
            errors=tuple(self.errors.most_common(10)),
        )

    def _new_user(self) -> SimulatedUser:
        user = SimulatedUser(self.users, self.plan.test.seed + self.seed, self._note)
        self.users += 1
        return user

    def _drawn(self, scenarios: list[ScenarioSpec]) -> Iterator[UserFunction]:
        weights = np.array([spec.weight for spec in scenarios])
        while True:
            for index in self.rng.choice(len(scenarios), 1000, p=weights / weights.sum()):
                yield scenarios[index].function

    def _run(self, user: SimulatedUser, function: UserFunction, at_s: float) -> None:
        self.begins.append(at_s)
        user.begin(at_s)
        try:
            if user.iteration == 0 and self.plan.user_start is not None:
                run_to_the_end(self.plan.user_start(user))
            run_to_the_end(function(user))
        except SessionEnded:
            self.errors["an endless scenario was ended after 10,000 awaits"] += 1
        except Exception as error:
            name = getattr(function, "__name__", "scenario")
            self.errors[f"{name}: {type(error).__name__}: {error}"] += 1
        self.session += 1

    def _note(self, time_s: float, step: str, url: str) -> None:
        self.sessions.append(self.session)
        self.times.append(time_s)
        self.steps.append(self.names.setdefault(step, len(self.names)))
        self.urls.append(url)

    def _items(self) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """Paths, where a step's name stands for several."""
        is_variable = ["{" in name for name in self.names]
        items: dict[str, int] = {}
        numbers = [
            items.setdefault(path_of(url), len(items)) if is_variable[step] else -1
            for step, url in zip(self.steps, self.urls, strict=True)
        ]
        return np.array(numbers, dtype=np.int64), tuple(items)


def arrival_times(shape: Shape, rng: np.random.Generator) -> Floats:
    """When sessions begin: arrival n at Λ⁻¹(n), or Λ⁻¹ of a unit Poisson process; seconds.

    Of more than two million only the first are made.
    """
    areas = [segment.area(segment.start_s, segment.end_s) for segment in shape.segments]
    total = min(math.fsum(areas), MOST_STARTS)
    if shape.process == "poisson":
        places = np.cumsum(rng.exponential(size=int(total + 10 * math.sqrt(total) + 20)))
        places = places[places < total]
    else:
        places = np.arange(math.ceil(total - 1e-9), dtype=float)
    times = []
    before = 0.0
    for segment, area in zip(shape.segments, areas, strict=True):
        inside = places[(places >= before) & (places < before + area)] - before
        times.append(_inverse(segment, inside))
        before += area
    return np.concatenate(times) if times else np.empty(0)


def _inverse(segment: Segment, area: Floats) -> Floats:
    """Where the integral of a straight piece's level reaches `area`: t of a·t + b·t²/2 = area."""
    slope = (segment.end - segment.start) / (segment.end_s - segment.start_s)
    root = np.sqrt(np.maximum(segment.start**2 + 2 * slope * area, 0.0))
    return segment.start_s + 2 * area / np.maximum(segment.start + root, 1e-300)


def _working_times(shape: Shape, number: int) -> Iterator[tuple[float, float]]:
    """The spans in which a closed shape asks for more than `number` users."""
    level = number + 0.5
    begun: float | None = None
    for segment in shape.segments:
        above_at_start, above_at_end = segment.start >= level, segment.end >= level
        crossing = segment.start_s
        if above_at_start != above_at_end:
            part = (level - segment.start) / (segment.end - segment.start)
            crossing += part * (segment.end_s - segment.start_s)
        if begun is None and (above_at_start or above_at_end):
            begun = crossing if above_at_end and not above_at_start else segment.start_s
        if begun is not None and not above_at_end:
            yield begun, crossing
            begun = None
    if begun is not None:
        yield begun, shape.segments[-1].end_s
