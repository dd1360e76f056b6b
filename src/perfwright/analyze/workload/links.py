"""Values that sessions carry from step to step: the item that was looked at goes into the cart.

    GET /items/7   GET /items/9   POST /cart/9        the cart takes over the item's last value

For two places A and B: of the requests with a value at B before which their session had one at A,
in how many is B's the one that A had last? Users who take it over with probability r, and else
choose as if they had not looked, are seen to have the same one in a share of

    p = r + (1 - r) c        c = Σ p_A(v) p_B(v), what popularity alone makes of equal values,

so r = (p - c) / (1 - c); its interval is Wilson's of p (1927), taken through the same formula. All
pairs of places are looked at, so a link is believed only if at least 20 sessions show it, and the
lower bound of p at three standard errors is a quarter and four times c. Of several As the one that
explains most requests is taken: every B has one at most.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perfwright.analyze.workload.call_slots import CallSlot
from perfwright.model.journey import Call, Reuse
from perfwright.model.traffic import ValueUses
from perfwright.model.workload import Link

LEAST_SESSIONS = 20
LEAST_SHARE = 0.25
TIMES_CHANCE = 4.0
_SURE_Z, _INTERVAL_Z = 3.0, 1.96

Ids = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`slot` takes over what `source` had last."""

    slot: CallSlot
    source: CallSlot
    link: Link

    @property
    def explained(self) -> float:
        """Requests beyond those that chance makes equal."""
        return self.link.equal - self.link.chance * self.link.observations


def find_links(uses: ValueUses, slots: Sequence[CallSlot]) -> tuple[Found, ...]:
    """Most explained first. `uses`: of the places of `slots`, in their order."""
    best: dict[tuple[str, ...], Found] = {}
    for found in _believed(uses, slots):
        known = best.get(found.slot.variables)
        if known is None or found.explained > known.explained:
            best[found.slot.variables] = found
    return tuple(sorted(best.values(), key=lambda one: (-one.explained, one.slot.variables)))


def with_reuse(steps: Sequence[Call], links: Sequence[Found]) -> tuple[Call, ...]:
    """The steps, those with linked slots taking over what the session had before."""
    reuses: dict[str, list[Reuse]] = {}
    for one in links:
        pairs = tuple(zip(one.slot.variables, one.source.variables, strict=True))
        reuses.setdefault(one.slot.endpoint, []).append(Reuse(pairs, one.link.share))
    return tuple(
        dataclasses.replace(step, reuses=tuple(reuses.get(step.name, ()))) for step in steps
    )


def _believed(uses: ValueUses, slots: Sequence[CallSlot]) -> Iterator[Found]:
    rows = np.arange(uses.request.size)
    # Values of one request come side by side; what was before a value was before all of them.
    first = np.searchsorted(uses.request, uses.request)
    for number, source in enumerate(slots):
        last = np.maximum.accumulate(np.where(uses.place == number, rows, -1))
        before = np.where(first > 0, last[first - 1], -1)
        seen = (before >= 0) & (uses.session[before] == uses.session)
        after, before = rows[seen], before[seen]
        is_equal = uses.value[after] == uses.value[before]
        observed = np.bincount(uses.place[after], minlength=len(slots))
        equal = np.bincount(uses.place[after[is_equal]], minlength=len(slots))
        for other in np.flatnonzero(observed >= LEAST_SESSIONS).tolist():
            slot, p = slots[other], (int(equal[other]), int(observed[other]))
            sure = _wilson(*p, _SURE_Z)[0]
            if sure < LEAST_SHARE or not _may_take_over(slot, source):
                continue
            mine = uses.place[after] == other
            chance = _chance(uses.value[before[mine]], uses.value[after[mine]])
            sessions = np.unique(uses.session[after[mine]]).size
            if sure >= TIMES_CHANCE * chance and sessions >= LEAST_SESSIONS:
                yield Found(slot=slot, source=source, link=_link(slot, source, *p, chance))


def _may_take_over(slot: CallSlot, source: CallSlot) -> bool:
    """Values of paths are percent-encoded, those of queries are encoded when they are sent."""
    alike = bool(slot.place.parameter) == bool(source.place.parameter)
    same_size = len(slot.variables) == len(source.variables)
    return slot.is_whole and same_size and (alike or (slot.is_id and source.is_id))


def _chance(one: Ids, other: Ids) -> float:
    """How often any value of the one is the same as any of the other, which has as many."""
    _, number = np.unique(np.concatenate((one, other)), return_inverse=True)
    counts = [np.bincount(half, minlength=number.max() + 1) for half in np.split(number, 2)]
    return float(counts[0] @ counts[1]) / one.size**2


def _link(slot: CallSlot, source: CallSlot, equal: int, observed: int, chance: float) -> Link:
    shares = (equal / observed, *_wilson(equal, observed, _INTERVAL_Z))
    share, low, high = (min(1.0, max(0.0, (p - chance) / (1 - chance))) for p in shares)
    return Link(
        endpoint=slot.endpoint,
        parameters=slot.parameters,
        from_endpoint=source.endpoint,
        from_parameters=source.parameters,
        observations=observed,
        equal=equal,
        chance=chance,
        share=share,
        low=low,
        high=high,
    )


def _wilson(successes: int, of: int, z: float) -> tuple[float, float]:
    """The interval of a share, `z` standard errors to each side."""
    p = successes / of
    middle = p + z * z / (2 * of)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)
