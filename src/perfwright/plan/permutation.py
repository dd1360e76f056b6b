"""Seeded orders over row numbers that need no memory: a shuffle and a stream of random draws.

    Permutation(size, seed)(i)    a bijection of [0, size): position i → row
    Draws(size, seed)(i)          number i of independent uniform draws from [0, size)
    uniform(seed, i)              the same from [0, 1)

Shuffling 100 million rows with an array costs 800 MB in every worker; a Feistel network costs four
keys. It permutes [0, 2^b), b the bits of size - 1, by XORing one half of the bits with a hash of
the other, which is undone by doing it again, so each round is a bijection. Results outside [0,
size) are fed back until they fall inside ("cycle walking", Black & Rogaway, 2002), less than twice
on average. Hashing is splitmix64 (Steele, Lea & Flood, 2014). This is for mixing test data, not for
secrets.
"""

from __future__ import annotations

_MASK_64 = 2**64 - 1
_GOLDEN = 0x9E3779B97F4A7C15


def mixed(value: int) -> int:
    """splitmix64's finaliser: 64 bits in, 64 well-mixed bits out."""
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & _MASK_64
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & _MASK_64
    return value ^ (value >> 31)


def uniform(seed: int, number: int) -> float:
    """Number `number` (≥ 0) of independent uniform draws from [0, 1)."""
    start = mixed(seed + _GOLDEN & _MASK_64)
    return (mixed(start + number * _GOLDEN & _MASK_64) >> 11) * 2.0**-53


class Draws:
    """Independent uniform draws from [0, size); call it with a draw's number (≥ 0)."""

    __slots__ = ("_size", "_start")

    def __init__(self, size: int, seed: int) -> None:
        self._size = size
        self._start = mixed(seed + _GOLDEN & _MASK_64)

    def __call__(self, number: int) -> int:
        return mixed(self._start + number * _GOLDEN & _MASK_64) * self._size >> 64


class Permutation:
    """A bijection of [0, size); call it with a position."""

    __slots__ = ("_high_mask", "_keys", "_low_bits", "_low_mask", "_size")

    def __init__(self, size: int, seed: int) -> None:
        bits = max(2, (size - 1).bit_length())
        self._size = size
        self._low_bits = bits // 2
        self._low_mask = (1 << self._low_bits) - 1
        self._high_mask = (1 << (bits - self._low_bits)) - 1
        self._keys = tuple(mixed(seed + k * _GOLDEN & _MASK_64) for k in range(1, 5))

    def __call__(self, position: int) -> int:
        assert 0 <= position < self._size
        row = self._scrambled(position)
        while row >= self._size:
            row = self._scrambled(row)
        return row

    def _scrambled(self, value: int) -> int:
        low_bits, low_mask, high_mask = self._low_bits, self._low_mask, self._high_mask
        low, high = value & low_mask, value >> low_bits
        a, b, c, d = self._keys
        low ^= (high + a) * _GOLDEN >> 40 & low_mask
        high ^= (low + b) * _GOLDEN >> 40 & high_mask
        low ^= (high + c) * _GOLDEN >> 40 & low_mask
        high ^= (low + d) * _GOLDEN >> 40 & high_mask
        return high << low_bits | low
