"""What sampled stacks say: where the time goes, what grew, who waits for which lock.

Everything is counted as *load*: threads on average. One thread that spends four fifths of its time
in a function loads it with 0.8; six threads that queue at a lock load it with 6. So profiles of
different length and rate compare:

    load = samples / (samples a second x seconds)          throughput X:  load / X = s per request

A profile of mode `cpu` has loads in cores, one of mode `gil` in interpreter locks held (1.0: it is
never free), one of mode `wall` in threads. A load's 90% interval follows from its count of samples
(Poisson). Pure functions; no samples give empty results, never an error.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from perfwright.analyze.frames import OTHER, CodeFrame, frames_of
from perfwright.analyze.thread_waits import Wait, wait_of
from perfwright.model.watched import StackCount

Stacks = Sequence[StackCount]
_Frames = Sequence[CodeFrame]
_Charge = Callable[[_Frames], tuple[CodeFrame | None, _Frames]]
"""From a stack's frames: who is charged as its innermost one (nobody: None), and who is in it."""


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

    @property
    def error(self) -> float:
        """Half of the 90% interval of `load`."""
        return 1.645 * self.load / math.sqrt(self.samples) if self.samples else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """A function's load at two moments: loads, or seconds per request where the throughput is
    known. Both count what the function calls."""

    function: FunctionLoad
    low: float
    high: float

    @property
    def grown(self) -> float:
        """What came on top, ≥ 0 where it grew."""
        return self.high - self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class LockWait:
    """Threads that wait for a lock, by the line that asked for it. `asked_by`: the innermost frame
    of the application's own (of any code, where none is); `threads`: how many wait on average;
    `ratio`: of all threads that are not idle."""

    asked_by: CodeFrame
    threads: float
    ratio: float
    distinct_threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A stack tree: `load` of everything in and below the frame. `children` by descending load."""

    frame: str
    load: float
    self_load: float
    children: tuple[Node, ...] = ()


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
    return _function_loads(stacks, lambda frames: (frames[-1], frames))


def own_functions(stacks: Stacks) -> tuple[FunctionLoad, ...]:
    """The application's own functions, each charged as its own time with all the library code that
    it calls: the line to change. The largest first; empty where no frame is the application's."""

    def charged(frames: _Frames) -> tuple[CodeFrame | None, _Frames]:
        own = [frame for frame in frames if frame.is_own]
        return (own[-1] if own else None), own

    return _function_loads(stacks, charged)


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


def growth(
    low: Stacks, high: Stacks, *, low_per_s: float | None = None, high_per_s: float | None = None
) -> tuple[Growth, ...]:
    """How each function's load changed, the largest growth first.

    With the throughputs of both moments (both > 0) it is in seconds per request: what grows then is
    dearer under load, and not only called more often."""
    per_request = bool(low_per_s and high_per_s)
    low_by, high_by = (low_per_s, high_per_s) if per_request else (1.0, 1.0)
    before = {(one.function, one.file): one for one in functions(low)}
    after = {(one.function, one.file): one for one in functions(high)}
    grown = (
        Growth(
            function=after.get(key) or before[key],
            low=before[key].load / (low_by or 1.0) if key in before else 0.0,
            high=after[key].load / (high_by or 1.0) if key in after else 0.0,
        )
        for key in {**before, **after}
    )
    return tuple(sorted(grown, key=lambda one: -one.grown))


def waits(stacks: Stacks) -> Mapping[Wait, float]:
    """Threads on average by what they do (of a `wall` profile; of others all runs)."""
    by_wait: dict[Wait, float] = defaultdict(float)
    for stack in stacks:
        by_wait[wait_of(frames_of(stack.stack))] += load_of(stack)
    return dict(by_wait)


def lock_waits(stacks: Stacks) -> tuple[LockWait, ...]:
    """Which lines of code wait for locks (of a `wall` profile), the most threads first."""
    threads: dict[CodeFrame, float] = defaultdict(float)
    who: dict[CodeFrame, set[str]] = defaultdict(set)
    awake = 0.0
    for stack in stacks:
        frames = frames_of(stack.stack)
        wait = wait_of(frames)
        awake += 0.0 if wait is Wait.IDLE else load_of(stack)
        if wait is Wait.LOCK:
            asked_by = _asker(frames)
            threads[asked_by] += load_of(stack)
            who[asked_by].add(stack.thread)
    found = (
        LockWait(asked_by=frame, threads=load, ratio=load / awake, distinct_threads=len(who[frame]))
        for frame, load in threads.items()
    )
    return tuple(sorted(found, key=lambda one: -one.threads))


def inside(stacks: Stacks, *places: str) -> float:
    """The load of all stacks that have a frame whose text holds any of `places`
    (`logging/__init__.py`, `fsync`, `gc_collect`)."""
    return sum(load_of(s) for s in stacks if any(place in s.stack for place in places))


def tree(stacks: Stacks) -> Node:
    """All stacks as one tree, its root `all`; for flame graphs."""
    return _node("all", [(stack.stack.split(";"), load_of(stack)) for stack in stacks], 0)


def _function_loads(stacks: Stacks, charged: _Charge) -> tuple[FunctionLoad, ...]:
    sums: dict[tuple[str, str], _Sum] = defaultdict(_Sum)
    owners: dict[tuple[str, str], CodeFrame] = {}
    everything = total_load(stacks)
    for stack in stacks:
        if stack.stack == OTHER:
            continue
        leaf, frames = charged(frames_of(stack.stack))
        load = load_of(stack)
        innermost = {_key(frame): frame for frame in frames}
        for key, frame in innermost.items():
            owners.setdefault(key, frame)
            sums[key].load += load
            sums[key].samples += stack.count
            sums[key].lines[frame.line] += stack.count
        if leaf is not None:
            sums[_key(leaf)].self_load += load
    found = (_summed(owners[key], total, everything) for key, total in sums.items())
    return tuple(sorted(found, key=lambda one: (-one.self_load, -one.load, one.name)))


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


def _asker(frames: _Frames) -> CodeFrame:
    """The application's innermost line; without one, the innermost outside the lock's own code."""
    own = [frame for frame in frames if frame.is_own]
    python = [f for f in frames if f.file.endswith(".py") and f.file != "threading.py"]
    return (own or python or list(frames))[-1]


def _node(frame: str, below: list[tuple[list[str], float]], depth: int) -> Node:
    """`below`: the stacks that pass through the frame, and their loads; it is their `depth`-th."""
    groups: dict[str, list[tuple[list[str], float]]] = defaultdict(list)
    for frames, load in below:
        if len(frames) > depth:
            groups[frames[depth]].append((frames, load))
    children = (_node(name, group, depth + 1) for name, group in groups.items())
    return Node(
        frame=frame,
        load=sum(load for _, load in below),
        self_load=sum(load for frames, load in below if len(frames) == depth),
        children=tuple(sorted(children, key=lambda node: -node.load)),
    )
