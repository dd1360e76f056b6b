"""For formats of which one file is one run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from perfwright.model.errors import DataError


def the_only(files: Sequence[Path], name: str) -> Path:
    """DataError: there are several, which would be several runs."""
    if len(files) > 1:
        raise DataError(f"import: each {name} is a run of its own: import {files[1]} by itself")
    return files[0]
