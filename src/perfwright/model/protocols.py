"""The narrow interfaces that rooms meet at."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from perfwright.model.frame import Frame
from perfwright.model.manifest import RunManifest
from perfwright.model.watched import Reading


@runtime_checkable
class Sink(Protocol):
    """Takes a run's frames to one place: the store, a terminal, a metrics push.

    `start` comes once before the first frame and may raise: then the run does not begin. `frame`
    comes once a second in order, from one thread; it may be slow without slowing the load (frames
    queue). An exception from `frame` disables this sink and is noted in the run. `stop` comes once,
    always, with the final manifest.
    """

    def start(self, manifest: RunManifest) -> None: ...
    def frame(self, frame: Frame) -> None: ...
    def stop(self, manifest: RunManifest) -> None: ...


class Probe(Protocol):
    """Watches one thing while a run goes on; one file in `observe/`.

    `name` is what people see, as in `--watch`, without secrets. `open` comes once; it raises
    ProbeError, with the remedy, where the thing cannot be watched. `read` comes about once a second
    with the run's second and gives what was seen since the last call; it may sleep to sample more
    often, must return within `second + 1` normally, and must bound its own I/O by timeouts.
    `close` comes once, always after `open` succeeded, and may give a last reading (plans, totals).
    All are called from one thread that belongs to the probe; `origin_ns` (monotonic) is where the
    run's seconds count from. A probe that raises is noted in the run and opened anew a little
    later; one that hangs is left behind. Neither ever delays the load.
    """

    name: str

    def open(self, origin_ns: int) -> Reading: ...
    def read(self, second: int) -> Reading: ...
    def close(self) -> Reading: ...


class Profiler(Protocol):
    """Takes profiles of one component, each some seconds long, in a thread of its own.

    `profile` blocks for about `duration_s` and gives its stacks labelled with `moment`; it raises
    ProbeError, with the remedy, where it is refused (no ptrace, no tool)."""

    name: str

    def profile(self, moment: str, duration_s: float) -> Reading: ...
