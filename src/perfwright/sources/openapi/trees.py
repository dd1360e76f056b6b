"""JSON as Python holds it, and looks at it that cannot fail.

A document of strangers may hold anything anywhere: what is not of the kind that was looked for
counts as absent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Tree: TypeAlias = dict[str, Json]


def tree(value: Json) -> Tree:
    return value if isinstance(value, dict) else {}


def listing(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def trees(value: Json) -> list[Tree]:
    return [entry for entry in listing(value) if isinstance(entry, dict)]


def text(value: Json, default: str = "") -> str:
    return value if isinstance(value, str) else default


def texts(value: Json) -> list[str]:
    return [entry for entry in listing(value) if isinstance(entry, str)]


def number(value: Json) -> int | float | None:
    """Finite numbers only: JSON has no others, but parsers do."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if abs(value) < float("inf") else None


def same(one: Json, other: Json) -> bool:
    """JSON's equality: 1 is 1.0, but true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other


def with_references(value: Json, change: Callable[[str], str]) -> Json:
    """A copy in which every `$ref` is changed; what is shared stays shared."""
    done: dict[int, Json] = {}

    def copied(value: Json) -> Json:
        if not isinstance(value, (dict, list)):
            return value
        if id(value) in done:
            return done[id(value)]
        if isinstance(value, list):
            entries: list[Json] = []
            done[id(value)] = entries
            entries.extend(map(copied, value))
            return entries
        copy: Tree = {}
        done[id(value)] = copy
        for key, entry in value.items():
            copy[key] = change(entry) if key == "$ref" and isinstance(entry, str) else copied(entry)
        return copy

    return copied(value)


def is_of_type(value: Json, kind: str) -> bool:
    match kind:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            given = number(value)
            return given is not None and given == int(given)
        case "number":
            return number(value) is not None
        case "string":
            return isinstance(value, str)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
    return True
