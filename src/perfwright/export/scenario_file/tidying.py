"""A list of items in its simplest form that does the same, so that the code written from it is.

    Repeat(1, a), Sometimes(1, a)              a
    Sometimes(0.5, Sometimes(0.5, a))          Sometimes(0.25, a)
    OneOf((2, a), (2, nothing))                Sometimes(0.5, a)
    a group, a loop, a choice of nothing       gone

What cannot happen (a weight of zero, a probability that is no number) goes too. Past six levels of
nesting the items of a group, the likeliest of a choice, stand in it without it: Python itself ends
at twenty levels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from perfwright.export.scenario_file.thinking import mean_is_zero
from perfwright.model.journey import Call, Group, Item, OneOf, Pause, Repeat, Sometimes

DEEPEST = 6
HOPELESS = 50
"""What is nested so deeply was made to hurt; it is left out."""
Items = tuple[Item, ...]


@dataclass
class Tidier:
    """`was_cut`: something was nested too deeply."""

    was_cut: bool = False

    def tidied(self, items: Sequence[Item], depth: int = 0) -> Items:
        return tuple(tidy for item in items for tidy in self._one(item, depth))

    def _one(self, item: Item, depth: int) -> Items:
        if isinstance(item, Call):
            return (item,)
        if depth > HOPELESS:
            self.was_cut = True
            return ()
        if isinstance(item, Pause):
            return () if mean_is_zero(item.think) else (item,)
        if isinstance(item, OneOf):
            return self._choice(item, depth)
        inner = self.tidied(item.items, depth + 1)
        if depth >= DEEPEST and inner:
            self.was_cut = True
            return inner
        match item:
            case Group(name):
                return (Group(name, inner),) if inner else ()
            case Repeat(times):
                return _repeated(times, inner)
            case Sometimes(probability):
                return _sometimes(probability, inner)

    def _choice(self, item: OneOf, depth: int) -> Items:
        ways: list[tuple[float, Items]] = []
        nothing = 0.0
        for weight, items in item.ways:
            if not 0 < weight < math.inf:
                continue
            way = self.tidied(items, depth + 1)
            share = 1.0
            if len(way) == 1 and isinstance(way[0], Sometimes):
                share, way = way[0].probability, way[0].items
            if way:
                ways.append((weight * share, way))
            nothing += weight * (1 - share) if way else weight
        if depth >= DEEPEST and ways:
            self.was_cut = True
            return max(ways, key=lambda way: way[0])[1]
        if len(ways) < 2:
            return _sometimes(ways[0][0] / (ways[0][0] + nothing), ways[0][1]) if ways else ()
        ways.sort(key=lambda way: -way[0])
        return (OneOf((*ways, (nothing, ())) if nothing else tuple(ways)),)


def _repeated(times: int, inner: Items) -> Items:
    if times < 1 or not inner:
        return ()
    return inner if times == 1 else (Repeat(times, inner),)


def _sometimes(probability: float, inner: Items) -> Items:
    if not probability > 0 or not inner:
        return ()
    if probability >= 1:
        return inner
    if len(inner) == 1 and isinstance(inner[0], Sometimes):
        return (Sometimes(probability * inner[0].probability, inner[0].items),)
    return (Sometimes(probability, inner),)
