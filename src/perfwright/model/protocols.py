"""The narrow interfaces that rooms meet at."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from perfwright.model.frame import Frame
from perfwright.model.manifest import RunManifest


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
