"""How often an iteration takes each step, and how long it thinks: what a draft comes to, on paper.

    walk:     v = a (I − P)⁻¹     expected visits of an absorbing Markov chain; a: entry shares
    journey:  by its items; `Sometimes` counts its probability, `OneOf` its weights

(Kemeny & Snell, "Finite Markov Chains", 1960, ch. 3.) Times in seconds. Over several scenarios the
mean by weight. A chain that never ends has no expectation: its visits are cut at `VISITS_MAX`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from perfwright.analyze.planning.think_times import mean_s
from perfwright.model.journey import (
    Call,
    Group,
    Item,
    OneOf,
    Pause,
    Repeat,
    ScenarioDraft,
    Sometimes,
    Walk,
)

VISITS_MAX = 10_000.0


@dataclass(slots=True)
class Visits:
    """Means of one iteration: requests by step, think time in seconds."""

    by_step: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    think_s: float = 0.0

    @property
    def requests(self) -> float:
        return float(sum(self.by_step.values()))

    def add(self, other: Visits, times: float) -> None:
        for name, number in other.by_step.items():
            self.by_step[name] += number * times
        self.think_s += other.think_s * times


def visits_of(draft: ScenarioDraft) -> Visits:
    """Of all scenarios of a draft, by their weights. `user_start` is left out: it runs once."""
    result = Visits()
    for one in draft.scenarios:
        visits = _walk(one) if isinstance(one, Walk) else _items(one.items)
        result.add(visits, one.weight / draft.weight)
    return result


def requests_a_walk(walks: Sequence[Walk]) -> float:
    """The mean over walks, by their weights."""
    total = sum(walk.weight for walk in walks) or 1.0
    return sum(walk.weight / total * _walk(walk).requests for walk in walks)


def _items(items: Iterable[Item]) -> Visits:
    result = Visits()
    for item in items:
        match item:
            case Call():
                result.by_step[item.name] += 1
                result.add(_items(item.resources), 1.0)
            case Pause():
                result.think_s += mean_s(item.think)
            case Group():
                result.add(_items(item.items), 1.0)
            case Repeat():
                result.add(_items(item.items), item.times)
            case Sometimes():
                result.add(_items(item.items), item.probability)
            case OneOf():
                total = sum(weight for weight, _ in item.ways) or 1.0
                for weight, way in item.ways:
                    result.add(_items(way), weight / total)
    return result


def _walk(walk: Walk) -> Visits:
    names = sorted({name for edge in walk.edges for name in (edge.source, edge.to) if name})
    place = {name: number for number, name in enumerate(names)}
    moves = np.zeros((len(names), len(names)))
    entry = np.zeros(len(names))
    for edge in walk.edges:
        if edge.to is None:
            continue
        if edge.source is None:
            entry[place[edge.to]] += edge.probability
        else:
            moves[place[edge.source], place[edge.to]] += edge.probability
    visits = _expected(entry, moves)
    result = Visits()
    for name, number in zip(names, visits, strict=True):
        result.by_step[name] = number
    for edge in walk.edges:
        if edge.source is not None and edge.to is not None and edge.think is not None:
            taken = visits[place[edge.source]] * edge.probability
            result.think_s += taken * mean_s(edge.think)
    return result


def _expected(entry: np.ndarray, moves: np.ndarray) -> list[float]:
    try:
        visits = np.linalg.solve(np.eye(len(entry)) - moves.T, entry)
    except np.linalg.LinAlgError:
        visits = np.where(entry > 0, VISITS_MAX, 0.0)
    return [float(value) for value in np.clip(visits, 0.0, VISITS_MAX)]
