"""The data files beside a test file: `data/*.csv`, in the form that `csv(…)` reads.

Names of files and columns become plain words, for they end up in paths and between quotes; values
stay what they are (RFC 4180, UTF-8). A file without rows is not written, since no feeder could draw
from it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from perfwright.export.scenario_file.names import Names, slug, unique
from perfwright.model.journey import DataFile, ScenarioDraft

FOLDER = "data"
LONGEST_STEM = 24
"""So that the line that reads the file needs one break at most."""
_PLAIN_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_ .-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanFile:
    """`name`: as the draft has it; `stem`: the file's; `columns`: as written, by those of the
    draft."""

    name: str
    stem: str
    columns: dict[str, str]
    rows: Sequence[Sequence[str]]
    order: Literal["sequential", "shuffled", "random", "weighted"]
    unique: bool

    @property
    def path(self) -> str:
        return f"{FOLDER}/{self.stem}.csv"


def clean_files(files: Iterable[DataFile]) -> list[CleanFile]:
    """Those that have rows, under names that are safe and differ."""
    stems = Names()
    clean = []
    for file in files:
        if file.columns and len(file.rows):
            columns = _clean_columns(file.columns)
            weighted = file.order != "weighted" or "weight" in columns.values()
            one = CleanFile(
                name=file.name,
                stem=stems.take(slug(file.name.removesuffix(".csv"), "rows", LONGEST_STEM)),
                columns=columns,
                rows=file.rows,
                order=file.order if weighted else "random",
                unique=file.unique,
            )
            clean.append(one)
    return clean


def write_data(draft: ScenarioDraft, folder: Path) -> tuple[Path, ...]:
    """Writes the draft's rows to `folder`/data/*.csv and returns what was written."""
    written = []
    for file in clean_files(draft.data):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", errors="replace", newline="") as to:
            writer = csv.writer(to, lineterminator="\n")
            writer.writerow(file.columns.values())
            writer.writerows(_fitting(row, len(file.columns)) for row in file.rows)
        written.append(path)
    return tuple(written)


def _fitting(row: Sequence[str], width: int) -> list[str]:
    values = [str(value) for value in row[:width]]
    return values + [""] * (width - len(values))


def _clean_columns(columns: Sequence[str]) -> dict[str, str]:
    plain = [
        name if _PLAIN_COLUMN.fullmatch(name) and name == name.strip() else slug(name, "column")
        for name in columns
    ]
    return dict(zip(unique(columns), unique(plain), strict=True))
