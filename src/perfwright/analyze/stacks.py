"""What sampled stacks say: how much time, and in which functions.

Everything is counted as *load*: threads on average. One thread that spends four fifths of its time
in a function loads it with 0.8; six threads that queue at a lock load it with 6. So profiles of
different length and rate compare:

    load = samples / (samples a second x seconds)          throughput X:  load / X = s per request

A profile of mode `cpu` has loads in cores, one of mode `gil` in interpreter locks held (1.0: it is
never free), one of mode `wall` in threads. Pure functions; no samples give empty results, never an
error.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from perfwright.analyze.frames import OTHER, CodeFrame, frames_of
from perfwright.model.watched import StackCount

Stacks = Sequence[StackCount]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionLoad:
    """How much of the samples a function is in. `self_load`: it is the innermost frame; `load`: it
    or what it calls is (recursion counts once). `line`: its line seen most often. Ratios are of all
    samples. `samples`: how many stand behind `load`."""

    function: str
    file: str
    line: int
    is_own: bool
    self_load: float
    load: float
    self_ratio: float
    ratio: float
    samples: int

    @property
    def place(self) -> str:
        """`shop.py:40`."""
        return CodeFrame(function=self.function, file=self.file, line=self.line).place

    @property
    def name(self) -> str:
        """`total (shop.py:40)`."""
        return CodeFrame(function=self.function, file=self.file, line=self.line).name


def select(
    stacks: Iterable[StackCount],
    *,
    moment: str | None = None,
    mode: str | None = None,
    subject: str | None = None,
) -> tuple[StackCount, ...]:
    """Those of one moment (low, knee, run), mode (cpu, gil, wall, offcpu) and component."""
    return tuple(
        stack
        for stack in stacks
        if (moment is None or stack.moment == moment)
        and (mode is None or stack.mode == mode)
        and (subject is None or stack.subject == subject)
    )


def load_of(stack: StackCount) -> float:
    """How many threads, on average, were in just this stack."""
    taken = stack.rate_per_s * stack.duration_s
    return stack.count / taken if taken > 0 else 0.0


def total_load(stacks: Stacks) -> float:
    """Cores in use (mode cpu), share of time that the GIL is held (gil), threads (wall)."""
    return sum(map(load_of, stacks))


@dataclass(slots=True)
class _Sum:
    self_load: float = 0.0
    load: float = 0.0
    samples: int = 0
    lines: Counter[int] = field(default_factory=Counter)


def functions(stacks: Stacks) -> tuple[FunctionLoad, ...]:
    """Every function seen, the one with the most time of its own first."""
    sums: dict[tuple[str, str], _Sum] = defaultdict(_Sum)
    owners: dict[tuple[str, str], CodeFrame] = {}
    everything = total_load(stacks)
    for stack in stacks:
        if stack.stack == OTHER:
            continue
        frames = frames_of(stack.stack)
        load = load_of(stack)
        innermost = {_key(frame): frame for frame in frames}
        for key, frame in innermost.items():
            owners.setdefault(key, frame)
            sums[key].load += load
            sums[key].samples += stack.count
            sums[key].lines[frame.line] += stack.count
        sums[_key(frames[-1])].self_load += load
    found = (_summed(owners[key], total, everything) for key, total in sums.items())
    return tuple(sorted(found, key=lambda one: (-one.self_load, -one.load, one.name)))


def callees(stacks: Stacks, caller: FunctionLoad) -> tuple[FunctionLoad, ...]:
    """What runs below a function, by time of its own: what it is that the function spends it on."""
    below = []
    for stack in stacks:
        frames = stack.stack.split(";")
        named = frames_of(stack.stack)
        inside = [i for i, one in enumerate(named) if _key(one) == (caller.function, caller.file)]
        if inside and inside[-1] + 1 < len(frames):
            below.append(replace(stack, stack=";".join(frames[inside[-1] + 1 :])))
    return functions(below)


def inside(stacks: Stacks, *places: str) -> float:
    """The load of all stacks that have a frame whose text holds any of `places`
    (`logging/__init__.py`, `fsync`, `gc_collect`)."""
    return sum(load_of(s) for s in stacks if any(place in s.stack for place in places))


def _summed(frame: CodeFrame, total: _Sum, everything: float) -> FunctionLoad:
    return FunctionLoad(
        function=frame.function,
        file=frame.file,
        line=total.lines.most_common(1)[0][0],
        is_own=frame.is_own,
        self_load=total.self_load,
        load=total.load,
        self_ratio=total.self_load / everything if everything else 0.0,
        ratio=total.load / everything if everything else 0.0,
        samples=total.samples,
    )


def _key(frame: CodeFrame) -> tuple[str, str]:
    return frame.function, frame.file
