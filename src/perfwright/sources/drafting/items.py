"""Walks over the items of a journey: each call, wherever it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from perfwright.model.journey import (
    Call,
    Expectation,
    Group,
    Item,
    Journey,
    OneOf,
    Pause,
    Repeat,
    Sometimes,
)


def calls_in(items: tuple[Item, ...]) -> Iterator[Call]:
    """Every call in order; resources of a call are not calls of the journey."""
    for item in items:
        if isinstance(item, Call):
            yield item
        elif isinstance(item, OneOf):
            for _, way in item.ways:
                yield from calls_in(way)
        elif not isinstance(item, Pause):
            yield from calls_in(item.items)


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


def only_once(expects: tuple[Expectation, ...]) -> tuple[Expectation, ...]:
    """Without checks that say the same, as those of a folder and of its request do."""
    kept: dict[tuple[str, tuple[object, ...]], Expectation] = {}
    for each in expects:
        kept.setdefault((each.kind, tuple(map(repr, each.expected))), each)
    return tuple(kept.values())
