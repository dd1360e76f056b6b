"""A run drawn anew from its own blocks of seconds: circular block bootstrap.

    seconds   0 1 2 3 4 5 6 7 8 9      b = 3
    drawn     4 5 6 | 9 0 1 | 2 3 4 | 7        ─►  weights  1 1 1 1 2 1 1 1 0 1

Blocks start anywhere and go round the end, so that every second is drawn equally often (Politis &
Romano 1992). A resample is told as weights: how often each second was drawn, N in all. The same
seed draws the same.
"""

from __future__ import annotations

import numpy as np

from perfwright.analyze.step_seconds import Array


def block_weights(rows: int, block: int, resamples: int, random: np.random.Generator) -> Array:
    """(resamples × rows), each line summing up to `rows`."""
    blocks = -(-rows // block)
    starts = random.integers(rows, size=(resamples, blocks, 1))
    drawn = ((starts + np.arange(block)) % rows).reshape(resamples, -1)[:, :rows]
    placed = drawn + np.arange(resamples)[:, None] * rows
    counts = np.bincount(placed.ravel(), minlength=resamples * rows)
    return counts.reshape(resamples, rows).astype(np.float64)
