"""From places where something changed to changes that a person can be told of.

    │      ╭──────         step: kept               │     ╷
    │ ─────╯                                        │ ────╯╰────  short excursion: an anomaly
    │          ╭────       drift: one change        │   ╭───────╮
    │ ───────╱             from its beginning       │ ──╯       ╰──  both kept, "went away"

An excursion is as short as `_SHORT` of the series and comes back to where it was. Beyond
`MOST_ROWS` the series is searched by medians of neighbouring rows and places are refined on the
rows themselves.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perfwright.analyze.trend.candidates import (
    Candidate,
    level_changes,
    scales_of,
    spread_changes,
    spread_of,
)
from perfwright.analyze.trend.drift import Ramp, ramp_of, same_direction
from perfwright.analyze.trend.intervals import Place, Size, place_of, size_of
from perfwright.analyze.trend.noise import Floats, Noise, ar1_of, mad, scale_of, spread, whitened
from perfwright.analyze.trend.whitening import MIN_SEGMENT, cleaned, noise_of
from perfwright.model.trend import ChangeKind, Method

MOST_ROWS = 3000
_SHORT = 0.03
_BENT = 4
"""So many changes one way may be a climb that is not straight."""
_BACK = 0.35
"""A level this share of the jump away from the old one is the old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """As `model.trend.ChangePoint`, in rows only."""

    kind: ChangeKind
    place: Place
    size: Size
    p: float
    methods: tuple[Method, ...]
    until: int | None = None
    went_away: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """`level`: what is left of the series without noise; `sigma`: the scatter around it, by row.
    `excursions`: [start, end) of those too short to be changes."""

    changes: tuple[Change, ...]
    level: Floats
    sigma: Floats
    noise: Noise
    excursions: tuple[tuple[int, int], ...] = ()


