"""JSON pointers as Python: `/items/0/id` is `["items"][0]["id"]`."""

from __future__ import annotations

from perfwright.export.scenario_file.layout import Atom, Bracket, call
from perfwright.export.scenario_file.literals import quoted
from perfwright.model.json_pointer import is_index, keys_of


def keys(pointer: str) -> list[str]:
    """Literals of the keys and indices on the way; a pointer that lacks its first slash is taken
    as if it had it."""
    way = keys_of(f"/{pointer.removeprefix('/')}") if pointer not in ("", "/") else []
    return [key if is_index(key) else quoted(key, ascii_only=True) for key in way]


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
