"""JSON pointers (RFC 6901) as Python: `/items/0/id` is `["items"][0]["id"]`.

A token of digits is an index; `~1` stands for a slash, `~0` for a tilde. "" is the whole document.
"""

from __future__ import annotations

import re

from perfwright.export.scenario_file.layout import Atom, Bracket, call
from perfwright.export.scenario_file.literals import quoted

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


def keys(pointer: str) -> list[str]:
    """Literals of the keys and indices on the way; a pointer that lacks its first slash is taken
    as if it had it."""
    if pointer in ("", "/"):
        return []
    tokens = pointer.removeprefix("/").split("/")
    plain = (token.replace("~1", "/").replace("~0", "~") for token in tokens)
    return [token if _INDEX.fullmatch(token) else quoted(token, ascii_only=True) for token in plain]


def subscripts(pointer: str) -> str:
    return "".join(f"[{key}]" for key in keys(pointer))


def drawn(pointer: str) -> tuple[str, str] | None:
    """The list that the first index counts in, and the way on from one of its entries: of
    `/items/0/id`, `["items"]` and `["id"]`. None: there is no index."""
    way = keys(pointer)
    first = next((place for place, key in enumerate(way) if key.isdecimal()), None)
    if first is None:
        return None
    before, after = way[:first], way[first + 1 :]
    return "".join(f"[{key}]" for key in before), "".join(f"[{key}]" for key in after)


def found_node(pointer: str, function: str = "found") -> Bracket:
    """`found(answer, "items", 0, "id")`: None where the answer does not hold it."""
    return call(function, Atom("answer"), *(Atom(key) for key in keys(pointer)))
