"""Identifiers for what strangers named: valid, unique in their scope, and speaking.

    "GET /api/v1/items/{id}"  →  get_item          "Größe (cm)"  →  grosse_cm
    "import"                  →  import_           "💥"          →  step

Letters beyond ASCII lose their marks or go. A name that Python, the file or its imports need gets a
suffix, as does one that is taken.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable

LONGEST = 40
SHORT = 30
"""For names that stand twice on a line."""
_WORD = re.compile(r"[A-Za-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_METHOD = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+(\S.*)", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_EMPTY_SEGMENTS = re.compile(r"api|rest|v\d+(\.\d+)*", re.IGNORECASE)

_PYTHONS = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
IRREGULAR = {"people": "person", "children": "child", "news": "news", "data": "row"}


class Names:
    """The names of one scope; those of `outer` are taken too."""

    def __init__(self, taken: Iterable[str] = (), outer: Names | None = None) -> None:
        self._taken = set(taken)
        self._outer = outer

    def take(self, wanted: str, *, suffix: str = "") -> str:
        """An identifier like `wanted` (already one in form); `suffix` is tried before numbers."""
        candidates = [wanted, *([f"{wanted}_{suffix}"] if suffix else [])]
        free = next((name for name in candidates if self._is_free(name)), None)
        number = 2
        while free is None:
            name = f"{wanted}_{number}"
            free = name if self._is_free(name) else None
            number += 1
        self._taken.add(free)
        return free

    def _is_free(self, name: str) -> bool:
        if name in _PYTHONS or name.startswith("__") or name in self._taken:
            return False
        return self._outer is None or self._outer._is_free(name)


def slug(text: str, fallback: str, longest: int = LONGEST) -> str:
    """Lower-case words of ASCII with underscores between; never empty, never begins with a
    digit."""
    plain = unicodedata.normalize("NFKD", text[:1000].replace("ß", "ss"))
    plain = plain.encode("ascii", "ignore").decode()
    words = _WORD.findall(_HUMP.sub(" ", plain))
    joined = ""
    for word in words:
        longer = f"{joined}_{word}" if joined else word[:longest]
        if len(longer) > longest:
            break
        joined = longer
    joined = joined.lower()
    if not joined:
        return fallback
    return joined if not joined[0].isdigit() else f"{fallback}_{joined}"[:longest].rstrip("_")


def constant(text: str, fallback: str) -> str:
    return slug(text, fallback).upper()


def of_step(name: str) -> str:
    """A function's name from a step's: "GET /items/{id}" is `get_item`, "log in" is `log_in`."""
    match = _METHOD.fullmatch(name[:1000].strip())
    if match is None:
        return slug(name, "step")
    method, path = match[1].lower(), match[2].partition("?")[0]
    words: list[str] = []
    for segment in path.split("/"):
        if not segment or _EMPTY_SEGMENTS.fullmatch(segment):
            continue
        if _PLACEHOLDER.fullmatch(segment):
            if words:
                words[-1] = singular(words[-1])
            continue
        words.append(slug(_PLACEHOLDER.sub(" ", segment), ""))
    return slug(" ".join([method, *filter(None, words)]) if words else f"{method} home", "step")


def singular(word: str) -> str:
    """Good enough for names of variables: "items" → "item", "entries" → "entry"."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def unique(texts: Iterable[str]) -> list[str]:
    """The same texts, repeated ones numbered: a, b, a (2)."""
    seen: set[str] = set()
    result = []
    for text in texts:
        name, number = text, 2
        while name in seen:
            name, number = f"{text} ({number})", number + 1
        seen.add(name)
        result.append(name)
    return result
