"""Postman's JSON documents as plain values: opened once, and asked for members of a known kind.

A member that is missing or of another kind is an empty one, so that what a hand or another tool
wrote is read as far as it makes sense.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from perfwright.model.errors import DataError

Json = Mapping[str, object]
_LARGEST_BYTES = 256 * 1024 * 1024


def open_document(path: Path) -> Json:
    """DataError: the file cannot be read, or is not one JSON object."""
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise DataError(f"plan: cannot read {path}: {error}") from error
    if len(content) > _LARGEST_BYTES:
        raise DataError(f"plan: {path} is larger than 256 MB; export the collection in parts")
    try:
        parsed = json.loads(content.decode("utf-8-sig", errors="replace"))
    except (ValueError, RecursionError) as error:
        why = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise DataError(f"plan: {path} is no JSON that can be read: {why}") from error
    if not isinstance(parsed, dict):
        raise DataError(f"plan: {path} holds no JSON object; export it from Postman again")
    wrapped = parsed.get("collection")
    return wrapped if isinstance(wrapped, dict) and "item" in wrapped else parsed


def text(holder: Json, name: str) -> str:
    """A member as text; numbers and truths as JSON writes them."""
    return plain(holder.get(name))


def plain(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, (bool, int, float)) else ""


def object_of(holder: Json, name: str) -> Json:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def objects(holder: Json, name: str) -> list[Json]:
    return [each for each in elements(holder.get(name)) if isinstance(each, dict)]


def elements(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def enabled(holder: Json) -> bool:
    return holder.get("disabled") is not True and holder.get("enabled") is not False
