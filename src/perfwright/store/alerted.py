"""Which changes were alerted of, so that each is told once: `alerts.json` in the store.

A change's place may move by a row or two as more runs come in, so one of the same series and
direction whose intervals of place (in time) touch is the same change. The newest `_KEPT` are kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from perfwright.model.errors import StoreError
from perfwright.store.files import folder_lock, store_error, write_json

FILE = "alerts.json"
_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted:
    """`series`: its key. `channel`: to whom, told apart without a secret. `since`, `until`: the
    change lies between, as ordered text or number. `rose`: its direction. `kind`: of change."""

    series: str
    channel: str
    kind: str
    rose: bool
    since: str | float
    until: str | float

    def same(self, other: Alerted) -> bool:
        mine = (self.series, self.channel, self.kind, self.rose)
        if mine != (other.series, other.channel, other.kind, other.rose):
            return False
        try:
            return self.since <= other.until and other.since <= self.until  # type: ignore[operator]
        except TypeError:  # times were text and are numbers now: another series
            return False


def read_alerted(store: Path) -> tuple[Alerted, ...]:
    """None where nothing was alerted yet. StoreError where the file is damaged."""
    path = store / FILE
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Alerted(**entry) for entry in document["alerted"])
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise store_error("read", path, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"store: {path} is damaged: {error}; delete it, and changes are alerted of once more"
        ) from error


def remember_alerted(store: Path, new: Sequence[Alerted]) -> None:
    """Add to what others may be adding to at the same time."""
    try:
        store.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise store_error("write", store, error) from error
    with folder_lock(store):
        known = [*read_alerted(store), *new][-_KEPT:]
        write_json(store / FILE, {"alerted": [asdict(entry) for entry in known]})
