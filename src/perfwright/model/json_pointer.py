"""JSON pointers (RFC 6901): the way from a document to a value in it, as one text.

    {"items": [{"a/b": 1}]}  at  /items/0/a~1b  is  1     "" is the whole document

Each slash begins a token: a key (`~1` stands for a slash in it, `~0` for a tilde), or in a list an
index without leading zeros. What leads nowhere is a LookupError.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


def escaped(key: str) -> str:
    """A key as a token."""
    return key.replace("~", "~0").replace("/", "~1")


def unescaped(token: str) -> str:
    """The key that a token stands for."""
    return token.replace("~1", "/").replace("~0", "~")


def is_index(key: str) -> bool:
    return _INDEX.fullmatch(key) is not None


def pointer_to(keys: Iterable[str | int]) -> str:
    """`("items", 0, "a/b")` ─► `/items/0/a~1b`."""
    return "".join(f"/{escaped(str(key))}" for key in keys)


def keys_of(pointer: str) -> list[str]:
    """`/items/0/a~1b` ─► `["items", "0", "a/b"]`; what stands before the first slash says
    nothing."""
    return [unescaped(token) for token in pointer.split("/")[1:]]


def value_at(document: Any, pointer: str) -> Any:
    """LookupError: nothing is there."""
    value = document
    for key in keys_of(pointer):
        if isinstance(value, Mapping):
            value = value[key]
        elif isinstance(value, Sequence) and not isinstance(value, str) and is_index(key):
            value = value[int(key)]
        else:
            raise LookupError(f"nothing is at {pointer!r}: no {key!r} to go to")
    return value
