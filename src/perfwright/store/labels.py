"""Tags and notes given to a run after it ended: `labels.json`; the run itself never changes."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from perfwright.model.errors import StoreError
from perfwright.store.files import folder_lock, store_error, write_json
from perfwright.store.layout import LABELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_labels(run: Path) -> Labels:
    """The labels of a run folder; none where none were given. StoreError where they are damaged."""
    path = run / LABELS
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return Labels(tags=tuple(document["tags"]), notes=tuple(document["notes"]))
    except FileNotFoundError:
        return Labels()
    except OSError as error:
        raise store_error("read", path, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"store: {path} is damaged: {error}; delete it") from error


def add_tag(run: Path, tag: str) -> Labels:
    """Give the run a tag; having it already is fine."""
    with folder_lock(run):
        labels = read_labels(run)
        if tag in labels.tags:
            return labels
        return _written(run, dataclasses.replace(labels, tags=(*labels.tags, tag)))


def add_note(run: Path, note: str) -> Labels:
    """Add a note to the run's notes."""
    with folder_lock(run):
        labels = read_labels(run)
        return _written(run, dataclasses.replace(labels, notes=(*labels.notes, note)))


def _written(run: Path, labels: Labels) -> Labels:
    write_json(run / LABELS, dataclasses.asdict(labels))
    return labels
