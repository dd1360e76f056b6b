"""Scenarios under load in tests: `drive` in this process, `run_file` by real worker processes.

A test file run by workers says what happened through `said.py` beside it: one JSON line a call,
appended to a file that all workers share.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from perfwright.load import bridge
from perfwright.load.error_notes import ErrorNotes
from perfwright.load.kernel_config import Given, Place, scenario_kernel
from perfwright.load.local import LoadOutcome, LocalLoad
from perfwright.model.frame import Frame, Tally
from perfwright.model.units import NS_PER_S
from perfwright.plan.loader import load_test
from perfwright.plan.scenario import UserFunction
from perfwright.plan.shapes import Shape, arrivals
from perfwright.plan.test import Test
from perfwright.plan.test_plan import ScenarioSpec

ONCE = arrivals(20).hold(0.05)
"""One iteration, of one user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    tally: Tally
    holds: list[tuple[str, int, int, int, int]]
    errors: list[dict[str, Any]]
    exhausted: str | None

    @property
    def error(self) -> dict[str, Any]:
        (only,) = self.errors
        return only


def drive(
    target: str,
    *functions: UserFunction,
    load: Shape | dict[str, Shape] = ONCE,
    user_start: UserFunction | None = None,
    given: Given | None = None,
    stop_now_after_s: float | None = None,
    worker: int = 0,
    workers: int = 1,
    **fields: Any,
) -> Driven:
    """Runs scenarios on a kernel in this process, to the end; weights are equal."""
    test = Test(target=target, load=load, **fields)
    specs = tuple(ScenarioSpec(name=f.__name__, weight=1.0, function=f) for f in functions)
    notes, start_ns = ErrorNotes(), time.monotonic_ns()
    place = Place(worker=worker, workers=workers, origin_ns=start_ns)
    kernel = scenario_kernel(test, specs, user_start, place, given or Given(), notes)
    try:
        if stop_now_after_s is not None:
            kernel.run(start_ns + round(stop_now_after_s * NS_PER_S))
            kernel.stop_now()
        while not kernel.run(start_ns + 60 * NS_PER_S):
            assert time.monotonic_ns() < start_ns + 60 * NS_PER_S, "it never ends"
    finally:
        kernel.close()
        bridge.shut_down()
    holds, errors = kernel.take_holds(), notes.take()
    document = json.loads(kernel.take_tally())
    document |= {"holds": [], "scenario_errors": []}
    tally = Tally.from_wire(document, second=0, worker=0)
    return Driven(tally=tally, holds=holds, errors=errors, exhausted=notes.exhausted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    frames: list[Frame]
    total: Tally
    outcome: LoadOutcome
    said: list[Any]


def run_file(
    folder: Path,
    source: str,
    *,
    workers: int = 1,
    on_frame: Callable[[LocalLoad, Frame], None] | None = None,
) -> Ran:
    """Runs a test file as `perfwright run` does, without its store and reports."""
    said = folder / "said.jsonl"
    said.touch()
    (folder / "said.py").write_text(_SAID.format(path=str(said)))
    file = folder / "journey.py"
    file.write_text(dedent(source))
    load = LocalLoad(load_test(file), workers=workers)
    frames, total = [], Tally()
    try:
        load.start()
        for frame in load.frames():
            frames.append(frame)
            total.merge(frame.total, gauges="last")
            if on_frame:
                on_frame(load, frame)
        outcome = load.finish()
    finally:
        load.close()
    lines = said.read_text().splitlines()
    return Ran(frames=frames, total=total, outcome=outcome, said=[json.loads(x) for x in lines])


_SAID = """
import json
import os

_lines = os.open({path!r}, os.O_WRONLY | os.O_APPEND)

def say(*values):
    os.write(_lines, (json.dumps(values) + "\\n").encode())
"""
