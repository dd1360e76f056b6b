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

from collections.abc import Iterable, Mapping, Sequence
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

    @classmethod
    def of_quantiles(
        cls,
        count: int,
        quantiles: Mapping[float, float],
        *,
        mean: float | None = None,
        minimum: float | None = None,
        maximum: float | None = None,
    ) -> Histogram:
        """Of `count` values of which only quantiles (0..1 → value) were told.

            rank     1 ········ ⌈p50·n⌉ ········ ⌈p95·n⌉ ··· n
            value    minimum ──► p50 ──────────► p95 ──────► maximum

        A told quantile comes back within a bucket (where two fall on one rank, the larger), told
        mean and maximum exactly. What lies between is not known: counts are spread evenly there,
        and what lies beyond the outermost that was told stays at it. Without quantiles all lie at
        the mean. Empty where nothing was told. Told values that contradict each other (rounding)
        are made to rise, none above the maximum.
        """
        told = dict(quantiles) or ({0.5: mean} if mean is not None else {})
        anchors = _anchors(count, told, minimum, maximum)
        if count <= 0 or not anchors:
            return cls()
        histogram = cls(count=count)
        rank, value = 0, anchors[0][1] if minimum is None else round(max(0, minimum))
        for last, upper in anchors:
            _spread(histogram.buckets, last - rank, min(value, upper), upper)
            rank, value = last, upper
        histogram.maximum = value if maximum is None else round(maximum)
        histogram.total = _placed_total(histogram) if mean is None else round(mean * count)
        return histogram

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
        rank = _rank(q, self.count)
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


def _rank(q: float, count: int) -> int:
    """Which of `count` values, from 1 on, is their quantile q."""
    return max(1, -int(-q * count // 1))


def _anchors(
    count: int, quantiles: Mapping[float, float], minimum: float | None, maximum: float | None
) -> list[tuple[int, int]]:
    """`(rank, value)` of what is known, both rising, the last at rank `count`."""
    value = max(0.0, minimum or 0.0)
    ceiling = float("inf") if maximum is None else maximum
    by_rank: dict[int, int] = {}
    for q, told in sorted(quantiles.items()):
        value = max(value, min(told, ceiling))
        by_rank[_rank(q, count)] = round(value)
    if maximum is not None or by_rank:
        by_rank.setdefault(count, round(value if maximum is None else maximum))
    return sorted(by_rank.items())


def _spread(into: dict[int, int], count: int, lower: int, upper: int) -> None:
    """`count` values from `lower` on, evenly, the last at `upper`."""
    last = bucket_of(upper)
    placed = 0
    for bucket in range(bucket_of(lower), last):
        due = (count - 1) * (bucket_bounds(bucket)[1] - lower) // (upper - lower)
        if due > placed:
            into[bucket] = into.get(bucket, 0) + due - placed
            placed = due
    into[last] = into.get(last, 0) + count - placed


def _placed_total(histogram: Histogram) -> int:
    """The sum of the buckets' midpoints, none above the maximum."""
    return sum(
        n * min((lower + upper - 1) // 2, histogram.maximum)
        for bucket, n in histogram.buckets.items()
        for lower, upper in (bucket_bounds(bucket),)
    )
