"""`RunManifest` ⇄ `run.json`.

A manifest of a later format, or one that is no manifest, raises StoreError naming the file; keys
that this version does not know are left aside, so that an older tool reads what a newer one added.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perfwright.model.errors import StoreError
from perfwright.model.manifest import FORMAT, RunManifest
from perfwright.model.verdict import SloResult, Status, Verdict
from perfwright.store.files import store_error, write_json

_FIELDS = {field.name for field in dataclasses.fields(RunManifest)}
_TUPLES = ("command", "quantiles", "slos", "tags", "notes")


def write_manifest(path: Path, manifest: RunManifest) -> None:
    """Replace `path` atomically."""
    write_json(path, dataclasses.asdict(manifest))


def read_manifest(path: Path) -> RunManifest:
    """The manifest in `path`; StoreError where it cannot be read as one."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise store_error("read", path, error) from error
    except ValueError as error:
        raise StoreError(f"store: {path} is damaged: {error}; delete the run's folder") from error
    try:
        return manifest_of(document)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise StoreError(
            f"store: {path} is no manifest: {error}; delete the run's folder"
        ) from error


def manifest_of(document: Mapping[str, Any]) -> RunManifest:
    """The manifest of a JSON document; TypeError, ValueError and KeyError where it is none."""
    if document["format"] > FORMAT:
        raise ValueError(f"format {document['format']} is newer than this version's {FORMAT}")
    known = {key: value for key, value in document.items() if key in _FIELDS}
    for key in _TUPLES:
        known[key] = tuple(known.get(key, ()))
    known["judged_s"] = tuple((start, end) for start, end in known.get("judged_s", ()))
    known["slo_results"] = tuple(SloResult(**result) for result in known.get("slo_results", ()))
    verdict = known.get("verdict")
    if verdict is not None:
        known["verdict"] = Verdict(
            status=Status(verdict["status"]), reasons=tuple(verdict["reasons"])
        )
    return RunManifest(**known)
