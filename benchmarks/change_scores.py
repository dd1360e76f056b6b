"""How well reported changes and anomalies meet the labelled ones: precision, recall, F1.

Changes as van den Burg & Williams (2020), An evaluation of change point detection algorithms: one
reported within `MARGIN` rows of a labelled one meets it, each at most once, and the start of the
series counts as labelled and reported by everybody, so that reporting nothing on a calm series
scores 1. Anomalies: a reported interval that touches a labelled one (a row of slack) meets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MARGIN = 5
_SLACK = 1
Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Counts over any number of series; add them up."""

    met: int
    reported: int
    labelled: int

    @property
    def f1(self) -> float:
        total = self.reported + self.labelled
        return 2 * self.met / total if total else 1.0


def change_score(labelled: Sequence[int], reported: Sequence[int]) -> Score:
    """Of one series, the start of it included."""
    free = [place for place in reported if place > 0]
    number = len(free)
    met = 1
    for place in sorted(label for label in labelled if label > 0):
        nearest = min(free, key=lambda other: abs(other - place), default=None)
        if nearest is not None and abs(nearest - place) <= MARGIN:
            free.remove(nearest)
            met += 1
    return Score(met=met, reported=number + 1, labelled=len(labelled) + 1)


def anomaly_score(labelled: Sequence[Span], reported: Sequence[Span]) -> Score:
    """Of one series; a labelled interval that two reported ones touch is met once, and neither of
    them is a false alarm."""
    met = sum(any(_touch(label, found) for found in reported) for label in labelled)
    wrong = sum(not any(_touch(label, found) for label in labelled) for found in reported)
    return Score(met=met, reported=met + wrong, labelled=len(labelled))


def mean_f1(scores: Sequence[Score]) -> float:
    """Every series counts the same."""
    return sum(score.f1 for score in scores) / len(scores) if scores else float("nan")


def _touch(one: Span, other: Span) -> bool:
    return one[0] <= other[1] + _SLACK and other[0] <= one[1] + _SLACK
