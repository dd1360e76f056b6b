"""A document's bytes as a JSON value: JSON, or YAML; a file may be packed by gzip.

Which of the two is told by the first character: what begins with `{` is JSON (an OpenAPI document
is an object); should that fail, YAML's flow style is tried, which also begins so. JSON keeps the
last of a key written twice, as YAML here does; the key is told. Fails with DataError that names
file and place.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from perfwright.model.errors import DataError, os_reason
from perfwright.sources.openapi.trees import Json
from perfwright.sources.openapi.yaml_text import parse_yaml

MAX_BYTES = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """`twice`: keys that a mapping has twice."""

    value: Json
    twice: tuple[str, ...] = ()


def read_bytes(path: Path) -> bytes:
    """DataError: it cannot be read, or is larger than MAX_BYTES."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _too_large(str(path), size)
        return _unpacked(path.read_bytes())
    except zlib.error as error:
        raise DataError(f"{path}: cannot be unpacked: {error}") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {os_reason(error)}") from None


def _unpacked(content: bytes) -> bytes:
    """What gzip packed, up to a byte more than may be read."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS).decompress(content, MAX_BYTES + 1)


def parse_document(content: bytes, name: str) -> Loaded:
    if len(content) > MAX_BYTES:
        raise _too_large(name, len(content))
    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        raise DataError(f"{name}: the document is empty")
    if content.lstrip()[:1] in b"{[" or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _json(content, name)
    value, twice = parse_yaml(content, name)
    return Loaded(value=value, twice=twice)


def _json(content: bytes, name: str) -> Loaded:
    twice: dict[str, None] = {}

    def once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        found = dict(pairs)
        if len(found) < len(pairs):
            for key, count in Counter(key for key, _ in pairs).items():
                if count > 1:
                    twice[key] = None
        return found

    try:
        value = json.loads(content, object_pairs_hook=once, parse_constant=str)
        return Loaded(value=value, twice=tuple(twice))
    except RecursionError:
        raise DataError(f"{name}: nested too deep to be read") from None
    except ValueError as error:
        try:
            value, again = parse_yaml(content, name)
        except DataError:
            raise DataError(f"{name}: cannot be read as JSON: {error}") from None
        return Loaded(value=value, twice=again)


def _too_large(name: str, size: int) -> DataError:
    return DataError(
        f"{name}: has {size / 1e6:,.0f} MB; documents up to {MAX_BYTES / 1e6:.0f} MB are read: "
        "cut it to the paths that the test is about"
    )
