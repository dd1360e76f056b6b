"""A histogram as one short line, for files that people keep in version control.

    "total maximum  first-bucket  step step*count …"        buckets ascending, each as its distance
    "41200000 9300000 3721 1 4*2"                           from the one before; *count where not 1

An empty histogram is "0 0". Reading gives back exactly what was written.
"""

from __future__ import annotations

from perfwright.model.histogram import Histogram, bucket_of


def histogram_text(histogram: Histogram) -> str:
    """The line of `histogram`."""
    words = [str(histogram.total), str(histogram.maximum)]
    last = 0
    for bucket, count in histogram.pairs():
        words.append(f"{bucket - last}*{count}" if count != 1 else str(bucket - last))
        last = bucket
    return " ".join(words)


def parse_histogram(text: str) -> Histogram:
    """The histogram of a line; ValueError where it is none."""
    total, maximum, *steps = text.split()
    pairs: list[tuple[int, int]] = []
    bucket = 0
    for word in steps:
        distance, times, count = word.partition("*")
        bucket += _whole(distance)
        pairs.append((bucket, _whole(count) if times else 1))
    histogram = Histogram.from_pairs(pairs, _whole(total), _whole(maximum))
    if pairs and bucket > bucket_of(histogram.maximum):
        raise ValueError(f"a bucket lies above the maximum, {histogram.maximum}")
    return histogram


def sums_only(histogram: Histogram) -> Histogram:
    """Count, total and maximum kept, the values put together at their mean."""
    mean = histogram.mean()
    if mean is None:
        return Histogram()
    pairs = [(bucket_of(round(mean)), histogram.count)]
    return Histogram.from_pairs(pairs, histogram.total, histogram.maximum)


def _whole(word: str) -> int:
    if not (word.isascii() and word.isdigit()):
        raise ValueError(f"{word!r} is no whole number")
    return int(word)
