"""What names tell: words of an identifier, singulars, and which names are those of references."""

from __future__ import annotations

import re
from functools import lru_cache

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_ID_WORDS = frozenset({"id", "ids", "uuid", "guid", "uid", "uids", "uuids", "gid", "pk"})
_KEYS = (*_ID_WORDS, "slug", "key", "code", "number", "num", "no", "name", "sku", "sha", "handle")
_UNCHANGED = ("status", "address", "news", "series", "access", "process", "analysis", "business")


@lru_cache(maxsize=20_000)
def words_of(name: str) -> tuple[str, ...]:
    """`petId`, `pet_id`, `Pet-ID` ─► ("pet", "id")."""
    return tuple(word.lower() for word in _WORDS.findall(name[:200]))


def is_id(name: str) -> bool:
    """Whether a name is that of a reference: `id`, `petId`, `owner_uuid`."""
    words = words_of(name)
    return bool(words) and words[-1] in _ID_WORDS


def singular(word: str) -> str:
    """`pets` ─► `pet`, `categories` ─► `category`, `boxes` ─► `box`; as good as endings tell."""
    if word in _UNCHANGED or len(word) < 4:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def thing_of(name: str) -> tuple[str, ...]:
    """What a parameter's name is the key of: `petId` ─► ("pet",), `id` ─► ()."""
    words = words_of(name)
    if words and words[-1] in _KEYS:
        words = words[:-1]
    return (*words[:-1], singular(words[-1])) if words else ()


def snake(name: str, default: str = "value") -> str:
    """`petId` ─► `pet_id`; at most 40 characters."""
    return "_".join(words_of(name))[:40].strip("_") or default
