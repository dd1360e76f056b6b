"""A replay: recorded requests, each at its own instant, instead of a load shape.

`Recording` names the files that the kernel reads (`load/recording.py` writes them). The shape of
a replay drives nothing: it only tells the rate that the instants amount to, for reports and the
pre-flight, and where the load ends.

    instants   ││  │ ││││││  │  │ ││
    shape      ▁▁▁▂▂▂▆▆▆▆▂▂▂▁▁▁▂▂▂      whole seconds, at most 240 pieces
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from perfwright.plan.shapes import Segment, Shape

_MOST_PIECES = 240
_SILENT_PER_S = 1e-9
"""The rate of a silent piece: what is answered in it is judged, as in a hold at zero it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """`entries`, `text`, `steps`: the files, as `crates/kernel/src/recording.rs` draws them.
    `requests`: how many, of which `per_s[k]` are due in second k since the origin; the last second
    holds the last request."""

    entries: Path
    text: Path
    steps: Path
    requests: int
    per_s: Sequence[int]


def rate_shape(per_s: Sequence[int]) -> Shape:
    """The rate of a recording with `per_s[k]` requests in second k; not empty."""
    width = math.ceil(len(per_s) / _MOST_PIECES)
    pieces = []
    for start in range(0, len(per_s), width):
        part = per_s[start : start + width]
        level = max(sum(part) / len(part), _SILENT_PER_S)
        pieces.append(Segment(float(start), float(start + len(part)), level, level))
    return Shape(model="open", level=pieces[-1].end, segments=tuple(pieces))
