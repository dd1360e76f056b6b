"""Which seconds of a run are judged: where the load is steady, after the warm-up.

    level ┤       ┌─────────┐
          │     ╱ │         │ ╲
          │   ╱   │         │   ╲
          └──┬────┬─────────┬─────┬─► t
             ramp ██ judged ██ ramp

While the load climbs or falls a percentile mixes many loads and says nothing about one, so a ramp
is measured and shown but not judged. Neither is a hold at zero. Where nothing is steady (a
breakpoint test is one long ramp) everything after the warm-up is judged. Times are seconds since
the run's origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol

Span = tuple[float, float]
"""[from_s, to_s)"""


class Piece(Protocol):
    """A straight piece of a load shape (`shapes.Segment`)."""

    @property
    def start_s(self) -> float: ...
    @property
    def end_s(self) -> float: ...
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...


def judged_windows(shapes: Iterable[Sequence[Piece]], warmup_s: float) -> tuple[Span, ...]:
    """Disjoint ascending windows in which every shape that runs beside the others is steady and the
    load is above zero. A shape that has ended is steady. Empty if the warm-up eats it all."""
    loads = [list(pieces) for pieces in shapes if pieces]
    end_s = max((pieces[-1].end_s for pieces in loads), default=0.0)
    edges = sorted({0.0, *(piece.end_s for pieces in loads for piece in pieces)})
    steady = [(from_s, to_s) for from_s, to_s in pairwise(edges) if _is_steady(loads, from_s, to_s)]
    candidates = _merged(steady) or [(0.0, end_s)]
    return tuple((max(from_s, warmup_s), to_s) for from_s, to_s in candidates if to_s > warmup_s)


def _is_steady(loads: list[list[Piece]], from_s: float, to_s: float) -> bool:
    running = [
        piece
        for pieces in loads
        for piece in pieces
        if piece.start_s < to_s and piece.end_s > from_s
    ]
    return all(piece.start == piece.end for piece in running) and any(
        piece.start > 0 for piece in running
    )


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for from_s, to_s in spans:
        if merged and merged[-1][1] == from_s:
            merged[-1] = (merged[-1][0], to_s)
        else:
            merged.append((from_s, to_s))
    return merged