def changes_of(values: Floats, *, seed: int) -> Changes:
    """Of a series without missing values and without season."""
    every = -(-values.size // MOST_ROWS)
    thin = _medians(values, every) if every > 1 else values
    noise = noise_of(cleaned(thin))
    z = cleaned(whitened(cleaned(thin), noise.phi))
    if noise.phi > 0:  # noise that AR(1) does not describe: what is left is whitened once more
        z = cleaned(whitened(z, noise_of(z).phi))
    spreads = spread_changes(z, seed=seed)
    sigma = scales_of(z, [one.index for one in spreads])
    found = level_changes(z, sigma, phi=noise.phi, seed=seed)
    kept, excursions = _without_excursions(thin, found)
    levels = [_scaled(one, every) for one in kept]
    fine = noise if every == 1 else _noise_around(values, [one.index for one in levels])
    told = _Told(values, fine, np.repeat(sigma, every)[: values.size], seed)
    changes = told.levels(levels)
    taken = [change.place.index for change in changes]
    changes += told.spreads([_scaled(one, every) for one in spreads], taken)
    changes = _outside_drifts(changes)
    level = _level_of(values, changes)
    return Changes(
        changes=tuple(sorted(_marked(changes), key=lambda change: change.place.index)),
        level=level,
        sigma=_sigma_of(values - level, changes),
        noise=fine,
        excursions=tuple((start * every, end * every) for start, end in excursions),
    )


class _Told:
    """Makes changes of candidates: where exactly, how much, step or drift."""

    def __init__(self, values: Floats, noise: Noise, sigma: Floats, seed: int) -> None:
        self._values = values
        self._clean = cleaned(values)
        self._noise = noise
        self._sigma = sigma
        self._seed = seed

    def levels(self, found: Sequence[Candidate]) -> list[Change]:
        edges = [0, *(one.index for one in found), self._values.size]
        medians = [float(np.median(part)) for part in np.split(self._values, edges[1:-1])]
        groups = same_direction(medians) if found else []
        return [
            change for first, last in groups for change in self._group(found, edges, first, last)
        ]

    def _group(
        self, found: Sequence[Candidate], edges: Sequence[int], first: int, last: int
    ) -> list[Change]:
        """Changes `first` to `last` (exclusive), all of one direction: a drift, or steps; a bent
        climb is two drifts or more."""
        group = found[first:last]
        left, right = edges[first], edges[last + 1]
        ramp = self._ramp(group, left, right)
        if ramp is not None:
            return [self._drift(group, ramp, left, right)]
        if len(group) >= _BENT:
            middle = (first + last) // 2
            halves = ((first, middle), (middle, last))
            parts = [change for half in halves for change in self._group(found, edges, *half)]
            bent = _joined(parts, left)
            return parts if bent is None else [self._drift(group, bent, left, right)]
        return [self._step(found[i], edges[i], edges[i + 2]) for i in range(first, last)]

    def spreads(self, found: Sequence[Candidate], taken: Sequence[int]) -> list[Change]:
        """Those that come with no change of level."""
        w = spread_of(whitened(self._clean, self._noise.phi))
        edges = [0, *(one.index for one in found), w.size]
        changes = []
        for i, one in enumerate(found):
            left, right = edges[i], edges[i + 2]
            if any(abs(index - one.index) <= 2 * MIN_SEGMENT for index in taken):
                continue
            place = place_of(w, left, one.index, right, phi=0, sigma=mad(w[left:right]), reach=15)
            around = np.abs(self._values - np.median(self._values[left:right])) * 1.4826
            size = size_of(
                around[left : place.index], around[place.index : right],
                block=self._noise.block, seed=self._seed,
            )  # fmt: skip
            changes.append(
                Change(kind=ChangeKind.SPREAD, place=place, size=size, p=one.p, methods=one.methods)
            )
        return changes

    def _ramp(self, group: Sequence[Candidate], left: int, right: int) -> Ramp | None:
        changes = [one.index - left for one in group]
        sigma = float(np.median(self._sigma[left:right]))
        ramp = ramp_of(self._clean[left:right], changes, sigma)
        if ramp is None or not ramp.holds(changes, slack=MIN_SEGMENT):
            return None
        rises = np.median(self._clean[group[-1].index : right]) > np.median(
            self._clean[left : group[0].index]
        )
        return ramp if (ramp.after > ramp.before) == rises else None

    def _step(self, one: Candidate, left: int, right: int) -> Change:
        sigma = float(np.median(self._sigma[left:right]))
        place = place_of(
            self._values, left, one.index, right, phi=self._noise.phi, sigma=sigma,
            reach=max(10, self._values.size // MOST_ROWS * 2),
        )  # fmt: skip
        return Change(
            kind=ChangeKind.LEVEL,
            place=place,
            size=self._size(left, place.index, place.index, right),
            p=one.p,
            methods=one.methods,
        )

    def _drift(self, group: Sequence[Candidate], ramp: Ramp, left: int, right: int) -> Change:
        start, end = max(left + ramp.start, left + 1), min(left + ramp.end, right - 1)
        at = max(start, 1)
        edge = min(MIN_SEGMENT, end - at)
        before = (left, at) if at - left >= edge else (left, left + edge)
        after = (end, right) if right - end >= edge else (right - edge, right)
        reach = max(2, (end - at) // 6)
        return Change(
            kind=ChangeKind.DRIFT,
            place=Place(index=at, low=max(left, at - reach), high=min(end, at + reach)),
            size=self._size(before[0], before[1], after[0], after[1]),
            p=min(one.p for one in group),
            methods=_most_named(group),
            until=end,
        )

    def _size(self, left: int, middle: int, resumed: int, right: int) -> Size:
        return size_of(
            self._values[left:middle], self._values[resumed:right],
            block=self._noise.block, seed=self._seed + middle,
        )  # fmt: skip


def _joined(parts: Sequence[Change], left: int) -> Ramp | None:
    """Drifts that follow one another without a rest, as one; None where they do not."""
    edges = [(one.place.index, one.until) for one in parts if one.until is not None]
    if len(edges) < len(parts):
        return None
    if any(start > end + MIN_SEGMENT for (_, end), (start, _) in itertools.pairwise(edges)):
        return None
    return Ramp(
        start=edges[0][0] - left,
        end=edges[-1][1] - left,
        before=parts[0].size.before,
        after=parts[-1].size.after,
    )


def _outside_drifts(changes: Sequence[Change]) -> list[Change]:
    """Without those on a drift of another group: the neighbours' ramp told of them already."""
    drifts = [(one.place.index, one.until) for one in changes if one.until is not None]
    return [
        one for one in changes
        if not any(start < one.place.index <= end for start, end in drifts)
    ]  # fmt: skip


def _most_named(group: Sequence[Candidate]) -> tuple[Method, ...]:
    named = {method for one in group for method in one.methods}
    return tuple(method for method in Method if method in named)


def _without_excursions(
    values: Floats, found: Sequence[Candidate]
) -> tuple[tuple[Candidate, ...], list[tuple[int, int]]]:
    """Without pairs that lead away for a moment and back again; and those, as [start, end)."""
    kept = list(found)
    excursions: list[tuple[int, int]] = []
    short = max(MIN_SEGMENT, int(_SHORT * values.size))
    i = 0
    while i + 1 < len(kept):
        edges = [0, *(one.index for one in kept), values.size]
        before, away, after = (
            float(np.median(values[edges[i + k] : edges[i + k + 1]])) for k in range(3)
        )
        if (
            edges[i + 2] - edges[i + 1] <= short
            and abs(after - before) <= _BACK * abs(away - before)
            and min(edges[i + 1] - edges[i], edges[i + 3] - edges[i + 2]) > short
        ):
            excursions.append((edges[i + 1], edges[i + 2]))
            del kept[i : i + 2]
            i = max(0, i - 1)
        else:
            i += 1
    return tuple(kept), sorted(excursions)


def _marked(changes: Sequence[Change]) -> list[Change]:
    """With `went_away` on changes of level that a later one took back, and on those that did."""
    gone: set[int] = set()
    steps = [i for i, change in enumerate(changes) if change.kind is not ChangeKind.SPREAD]
    for order, i in enumerate(steps):
        size = changes[i].size
        for j in steps[order + 1 :]:
            if i in gone:
                break
            if abs(changes[j].size.after - size.before) <= _BACK * abs(size.after - size.before):
                gone |= {i, j}
                break
    return [dataclasses.replace(change, went_away=i in gone) for i, change in enumerate(changes)]


def _level_of(values: Floats, changes: Sequence[Change]) -> Floats:
    """The level at each row: medians between changes, a straight line along a drift."""
    level = np.empty_like(values)
    left, since = 0, None
    for change in changes:
        if change.kind is ChangeKind.SPREAD:
            continue
        at = change.place.index
        level[left:at] = np.median(values[left:at]) if at > left else 0.0
        left = at
        if change.kind is ChangeKind.DRIFT and change.until is not None:
            since = change.until
            level[at:since] = np.linspace(change.size.before, change.size.after, since - at)
            left = since
    level[left:] = np.median(values[left:])
    return level


def _sigma_of(apart: Floats, changes: Sequence[Change]) -> Floats:
    """The scatter at each row, between changes of spread."""
    edges = [0, *sorted(c.place.index for c in changes if c.kind is ChangeKind.SPREAD), apart.size]
    sigma = np.empty_like(apart)
    for left, right in itertools.pairwise(edges):
        part = apart[left:right]
        sigma[left:right] = max(spread(part), 1e-3 * float(np.ptp(apart)))
    return sigma


def _noise_around(values: Floats, changes: Sequence[int]) -> Noise:
    """Of a long series whose steps are known: differences tell it without a search."""
    apart = np.concatenate([part - np.median(part) for part in np.split(values, changes)])
    clean = cleaned(apart)
    phi = ar1_of(clean)
    return Noise(sigma=scale_of(whitened(clean, phi)), phi=phi)


def _scaled(one: Candidate, every: int) -> Candidate:
    if every == 1:
        return one
    return Candidate(index=one.index * every, p=one.p, methods=one.methods)


def _medians(values: Floats, every: int) -> Floats:
    whole = values[: values.size // every * every]
    medians: Floats = np.median(whole.reshape(-1, every), axis=1)
    return medians
