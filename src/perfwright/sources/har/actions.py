"""What a person did, and how long they thought: visits in groups with pauses between them.

    page ├─ xhr ─┤├ xhr ┤        think        page ├ xhr ┤
    └───── one action ──┘◄────────────────────►└ the next …

An action begins with a page, or where nothing had been under way for `QUIET_S`. Think time runs
from the end of an action to the beginning of the next; what was left out of the test (images,
scripts) counts as under way, streams and long polls, during which people go on, do not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from perfwright.model.think import Think, Uniform
from perfwright.sources.har.choosing import is_document
from perfwright.sources.har.entries import Entry
from perfwright.sources.har.folding import Visit

QUIET_S = 0.5
_LONG_S = 10.0
"""An entry that takes longer and is still under way at the next action: nobody waited for it."""
_LEAST_THINK_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """`visits`: by their indices. `think_s`: before the action."""

    visits: tuple[int, ...]
    think_s: float


def actions_of(visits: Sequence[Visit], everything: Sequence[Entry]) -> list[Action]:
    """`everything`: all entries of the recording in order, by which it is told what was quiet."""
    actions: list[Action] = []
    inside: list[int] = []
    think_s, busy_until_s, position = 0.0, -math.inf, 0
    long_ends_s: list[float] = []
    for index, visit in enumerate(visits):
        began_s = visit.first.began_s
        while position < len(everything) and everything[position].began_s < began_s:
            entry = everything[position]
            is_long = entry.took_s > _LONG_S
            busy_until_s = max(busy_until_s, entry.began_s if is_long else entry.ended_s)
            long_ends_s += [entry.ended_s] if is_long else []
            position += 1
        busy_until_s = max((busy_until_s, *(one for one in long_ends_s if one <= began_s)))
        quiet_s = began_s - busy_until_s
        if inside and (is_document(visit.last) or quiet_s > QUIET_S):
            actions.append(Action(visits=tuple(inside), think_s=think_s))
            inside, think_s = [], max(0.0, quiet_s)
        inside.append(index)
    if inside:
        actions.append(Action(visits=tuple(inside), think_s=think_s))
    return actions


def think_of(seconds: float, longest_s: float) -> Think | None:
    """Half to one and a half of what was recorded, so that users do not march in step; in two
    digits. None where it is too short to be a person's."""
    if seconds < _LEAST_THINK_S or longest_s <= 0:
        return None
    mean_s = min(seconds, longest_s)
    return Uniform(low_s=_rounded(mean_s / 2), high_s=_rounded(mean_s * 1.5))


def _rounded(seconds: float) -> float:
    return float(f"{seconds:.2g}")
