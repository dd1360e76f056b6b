"""Finds runs in a store and reads them back.

    running      the manifest says so and its writer holds the lock
    interrupted  the manifest says running, and nobody holds the lock: a crash, a kill, a power cut
    finished, stopped   as the manifest says
    damaged      `run.json` cannot be read; listed with the reason, never a crash

There is no catalogue: listing reads the manifests. RunNotFound says which runs there are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from perfwright.model.errors import RunNotFound, StoreError
from perfwright.model.manifest import RunManifest
from perfwright.store.files import is_locked, store_error
from perfwright.store.labels import read_labels
from perfwright.store.layout import LOCK, MANIFEST, RUNS
from perfwright.store.manifest_json import read_manifest
from perfwright.store.stored_run import StoredRun

RUNNING = "running"
INTERRUPTED = "interrupted"
DAMAGED = "damaged"
LATEST = "latest"
_SHOWN = 8


class Store:
    """The runs below one folder, which need not exist."""

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory)

    def list(self) -> Sequence[RunManifest]:
        """All runs, newest first; damaged ones last. StoreError: the folder cannot be read."""
        manifests = [_manifest_or_damage(run) for run in self._folders()]
        return sorted(manifests, key=lambda manifest: (manifest.started_at, manifest.run_id))[::-1]

    def find(self, reference: str | Path) -> StoredRun:
        """The run that `reference` means: an id, a unique prefix of one, `latest`, or a folder.

        RunNotFound where there is none, or more than one; StoreError where it is damaged.
        """
        folder = Path(reference)
        if (folder / MANIFEST).is_file():
            return _opened(folder)
        if folder.is_file():
            raise RunNotFound(
                f"run: {reference} is a file; {self._known()}, or name a run's folder"
            )
        manifests = self.list()
        ids: Sequence[str]
        if str(reference) == LATEST:
            ids = [manifest.run_id for manifest in manifests if manifest.state != DAMAGED][:1]
        else:
            ids = _matching(str(reference), [manifest.run_id for manifest in manifests])
        if not ids:
            raise RunNotFound(
                f"run: no run {str(reference)!r} in {self.directory}; {self._known()}"
            )
        if len(ids) > 1:
            raise RunNotFound(
                f"run: {str(reference)!r} may be any of {', '.join(ids[:_SHOWN])}; write more of it"
            )
        return _opened(self.directory / RUNS / ids[0])

    def _folders(self) -> Sequence[Path]:
        """Run folders; one whose writer has locked it but not yet written its manifest is not."""
        runs = self.directory / RUNS
        try:
            folders = [path for path in runs.iterdir() if path.is_dir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise store_error("read", runs, error) from error
        return [run for run in folders if (run / MANIFEST).exists() or not is_locked(run / LOCK)]

    def _known(self) -> str:
        ids = [manifest.run_id for manifest in self.list()]
        if not ids:
            return f"{self.directory} holds no runs yet: `perfwright run` makes one"
        more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
        return f"there are {', '.join(ids[:_SHOWN])}{more}"


def _matching(reference: str, ids: Sequence[str]) -> Sequence[str]:
    return [reference] if reference in ids else [i for i in ids if i.startswith(reference)]


def _opened(run: Path) -> StoredRun:
    return StoredRun(path=run, manifest=_live_manifest(run))


def _live_manifest(run: Path) -> RunManifest:
    """The manifest with its state as it is now and the labels given since."""
    manifest = read_manifest(run / MANIFEST)
    labels = read_labels(run)
    state = manifest.state
    if state == RUNNING and not is_locked(run / LOCK):
        # It may have ended between our two looks: then the manifest has its last form by now.
        manifest = read_manifest(run / MANIFEST)
        state = INTERRUPTED if manifest.state == RUNNING else manifest.state
    return dataclasses.replace(
        manifest,
        state=state,
        tags=tuple(dict.fromkeys((*manifest.tags, *labels.tags))),
        notes=(*manifest.notes, *labels.notes),
    )


def _manifest_or_damage(run: Path) -> RunManifest:
    try:
        return _live_manifest(run)
    except StoreError as error:
        return RunManifest(
            run_id=run.name, name="", state=DAMAGED, started_at="", notes=(str(error),)
        )
