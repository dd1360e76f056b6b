"""A mergeable log-linear histogram of non-negative integers (nanoseconds, mostly).

Each power of two is cut into 256 buckets, so a bucket is at most 1/256 (0.39%) of its value wide
and the reported midpoint at most 0.2% off. The layout is HdrHistogram's idea (G. Tene, 2012) in two
lines:

    value < 512:  bucket = value
    otherwise:    shift  = ⌊log2 value⌋ - 8
                  bucket = 256·shift + (value >> shift)

and back:         shift  = bucket // 256 - 1  (0 below 512)
                  lower  = (bucket - 256·shift) << shift,  width = 1 << shift

The kernel (`crates/kernel/src/histogram.rs`) fills the same buckets. Sum and maximum are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


def bucket_of(value: int) -> int:
    """The bucket that holds `value` (≥ 0)."""
    if value < 512:
        return value
    shift = value.bit_length() - 9
    return 256 * shift + (value >> shift)


def bucket_bounds(bucket: int) -> tuple[int, int]:
    """The half-open range [lower, upper) of values in `bucket`."""
    if bucket < 512:
        return bucket, bucket + 1
    shift = bucket // 256 - 1
    lower = (bucket - 256 * shift) << shift
    return lower, lower + (1 << shift)


@dataclass(slots=True)
class Histogram:
    """Counts by bucket, with exact `count`, `total` (the sum of values) and `maximum`."""

    buckets: dict[int, int] = field(default_factory=dict)
    count: int = 0
    total: int = 0
    maximum: int = 0

    @classmethod
    def of(cls, values: Iterable[int]) -> Histogram:
        histogram = cls()
        for value in values:
            histogram.record(value)
        return histogram

    @classmethod
    def from_pairs(cls, pairs: Iterable[Sequence[int]], total: int, maximum: int) -> Histogram:
        """From `(bucket, count)` pairs, the kernel's and the store's form."""
        buckets = {int(bucket): int(count) for bucket, count in pairs}
        return cls(buckets, sum(buckets.values()), total, maximum)

    def record(self, value: int, count: int = 1) -> None:
        bucket = bucket_of(value)
        self.buckets[bucket] = self.buckets.get(bucket, 0) + count
        self.count += count
        self.total += value * count
        self.maximum = max(self.maximum, value)

    def merge(self, other: Histogram) -> None:
        for bucket, count in other.buckets.items():
            self.buckets[bucket] = self.buckets.get(bucket, 0) + count
        self.count += other.count
        self.total += other.total
        self.maximum = max(self.maximum, other.maximum)

    def copy(self) -> Histogram:
        return Histogram(dict(self.buckets), self.count, self.total, self.maximum)

    def quantile(self, q: float) -> float | None:
        """The smallest value that at least q of all values do not exceed (nearest rank).

        None when empty; never above the exact maximum.
        """
        if not 0 <= q <= 1:
            raise ValueError(f"q: {q} is not in 0..1")
        if self.count == 0:
            return None
        if q == 1:
            return float(self.maximum)
        rank = max(1, -int(-q * self.count // 1))
        seen = 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen >= rank:
                lower, upper = bucket_bounds(bucket)
                return min((lower + upper - 1) / 2, float(self.maximum))
        return float(self.maximum)

    def mean(self) -> float | None:
        return self.total / self.count if self.count else None

    def ratio_at_or_below(self, value: float) -> float | None:
        """Share of values ≤ `value` (by bucket midpoint); None when empty."""
        if self.count == 0:
            return None
        below = sum(n for b, n in self.buckets.items() if sum(bucket_bounds(b)) - 1 <= 2 * value)
        return below / self.count

    def pairs(self) -> list[tuple[int, int]]:
        """Sorted `(bucket, count)` pairs."""
        return sorted(self.buckets.items())
