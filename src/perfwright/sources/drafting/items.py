"""Changes of calls, wherever they stand among a journey's items."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from perfwright.model.journey import (
    Call,
    Expectation,
    Extraction,
    Group,
    Item,
    Journey,
    OneOf,
    Repeat,
    Sometimes,
)


def map_calls(items: tuple[Item, ...], change: Callable[[Call], Call]) -> tuple[Item, ...]:
    return tuple(_mapped(item, change) for item in items)


def _mapped(item: Item, change: Callable[[Call], Call]) -> Item:
    match item:
        case Call():
            return change(item)
        case OneOf():
            return OneOf(tuple((weight, map_calls(way, change)) for weight, way in item.ways))
        case Group() | Repeat() | Sometimes():
            return replace(item, items=map_calls(item.items, change))
    return item


def journeys_with_calls(
    journeys: tuple[Journey, ...], change: Callable[[Call], Call]
) -> tuple[Journey, ...]:
    return tuple(replace(each, items=map_calls(each.items, change)) for each in journeys)


def with_checks(call: Call, extracts: Iterable[Extraction], expects: Iterable[Expectation]) -> Call:
    """Of extractions of one name the last counts; statuses of 400 and above that are expected are
    no errors."""
    kept = _only_once(expects)
    codes = (code for one in kept if one.kind == "status" for code in one.expected)
    failing = dict.fromkeys(code for code in codes if isinstance(code, int) and code >= 400)
    return replace(
        call,
        extracts=tuple({one.name: one for one in extracts}.values()),
        expects=kept,
        statuses=tuple(failing),
    )


def _only_once(expects: Iterable[Expectation]) -> tuple[Expectation, ...]:
    """Without checks that say the same, as those of a folder and of its request do."""
    kept: dict[tuple[str, tuple[object, ...]], Expectation] = {}
    for each in expects:
        kept.setdefault((each.kind, tuple(map(repr, each.expected))), each)
    return tuple(kept.values())
