"""A pseudo-random permutation of 0..n-1 that is computed, not stored: for picks without repeats.

A Feistel network over the smallest even number of bits that holds n, whose results beyond n are
encrypted again until they fall inside ("cycle walking": Black & Rogaway, "Ciphers with Arbitrary
Finite Domains", 2002). Vectorised; memory grows with the numbers asked for only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_ROUNDS = 6


class Permutation:
    """`keys`: from the column's seed."""

    def __init__(self, n: int, rng: np.random.Generator) -> None:
        assert 1 <= n < 2**62
        self._n = n
        self._half_bits = max(1, ((n - 1).bit_length() + 1) // 2)
        self._keys = rng.integers(0, 2**63, size=_ROUNDS, dtype=np.uint64)

    def of(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where each position (0..n-1) goes."""
        values = self._encrypted(positions.astype(np.uint64))
        outside = values >= np.uint64(self._n)
        while outside.any():
            values[outside] = self._encrypted(values[outside])
            outside = values >= np.uint64(self._n)
        return values.astype(np.int64)

    def _encrypted(self, values: NDArray[np.uint64]) -> NDArray[np.uint64]:
        bits = np.uint64(self._half_bits)
        mask = np.uint64((1 << self._half_bits) - 1)
        left, right = values >> bits, values & mask
        for key in self._keys:
            left, right = right, left ^ (_mixed(right ^ key) & mask)
        encrypted: NDArray[np.uint64] = (left << bits) | right
        return encrypted


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser (Steele, Lea & Flood 2014): arithmetic modulo 2^64."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
