"""Result files that fit into memory: whole texts and JSON documents, and the numbers in them.

Files that hold only sums are small; one above `_LARGEST_BYTES` (unpacked) is refused rather than
read, be it a mistake or a bomb.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from perfwright.model.errors import DataError
from perfwright.sources.results.heads import unpacked

Document = Mapping[str, Any]
"""A JSON object of another tool: what it holds is looked at where it is used."""

_LARGEST_BYTES = 256 * 1024 * 1024


def text_of(file: Path) -> str:
    """All of it, as UTF-8 (what is not becomes U+FFFD). DataError: too large, or unreadable."""
    try:
        with unpacked(file) as stream:
            content = stream.read(_LARGEST_BYTES + 1)
    except (OSError, EOFError) as error:
        raise DataError(f"import: cannot read {file}: {error}") from error
    if len(content) > _LARGEST_BYTES:
        raise DataError(
            f"import: {file} is larger than {_LARGEST_BYTES >> 20} MB, which no summary is"
        )
    return content.decode("utf-8", errors="replace").removeprefix("\ufeff")


def document_of(file: Path) -> Document:
    """The JSON object in it. DataError: it is none."""
    try:
        document = json.loads(text_of(file))
    except (ValueError, RecursionError) as error:
        raise DataError(f"import: {file} is no whole JSON document: {error}") from error
    return mapping(document)


def mapping(value: object) -> Document:
    """The value where it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[Document]:
    """The objects of a list, or those that an object holds by name."""
    among: Iterable[object] = ()
    if isinstance(value, list):
        among = value
    elif isinstance(value, dict):
        among = value.values()
    return [one for one in among if isinstance(one, dict)]


def number(value: object) -> float | None:
    """A finite number of zero or more (JSON's, or written as text), else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) and read >= 0 else None


def whole(value: object) -> int:
    """A count; 0 where there is none."""
    return round(number(value) or 0)


def moment_of(text: object) -> datetime | None:
    """An ISO 8601 time, in UTC (which is also what one without a zone is taken for)."""
    try:
        moment = datetime.fromisoformat(str(text))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def iso(moment: datetime | None) -> str:
    """As the store writes it; "" for None."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def share(percent: float) -> float:
    """`99.9` → 0.999, to the digit."""
    return round(percent / 100, 9)
