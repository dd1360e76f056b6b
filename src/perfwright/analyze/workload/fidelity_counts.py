"""Traces as counts: groups of sessions × bins, the same bins for the original and the simulated.

    Counts[g, k]    how often what is counted fell into bin k, in group g of the sessions

Groups hold about as many sessions each, one after another in time, so that drawing groups anew
keeps what sessions close in time have in common. A function gives None where a side has nothing to
count (no think times, no paths that vary).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from perfwright.model.workload import Trace

Counts = NDArray[np.float64]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_GROUPS = 100
MOST_BINS = 400
MOST_ITEMS = 2_000
"""Popularity beyond the most popular of the original is one bin, "others"."""
MOST_STEPS = 80
NEIGHBOURS = 50
"""Gaps on each side that make the local mean of the gaps between sessions."""


def mix_counts(original: Trace, simulated: Trace) -> tuple[Counts, Counts] | None:
    one, other = _places(original.steps, simulated.steps)
    size = max(one.max(), other.max()) + 1
    return (
        _matrix(_group(original, original.session), one[original.step], size),
        _matrix(_group(simulated, simulated.session), other[simulated.step], size),
    )


def transition_counts(original: Trace, simulated: Trace) -> tuple[Counts, Counts] | None:
    """From (the beginning, or a step) to (the end, or a step); flattened. Steps beyond the most
    frequent of the original are one."""
    places = _places(original.steps, simulated.steps)
    size = max(place.max() for place in places) + 1
    frequent = np.bincount(places[0][original.step], minlength=size)
    rank = np.empty(size, dtype=np.int64)
    rank[np.argsort(-frequent, kind="stable")] = np.arange(size)
    states = min(size, MOST_STEPS)
    one, other = (
        _transitions(trace, np.minimum(rank[place], states - 1)[trace.step] + 1, states + 1)
        for trace, place in zip((original, simulated), places, strict=True)
    )
    return one, other


def _transitions(trace: Trace, step: Integers, size: int) -> Counts:
    """State 0 is both the beginning and the end."""
    first = np.diff(trace.session, prepend=-1) != 0
    last = np.roll(first, -1)
    source = np.where(first, 0, np.roll(step, 1))
    places = np.concatenate([source * size + step, step[last] * size])
    session = np.concatenate([trace.session, trace.session[last]])
    return _matrix(_group(trace, session), places, size * size)


def length_counts(original: Trace, simulated: Trace) -> tuple[Counts, Counts] | None:
    sides = []
    for trace in (original, simulated):
        length = np.bincount(trace.session).astype(float)
        sides.append((_group(trace, np.arange(len(length))), length))
    return _binned(sides)


def think_counts(original: Trace, simulated: Trace) -> tuple[Counts, Counts] | None:
    clock_s = max(original.resolution_s, simulated.resolution_s)
    return _binned([_think_times(trace, clock_s) for trace in (original, simulated)])


def arrival_counts(original: Trace, simulated: Trace) -> tuple[Counts, Counts] | None:
    sides = []
    for seed, trace in enumerate((original, simulated)):
        gap = _relative_gaps(_spread(trace, seed))
        sides.append((np.arange(len(gap)) * MOST_GROUPS // max(len(gap), 1), gap))
    return _binned(sides)


def popularity_counts(original: Trace, simulated: Trace) -> tuple[Counts, Counts] | None:
    """Of the paths of each endpoint that varies; an endpoint is told by its step."""
    known = original.item >= 0
    if not known.any() or not (simulated.item >= 0).any():
        return None
    popular = np.bincount(original.item[known], minlength=len(original.items))
    order = np.argsort(-popular, kind="stable")[:MOST_ITEMS]
    bins = {original.items[item]: place for place, item in enumerate(order)}
    one, other = (_popularity(trace, bins) for trace in (original, simulated))
    return one, other


def _popularity(trace: Trace, bins: dict[str, int]) -> Counts:
    place = np.array([bins.get(item, len(bins)) for item in trace.items], dtype=np.int64)
    has = trace.item >= 0
    return _matrix(_group(trace, trace.session[has]), place[trace.item[has]], len(bins) + 1)


def _think_times(trace: Trace, clock_s: float) -> tuple[Integers, Floats]:
    """Groups, and times between requests of a session without the server's own where it is known;
    as a clock of `clock_s` tells them."""
    time_s = np.floor(trace.time_s / clock_s) * clock_s if clock_s else trace.time_s
    inside = np.diff(trace.session) == 0
    gap = np.diff(time_s)
    if trace.busy_s is not None:
        gap = gap - trace.busy_s[:-1]
    gap = np.maximum(gap, 0.0)[inside]
    if clock_s:
        gap = np.round(gap / clock_s) * clock_s
    return _group(trace, trace.session[1:][inside]), gap


def _spread(trace: Trace, seed: int) -> Floats:
    """Beginnings of sessions; within the step of a coarse clock they are put at random."""
    if not trace.resolution_s:
        return trace.starts_s
    rng = np.random.default_rng(seed)
    return np.sort(trace.starts_s + rng.uniform(0, trace.resolution_s, len(trace.starts_s)))


def _relative_gaps(starts_s: Floats) -> Floats:
    """Gaps divided by the mean of those around them."""
    gap = np.diff(starts_s)
    if len(gap) < 2 * NEIGHBOURS:
        return np.empty(0)
    sums = np.concatenate([[0.0], np.cumsum(gap)])
    place = np.arange(len(gap))
    low, high = np.maximum(place - NEIGHBOURS, 0), np.minimum(place + NEIGHBOURS + 1, len(gap))
    mean = (sums[high] - sums[low]) / (high - low)
    return gap / np.where(mean > 0, mean, 1.0)


def _places(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[Integers, Integers]:
    """Numbers of names that are the same for both sides."""
    number: dict[str, int] = {}
    first, second = (
        np.array([number.setdefault(name, len(number)) for name in names], dtype=np.int64)
        for names in (one, other)
    )
    return first, second


def _binned(sides: list[tuple[Integers, Floats]]) -> tuple[Counts, Counts] | None:
    """Values in bins that both sides fill evenly, each value one where there are few."""
    values = [value for _, value in sides]
    if not all(map(len, values)):
        return None
    edges = np.unique(np.concatenate([np.unique(value) for value in values]))
    if len(edges) > MOST_BINS:
        parts = np.linspace(0, 1, MOST_BINS // 2)
        edges = np.unique(np.concatenate([np.quantile(value, parts) for value in values]))
    one, other = (
        _matrix(group, np.searchsorted(edges, value, side="right"), len(edges) + 1)
        for group, value in sides
    )
    return one, other


def _matrix(group: Integers, place: Integers, size: int) -> Counts:
    groups = int(group.max()) + 1
    counts = np.bincount(group * size + place, minlength=groups * size)
    return counts.astype(float).reshape(groups, size)


def _group(trace: Trace, session: Integers) -> Integers:
    sessions = int(trace.session[-1]) + 1
    return session * min(MOST_GROUPS, sessions) // sessions
