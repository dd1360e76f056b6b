"""Writing whole runs into a store, for tests that need one to read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from support.runs import RUN_ID, demo_frames, demo_manifest

from perfwright.model.frame import Frame
from perfwright.model.manifest import RunManifest
from perfwright.store.writer import RunWriter


def open_run(store: Path, frames: Iterable[Frame], *, run_id: str = RUN_ID) -> RunWriter:
    """A run that is still going on, these frames into it."""
    writer = RunWriter(store)
    writer.start(demo_manifest(run_id=run_id))
    for frame in frames:
        writer.frame(frame)
    return writer


def finished_run(store: Path, *, run_id: str = RUN_ID, seconds: int = 3) -> RunManifest:
    """A short run, written to its end; its final manifest."""
    writer = open_run(store, demo_frames(seconds=seconds), run_id=run_id)
    manifest = replace(demo_manifest(run_id=run_id), state="finished")
    writer.stop(manifest)
    return manifest
