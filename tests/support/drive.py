"""Drives the kernel in this process: one scenario once, or a short load, and what was counted.

async def visit(user): return await user.get("/")
run = once(visit, target=server)
run.value.status, run.tally.steps["GET /"].requests
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from perfwright._kernel import Kernel
from perfwright.load.error_notes import ErrorNotes
from perfwright.load.kernel_config import Given, Place, scenario_kernel, single_kernel
from perfwright.model.frame import StepTally, Tally
from perfwright.plan.scenario import UserFunction
from perfwright.plan.test import Test
from perfwright.plan.test_plan import ScenarioSpec

_PATIENCE_S = 60
_SLICE_NS = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """`value`: what the scenario returned last. `exchanges`: (request, response) bytes in order."""

    value: Any
    tally: Tally
    exchanges: list[tuple[bytes, bytes]]

    def step(self, name: str) -> StepTally:
        return self.tally.steps[name]

    @property
    def only_step(self) -> StepTally:
        [step] = self.tally.steps.values()
        return step

    def message_of(self, outcome: str) -> str:
        """What the exemplar of this outcome says."""
        found = [kept.message for kept in self.tally.exemplars if kept.outcome == outcome]
        assert found, f"no exemplar of {outcome}: {self.tally.exemplars}"
        return found[0]


def once(
    scenario: UserFunction, *, target: str, user_start: UserFunction | None = None, **options: Any
) -> Driven:
    """Runs one iteration. An exception in the scenario fails the test."""
    results: list[Any] = []
    test = Test(target=target, **options)
    notes, place = ErrorNotes(), Place(origin_ns=time.monotonic_ns())
    kernel = single_kernel(
        test.replaced(grace_s=float(_PATIENCE_S)),
        _collecting(scenario, results), user_start, place, Given(), notes, trace=True,
    )  # fmt: skip
    kernel.run(place.origin_ns)
    kernel.stop()
    return _to_its_end(kernel, results, notes)


def load(scenario: UserFunction, *, target: str, **options: Any) -> Driven:
    """Runs a load to its end on one kernel."""
    results: list[Any] = []
    test = Test(target=target, **options)
    notes, place = ErrorNotes(), Place(origin_ns=time.monotonic_ns())
    spec = ScenarioSpec(name="test", weight=1.0, function=_collecting(scenario, results))
    kernel = scenario_kernel(test, (spec,), None, place, Given(), notes)
    return _to_its_end(kernel, results, notes)


def _collecting(scenario: UserFunction, results: list[Any]) -> UserFunction:
    async def kept(user: Any) -> None:
        results.append(await scenario(user))

    return kept


def _to_its_end(kernel: Kernel, results: list[Any], notes: ErrorNotes) -> Driven:
    exchanges: list[tuple[bytes, bytes]] = []
    give_up_ns = time.monotonic_ns() + _PATIENCE_S * 1_000_000_000
    try:
        with _collector_off():
            while not kernel.run(time.monotonic_ns() + _SLICE_NS):
                assert time.monotonic_ns() < give_up_ns, "the kernel does not come to an end"
        exchanges = [(told[3], told[5]) for told in kernel.take_trace()]
    finally:
        kernel.close()
    errors = notes.take()
    assert not errors, errors[0]["traceback"]
    document = json.loads(kernel.take_tally())
    tally = Tally.from_wire({**document, "holds": [], "scenario_errors": []}, second=0, worker=0)
    return Driven(value=results[-1] if results else None, tally=tally, exchanges=exchanges)


@contextmanager
def _collector_off() -> Iterator[None]:
    """As in a worker: else a bridge's thread may come to drop an earlier test's kernel."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
