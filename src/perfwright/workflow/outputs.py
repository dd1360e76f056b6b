"""Everything that a run tells about itself, to all its sinks at once: the store first.

What goes wrong with a sink is never the run's end: it becomes a note of the run, an event in the
store and a line for people at once. Only a sink that cannot start ends the run before it began.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from perfwright.model.errors import StoreError
from perfwright.model.frame import Frame
from perfwright.model.manifest import RunManifest
from perfwright.model.protocols import Sink
from perfwright.model.watched import Reading
from perfwright.store.writer import RunWriter
from perfwright.workflow.manifest import failed_manifest
from perfwright.workflow.sink_feed import SinkFeed, remaining_s

_LEFT_BEHIND_AFTER_S = 60.0
"""How long the slowest sink may still be busy once the load is over."""


class Outputs:
    """`notes` grows with what goes wrong."""

    def __init__(self, store: Path, sinks: Sequence[Sink], say: Callable[[str], None]) -> None:
        self.notes: list[str] = []
        self._say = say
        self._writer = RunWriter(store)
        self._feeds = [
            SinkFeed(self._writer, self._on_failure, "The store"),
            *(SinkFeed(sink, self._on_failure) for sink in sinks),
        ]

    @property
    def path(self) -> Path:
        """The run's folder."""
        return self._writer.path

    def start(self, manifest: RunManifest) -> None:
        """Start every sink; where one refuses, those that had started are stopped again."""
        try:
            for feed in self._feeds:
                feed.start(manifest)
        except BaseException as error:
            self.stop(failed_manifest(manifest, str(error)))
            raise

    def frame(self, frame: Frame) -> None:
        for feed in self._feeds:
            feed.frame(frame)

    def keep(self, reading: Reading) -> None:
        """Store what probes told when the last second was over."""
        with suppress(StoreError):  # the store's own feed tells of it
            self._writer.keep(reading)

    def event(self, kind: str, message: str) -> None:
        """Note in the store that something happened now."""
        with suppress(StoreError):  # the store's own feed tells of it
            self._writer.event(kind, message)

    def drain(self) -> None:
        """Wait until the sinks have caught up, so that `notes` is complete up to here."""
        until_s = time.monotonic() + _LEFT_BEHIND_AFTER_S
        for feed in self._feeds:
            feed.drain(remaining_s(until_s))

    def stop(self, manifest: RunManifest) -> None:
        """Give every sink the manifest in its last form."""
        until_s = time.monotonic() + _LEFT_BEHIND_AFTER_S
        for feed in self._feeds:
            feed.stop(manifest, remaining_s(until_s))

    def _on_failure(self, message: str) -> None:
        self.notes.append(message)
        self._say(message)
        self.event("sink", message)
