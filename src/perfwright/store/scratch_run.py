"""A run that exists for a moment: frames from elsewhere, in a run folder that is removed again.

Whoever reads stored runs can so read a baseline file, or several runs as if they were one, without
knowing of it. Raises StoreError where the temporary folder cannot be written.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from perfwright.model.frame import Frame
from perfwright.model.manifest import RunManifest
from perfwright.store.stored_run import StoredRun
from perfwright.store.writer import RunWriter

FOLDER_NAME = "run"


@contextmanager
def scratch_run(manifest: RunManifest, frames: Iterable[Frame]) -> Iterator[StoredRun]:
    """A run of these frames under `manifest`, there until the context ends.

    The seconds are numbered anew, from 0 on without gaps, and all are judged; workers are one.
    """
    with tempfile.TemporaryDirectory(prefix="perfwright-") as folder:
        writer = RunWriter(folder)
        writer.start(dataclasses.replace(manifest, run_id=FOLDER_NAME, state="running"))
        seconds = 0
        for second, frame in enumerate(frames):
            writer.frame(Frame.of_workers(second, {0: frame.total}, judged=True))
            seconds = second + 1
        whole = dataclasses.replace(
            manifest, state="finished", judged_s=((0.0, float(seconds)),), result=None
        )
        writer.stop(dataclasses.replace(whole, run_id=FOLDER_NAME))
        yield StoredRun(path=writer.path, manifest=whole)
