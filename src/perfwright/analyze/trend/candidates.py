"""Where something may have changed: E-divisive and PELT asked independently, about the same series.

    level    z, whitened and with its tails cut
    spread   w = √|z - its running median|: a change of scale is a change of w's level

PELT weighs each row by 1 ÷ σ² of its stretch of equal spread, so that a noisy week does not look
like many steps. Two places agree when they are within `_near` rows. A place that only PELT names
must prove itself between its neighbours: the largest Q there, by permutation, with p ≤ `ALPHA`.
Levels must be `LEAST_APART` standard errors apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perfwright.analyze.trend.energy import Split, best_split, e_divisive
from perfwright.analyze.trend.noise import Floats, running_median, scale_of, spread
from perfwright.analyze.trend.pelt import PENALTY, pelt
from perfwright.analyze.trend.whitening import MIN_SEGMENT, cleaned
from perfwright.model.trend import Method

ALPHA = 0.01
ALPHA_ALONE = 0.005
"""For what only one method names."""
MIN_SPREAD_SEGMENT = 12
LEAST_APART = 4.0
"""Standard errors between two levels; the place was chosen to make them many."""
_SPREAD_PENALTY = 1.4 * PENALTY
_SPREAD_WIDTH = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """`index`: the first row of the new; `p` by permutation between the neighbouring changes."""

    index: int
    p: float
    methods: tuple[Method, ...]


def spread_of(z: Floats) -> Floats:
    """w, whose level is the scatter of z."""
    w: Floats = np.sqrt(np.abs(z - running_median(z, _SPREAD_WIDTH)))
    return w


def spread_changes(z: Floats, *, seed: int) -> tuple[Candidate, ...]:
    """Of the scatter of z; only what both methods find: w is far from normal."""
    w = cleaned(spread_of(z))
    found = _candidates(
        w, np.full(w.size, scale_of(w)), MIN_SPREAD_SEGMENT, seed, price=_SPREAD_PENALTY
    )
    return tuple(one for one in found if len(one.methods) > 1)


def scales_of(z: Floats, changes: Sequence[int]) -> Floats:
    """σ at each row: constant between changes of spread."""
    if not changes:
        return np.full(z.size, scale_of(z))
    apart = z - running_median(z, _SPREAD_WIDTH)
    edges = [0, *changes, z.size]
    sigma = np.empty(z.size)
    for left, right in itertools.pairwise(edges):
        sigma[left:right] = spread(apart[left:right])
    least = 1e-3 * float(np.ptp(z))
    floored: Floats = np.maximum(sigma, least)
    return floored


def level_changes(z: Floats, sigma: Floats, *, phi: float, seed: int) -> tuple[Candidate, ...]:
    """Of the level of z, whose noise has the scale `sigma` at each row; without those where only
    something else about the distribution changed. `phi`: how much z was whitened; the more, the
    more its noise is an estimate, and the more is asked of a change."""
    price = PENALTY * (1 + phi**2)
    least_apart = LEAST_APART * float(np.sqrt(1 + phi**2))
    found = list(_candidates(z, sigma, MIN_SEGMENT, seed, price=price))
    while found:
        edges = [0, *(one.index for one in found), z.size]
        apart = [_apart(z, sigma, *edges[i : i + 3]) for i in range(len(found))]
        weakest = int(np.argmin(apart))
        if apart[weakest] >= least_apart:
            break
        del found[weakest]
    return tuple(found)


def _apart(z: Floats, sigma: Floats, left: int, index: int, right: int) -> float:
    """How many standard errors the levels before and after are apart."""
    variances = [
        float(np.mean(sigma[a:b] ** 2)) / (b - a) for a, b in ((left, index), (index, right))
    ]
    gap = abs(float(np.mean(z[left:index])) - float(np.mean(z[index:right])))
    return gap / float(np.sqrt(sum(variances)))


def _candidates(
    z: Floats, sigma: Floats, min_segment: int, seed: int, *, price: float
) -> tuple[Candidate, ...]:
    n = z.size
    if n < 2 * min_segment or not np.all(sigma > 0):
        return ()
    penalised = pelt(z, 1 / sigma**2, min_segment=min_segment, penalty=price * float(np.log(n)))
    divisive = e_divisive(z, alpha=ALPHA, min_segment=min_segment, seed=seed)
    named = _united(penalised, divisive, near=_near(n))
    return _proven(z, named, min_segment, seed)


def _near(n: int) -> int:
    return MIN_SEGMENT + n // 50


def _united(
    penalised: Sequence[int], divisive: Sequence[Split], near: int
) -> dict[int, Candidate | None]:
    """Each place once, PELT's where both name it; None: PELT alone, p not known yet."""
    named: dict[int, Candidate | None] = {}
    free = list(divisive)
    for index in penalised:
        partner = min(free, key=lambda split: abs(split.index - index), default=None)
        if partner is None or abs(partner.index - index) > near:
            named[index] = None
            continue
        free.remove(partner)
        both = (Method.E_DIVISIVE, Method.PELT)
        named[index] = Candidate(index=index, p=partner.p, methods=both)
    for split in free:
        if split.p <= ALPHA_ALONE and all(abs(split.index - other) > near for other in penalised):
            alone = (Method.E_DIVISIVE,)
            named[split.index] = Candidate(index=split.index, p=split.p, methods=alone)
    return named


def _proven(
    z: Floats, named: dict[int, Candidate | None], min_segment: int, seed: int
) -> tuple[Candidate, ...]:
    """What PELT alone names is tested between its neighbours; the least likely goes first."""
    kept = dict(named)
    while True:
        edges = [0, *sorted(kept), z.size]
        p = {
            index: _p_between(z[left:right], min_segment, seed + left)
            for left, index, right in zip(edges[:-2], edges[1:-1], edges[2:], strict=True)
            if kept[index] is None
        }
        worst = max(p, key=lambda index: p[index], default=None)
        if worst is None or p[worst] <= ALPHA_ALONE:
            alone = (Method.PELT,)
            return tuple(
                kept[index] or Candidate(index=index, p=p[index], methods=alone)
                for index in sorted(kept)
            )
        del kept[worst]


def _p_between(part: Floats, min_segment: int, seed: int) -> float:
    least = min(min_segment, part.size // 2)
    split = best_split(part, alpha=ALPHA_ALONE, min_segment=least, seed=seed)
    return 1.0 if split is None else split.p
