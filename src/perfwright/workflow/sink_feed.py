"""Carries a run's frames to one sink in a thread of its own, so that a slow sink never slows the
load.

    run ── frame ──► queue ──► thread ──► sink.frame        an exception: switched off, noted once
    run ── stop ───► queue ──► thread ──► sink.stop         always, with the last manifest

A sink that raises gets no more frames but still its `stop`. One that hangs is left behind after a
deadline: the run must end, and its thread does not keep the process alive.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

from perfwright.model.frame import Frame
from perfwright.model.manifest import RunManifest
from perfwright.model.protocols import Sink

_Job = Callable[[], None]


class SinkFeed:
    """One sink and its thread; `on_failure` hears a sentence about each failure, in that thread."""

    def __init__(self, sink: Sink, on_failure: Callable[[str], None], name: str = "") -> None:
        self.sink = sink
        self.name = name or type(sink).__name__
        self._on_failure = on_failure
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._failed = False
        self._thread = threading.Thread(target=self._work, name=f"sink {self.name}", daemon=True)

    def start(self, manifest: RunManifest) -> None:
        """Start sink and thread; what the sink raises comes out: then the run does not begin."""
        self.sink.start(manifest)
        self._thread.start()

    def frame(self, frame: Frame) -> None:
        """Queue one second; returns at once."""
        self._jobs.put(lambda: self._give(frame))

    def drain(self, deadline_s: float) -> bool:
        """Wait until the sink has taken all that is queued; False where it did not in time."""
        done = threading.Event()
        self._jobs.put(done.set)
        return done.wait(deadline_s)

    def stop(self, manifest: RunManifest, deadline_s: float) -> None:
        """Stop the sink and its thread. Does nothing to a sink that was never started."""
        if not self._thread.is_alive():
            return
        self._jobs.put(lambda: self._end(manifest))
        self._jobs.put(None)
        self._thread.join(deadline_s)
        if self._thread.is_alive():
            self._on_failure(
                f"{self.name} was still busy {deadline_s:g} s after the end and was left behind"
            )

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def _give(self, frame: Frame) -> None:
        if self._failed:
            return
        try:
            self.sink.frame(frame)
        except Exception as error:
            self._failed = True
            self._on_failure(
                f"{self.name} failed and got nothing from second {frame.second} on: {_said(error)}"
            )

    def _end(self, manifest: RunManifest) -> None:
        try:
            self.sink.stop(manifest)
        except Exception as error:
            self._on_failure(f"{self.name} failed at its end: {_said(error)}")


def remaining_s(until_s: float) -> float:
    """Seconds left until the monotonic time `until_s`, never below zero."""
    return max(0.0, until_s - time.monotonic())


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
