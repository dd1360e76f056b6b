"""Which variables a list of items (tidied) uses before an answer has surely filled them.

Such a variable needs a value to begin with, or Python would stop at its name. A loop's body runs at
least once; what happens only sometimes fills nothing for sure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from perfwright.model.calls import calls_in
from perfwright.model.journey import (
    Call,
    Group,
    Item,
    OneOf,
    Pause,
    Repeat,
    Sometimes,
    Text,
    Value,
    Var,
)


def extracted(items: Sequence[Item]) -> set[str]:
    """All variables that answers fill somewhere in `items`."""
    return {extraction.name for call in calls_in(items) for extraction in call.extracts}


def used_early(items: Sequence[Item]) -> list[str]:
    """Variables that answers fill, but that are used where none surely has yet; in order."""
    early: dict[str, None] = {}
    _follow(items, set(), early)
    fills = extracted(items)
    return [name for name in early if name in fills]


def surely_filled(items: Sequence[Item]) -> set[str]:
    """Variables that answers have filled once `items` are done, whatever was drawn."""
    return _follow(items, set(), {})


def _follow(items: Sequence[Item], filled: set[str], early: dict[str, None]) -> set[str]:
    """What is surely filled after `items`, if `filled` was before them."""
    for item in items:
        match item:
            case Call():
                early.update(dict.fromkeys(n for n in used_by(item) if n not in filled))
                filled = filled | {extraction.name for extraction in item.extracts}
                filled = _follow(item.resources, filled, early)
            case Group() | Repeat():
                filled = _follow(item.items, filled, early)
            case Sometimes():
                _follow(item.items, filled, early)
            case OneOf():
                ways = [_follow(way, filled, early) for _, way in item.ways]
                filled = set.intersection(*ways)
            case Pause():
                pass
    return filled


def used_by(call: Call) -> Iterator[str]:
    """Names of the variables in a request."""
    yield from _names_in(call.url)
    for _, value in (*call.params, *call.headers):
        yield from _names_in(value)
    if call.body is not None:
        yield from _names_in(call.body.value)
    for part in call.auth or ():
        yield from _names_in(part)


def _names_in(value: Value) -> Iterator[str]:
    waiting = [value]  # not by recursion: values may be nested deeper than Python's stack
    while waiting:
        match waiting.pop():
            case Var(name):
                yield name
            case Text(parts):
                yield from (part.name for part in parts if isinstance(part, Var))
            case str() | None | bool() | int() | float():
                pass
            case Mapping() as mapping:
                waiting.extend(mapping.values())
            case items:
                waiting.extend(items)
