"""Named baselines: `baselines/NAME.json` beside the runs, each naming one run or several.

The runs themselves stay where they are. StoreError where a file cannot be written or is damaged;
BaselineNotFound says which there are.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from perfwright.model.errors import BaselineNotFound, StoreError, UsageError
from perfwright.store.files import store_error, write_json

FOLDER = "baselines"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """`runs`: ids, the oldest first. `set_at`: ISO 8601, UTC."""

    name: str
    runs: tuple[str, ...]
    set_at: str


def set_baseline(store: Path, baseline: Baseline) -> Path:
    """Keep it, in place of one of that name. UsageError: the name cannot be a file's."""
    if not _NAME.fullmatch(baseline.name) or baseline.name == "latest":
        raise UsageError(
            f"baseline: {baseline.name!r} can be no baseline's name; write letters, digits, "
            "-, _ and ., like main or release-2.1"
        )
    path = store / FOLDER / f"{baseline.name}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise store_error("make", path.parent, error) from error
    write_json(path, dataclasses.asdict(baseline))
    return path


def baselines(store: Path) -> Sequence[Baseline]:
    """All of them, by name."""
    return [_read(path) for path in sorted((store / FOLDER).glob("*.json"))]


def has_baseline(store: Path, name: str) -> bool:
    return _NAME.fullmatch(name) is not None and (store / FOLDER / f"{name}.json").is_file()


def find_baseline(store: Path, name: str) -> Baseline:
    """The baseline of that name."""
    if has_baseline(store, name):
        return _read(store / FOLDER / f"{name}.json")
    names = [baseline.name for baseline in baselines(store)]
    close = get_close_matches(name, names, n=1)
    known = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(names)}"
    raise BaselineNotFound(
        f"baseline: there is no {name!r} in {store}; "
        + (known if names else f"`perfwright baseline set {name} RUN` makes one")
    )


def _read(path: Path) -> Baseline:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        runs = tuple(map(str, document["runs"]))
        return Baseline(name=path.stem, runs=runs, set_at=str(document["set_at"]))
    except OSError as error:
        raise store_error("read", path, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"store: {path} is damaged: {error}; set the baseline again") from error
