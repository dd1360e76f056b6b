"""Base and candidate in turn, compared block by block: what drifts slowly cancels.

    block 1            block 2                 θ_r = ln f(B's of block r) - ln f(A's of block r)
    A  B  B  A         A  B  B  A              θ   = ln f(all B) - ln f(all A)
    ──────────────────────────────► time       s   = sd(θ_1 … θ_R) / √R,  ν = R - 1

In A B B A the mean moment of both A's is that of both B's, so a machine that gets steadily slower
slows both alike, and blocks are far enough apart to be independent: no model of the dependence of
seconds is needed, a plain t-test of paired differences it is (Student 1908). What remains of drift
within a block is in s. Fewer than `BLOCKS_MIN` blocks tell nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from perfwright.analyze.estimates import ERRORS, NAMES, values_of
from perfwright.analyze.figure_change import FigureChange, theta_of
from perfwright.analyze.judging import StepPair
from perfwright.analyze.step_seconds import StepSeconds, steps_of
from perfwright.model.frame import Frame

BLOCKS_MIN = 3

Block = tuple[Sequence[Frame], Sequence[Frame]]
"""The frames of a block's base slots, and those of its candidate slots."""


def interleaved_pairs(blocks: Sequence[Block]) -> tuple[StepPair, ...]:
    """The steps that both have, in the base's order; figures and seconds are of all blocks."""
    base, candidate = (
        steps_of([frame for block in blocks for frame in block[side]]) for side in (0, 1)
    )
    by_block = [(steps_of(before), steps_of(after)) for before, after in blocks]
    return tuple(
        StepPair(
            name=name,
            base=base[name],
            candidate=candidate[name],
            changes=_changes(name, (base[name], candidate[name]), by_block),
        )
        for name in base
        if name in candidate
    )


def _changes(
    name: str,
    whole: tuple[StepSeconds, StepSeconds],
    by_block: Sequence[tuple[Mapping[str, StepSeconds], Mapping[str, StepSeconds]]],
) -> dict[str, FigureChange]:
    together = [values_of(step) for step in whole]
    apart = [
        (values_of(before[name]), values_of(after[name]))
        for before, after in by_block
        if name in before and name in after
    ]
    return {
        figure: _change(
            figure, together[0][figure], together[1][figure],
            [(before[figure], after[figure]) for before, after in apart],
        )
        for figure in NAMES
    }  # fmt: skip


def _change(
    figure: str,
    base: float | None,
    candidate: float | None,
    pairs: Sequence[tuple[float | None, float | None]],
) -> FigureChange:
    differences = [theta for pair in pairs if (theta := theta_of(figure, *pair)) is not None]
    error = None
    if len(differences) >= BLOCKS_MIN and (len(differences) == len(pairs) or figure == ERRORS):
        error = float(np.std(differences, ddof=1)) / math.sqrt(len(differences))
    return FigureChange(
        name=figure,
        base=base,
        candidate=candidate,
        theta=theta_of(figure, base, candidate),
        error=error,
        freedom=max(1.0, len(differences) - 1.0),
    )
