"""Names: whether two mean the same, and what a variable is called.

orderId ~ order_id ~ X-Order-Id        POST /orders → {"id": …}: order_id
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_SIGNS = re.compile(r"[^a-z0-9]")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_IDENTITY = ("id", "uuid", "guid", "key", "number", "no", "ref", "reference", "code", "slug")
_VAGUE = {*_IDENTITY, "value", "name", "data", "result", "self", "href", "text", "item", "location"}
_TOKENISH = re.compile(
    r"csrf|xsrf|auth|token|nonce|state|session|verif|viewstate|validation|ticket|cursor|challenge"
)
_DYNAMIC = re.compile(r"\d|[0-9a-f]{8}-|^[A-Za-z0-9_-]{20,}$")
_LONGEST = 40


def plain(name: str) -> str:
    """`X-Order-Id`, `order_id`, `orderId` → `orderid`."""
    lowered = _SIGNS.sub("", name.lower())
    return lowered.removeprefix("x") if name.lower().startswith("x-") else lowered


def is_identity(name: str) -> bool:
    """Whether a key says that its value names something: `id`, `orderId`, `uuid`."""
    words = [word.lower() for word in _WORDS.split(name) if word]
    return bool(words) and words[-1] in _IDENTITY


def is_tokenish(name: str) -> bool:
    return _TOKENISH.search(plain(name)) is not None


def noun_of(path: str) -> str:
    """What a path is about: `/api/orders/17` → `order`."""
    segments = [part for part in path.partition("?")[0].split("/") if part]
    fixed = [part for part in segments if not _DYNAMIC.search(part) and not part.startswith("{")]
    return singular(fixed[-1]) if fixed else ""


def singular(word: str) -> str:
    for ending, short in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("s", "")):
        if word.lower().endswith(ending) and len(word) > 3 and not word.lower().endswith("ss"):
            return word[: -len(ending)] + short
    return word


class Names:
    """Variables' names, each given once; `taken` are given already."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._count: dict[str, int] = {}

    def new(self, key: str, path: str = "") -> str:
        """In snake case, told by the key, and by the path where the key alone is vague."""
        words = [word.lower() for word in _WORDS.split(key) if word]
        if words[:1] == ["x"] and len(words) > 1:
            del words[0]
        if len(words) == 1 and words[0] in _VAGUE:
            words = [*(word.lower() for word in _WORDS.split(noun_of(path)) if word), *words]
        name = base = "_".join(words)[:_LONGEST].strip("_") or "value"
        while name in self._taken:
            self._count[base] = self._count.get(base, 1) + 1
            name = f"{base}_{self._count[base]}"
        self._taken.add(name)
        return name
