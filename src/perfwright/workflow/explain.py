"""Findings of any stored run: an investigation's again, or those of a run that only made a load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfwright.analyze.findings import examine
from perfwright.analyze.load_series import load_reading
from perfwright.analyze.view import View
from perfwright.analyze.view_of import recounted, stages_of_load, view_of
from perfwright.model.errors import UsageError
from perfwright.model.finding import Finding
from perfwright.model.frame import Frame
from perfwright.model.manifest import RunManifest
from perfwright.model.stage import Knee, Stage
from perfwright.model.watched import Reading, joined
from perfwright.store.stored_run import StoredRun
from perfwright.workflow.imports import find_run
from perfwright.workflow.investigate import investigated_json, verifiable


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """`notes`: the run's own, and what went wrong in explaining it."""

    manifest: RunManifest
    view: View
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def explain(store: Path, reference: str) -> Explained:
    """RunNotFound, DataError, StoreError; UsageError where nothing was measured."""
    return explained_run(find_run(store, reference))


def explained_run(run: StoredRun) -> Explained:
    """As `explain`, of a run at hand."""
    return explained(run.manifest, list(run.frames()), run.watched())


def explained(manifest: RunManifest, frames: Sequence[Frame], watched: Reading) -> Explained:
    """As `explain`, of a run that was read already."""
    view = _view(manifest, frames, watched)
    examined = examine(view)
    told = (manifest.result or {}).get("notes", manifest.notes)
    return Explained(
        manifest=manifest,
        view=view,
        findings=verifiable(examined.findings, manifest.run_id),
        notes=tuple(dict.fromkeys((*told, *examined.notes))),
    )


def explained_json(explained: Explained) -> dict[str, Any]:
    """What `explain --json` prints: the run's own result, and findings made anew."""
    return {
        **dict(explained.manifest.result or {}),
        "run_id": explained.manifest.run_id,
        **investigated_json(explained.view, explained.findings),
        "notes": list(explained.notes),
    }


def _view(manifest: RunManifest, frames: Sequence[Frame], watched: Reading) -> View:
    told: dict[str, Any] = dict(manifest.result or {})
    stages = [Stage(**stage) for stage in told.get("stages", ())]
    knee = Knee(**told["knee"]) if told.get("knee") else None
    counted = recounted(stages, frames) if stages else stages_of_load(frames)
    if not counted:
        raise UsageError(f"run {manifest.run_id}: nothing was measured, so nothing explains it")
    return view_of(manifest.target, counted, joined([watched, load_reading(frames)]), knee)
