"""Base and candidate in turn: drift that would be taken for a change cancels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from support.tallies import second

from perfwright.analyze.comparing import comparison_of
from perfwright.analyze.interleaved import Block, interleaved_pairs
from perfwright.analyze.judging import MARGIN, pairs_of
from perfwright.analyze.step_seconds import steps_of
from perfwright.model.comparison import Judged
from perfwright.model.frame import Frame

SLOT_S = 5


def slot(random: np.random.Generator, median_ms: float) -> list[Frame]:
    return [
        second(at, list(median_ms * np.exp(0.2 * random.standard_normal(80))))
        for at in range(SLOT_S)
    ]


def measured(seed: int, *, slower: float, drift: float, blocks: int = 6) -> list[Block]:
    """A B B A, while the machine gets slower by `drift` a slot."""
    random = np.random.default_rng(seed)
    made = []
    for block in range(blocks):
        slots: tuple[list[Frame], list[Frame]] = ([], [])
        for place, side in enumerate((0, 1, 1, 0)):
            level = (1 + drift) ** (4 * block + place) * (slower if side else 1.0)
            slots[side].extend(slot(random, 20.0 * level))
        made.append(slots)
    return made


def test_drift_is_no_change_and_a_change_is_seen_through_it() -> None:
    equal = comparison_of(interleaved_pairs(measured(1, slower=1.0, drift=0.01)), margin=0.05)
    assert equal.verdict is Judged.SAME
    slower = comparison_of(interleaved_pairs(measured(2, slower=1.1, drift=0.01)), margin=MARGIN)
    assert slower.verdict is Judged.SLOWER
    assert slower.steps[0].metrics[0].change == pytest.approx(0.10, abs=0.02)


def test_measured_one_after_the_other_the_same_drift_is_taken_for_a_change() -> None:
    random = np.random.default_rng(3)
    levels = [20.0 * 1.01**at for at in range(24)]
    first, later = (
        steps_of([frame for level in half for frame in slot(random, level)])
        for half in (levels[:12], levels[12:])
    )
    assert comparison_of(pairs_of(first, later), margin=MARGIN).verdict is not Judged.SAME


def test_the_error_is_that_of_a_paired_t_test() -> None:
    blocks = measured(4, slower=1.05, drift=0.0)
    (pair,) = interleaved_pairs(blocks)
    means = [
        [float(np.mean([frame.total.measure("response").mean() for frame in side])) for side in one]
        for one in blocks
    ]
    base, candidate = np.log(np.array(means)).T
    known = stats.ttest_rel(candidate, base)
    found = pair.changes["mean"]
    assert found.freedom == known.df == 5
    assert found.theta / found.error == pytest.approx(known.statistic, rel=0.02)


def test_two_blocks_tell_nothing() -> None:
    (pair,) = interleaved_pairs(measured(5, slower=1.5, drift=0.0, blocks=2))
    assert pair.changes["median"].error is None
    assert comparison_of([pair], margin=MARGIN).verdict is Judged.UNKNOWN
