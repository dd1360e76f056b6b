"""A histogram of told quantiles gives them back, and invents nothing beyond what was told."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfwright.model.histogram import Histogram, bucket_bounds, bucket_of

VALUES = st.lists(st.integers(0, 10**12), min_size=1, max_size=200)
QUANTILES = st.lists(
    st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999]), min_size=1, unique=True
)


def nearest_rank(values: list[int], q: float) -> int:
    return sorted(values)[max(1, math.ceil(q * len(values))) - 1]


def told(values: list[int], quantiles: list[float]) -> Histogram:
    return Histogram.of_quantiles(
        len(values),
        {q: float(nearest_rank(values, q)) for q in quantiles},
        mean=sum(values) / len(values),
        minimum=float(min(values)),
        maximum=float(max(values)),
    )


@given(VALUES, QUANTILES)
def test_told_quantiles_come_back_within_their_bucket(
    values: list[int], quantiles: list[float]
) -> None:
    histogram = told(values, quantiles)
    for q in quantiles:
        lower, upper = bucket_bounds(bucket_of(nearest_rank(values, q)))
        given_back = histogram.quantile(q)
        assert given_back is not None
        assert lower <= given_back < upper


@given(VALUES, QUANTILES)
def test_count_mean_and_maximum_are_as_told(values: list[int], quantiles: list[float]) -> None:
    histogram = told(values, quantiles)
    assert histogram.count == sum(histogram.buckets.values()) == len(values)
    assert histogram.maximum == max(values)
    mean = histogram.mean()
    assert mean is not None
    assert mean == pytest.approx(sum(values) / len(values), abs=1)


@given(VALUES, QUANTILES)
def test_nothing_lies_outside_of_what_was_told(values: list[int], quantiles: list[float]) -> None:
    buckets = told(values, quantiles).buckets
    assert bucket_of(min(values)) <= min(buckets)
    assert max(buckets) <= bucket_of(max(values))


@given(
    st.integers(1, 10**9),
    st.dictionaries(st.floats(0, 1), st.floats(0, 1e12), max_size=9),
    st.one_of(st.none(), st.floats(0, 1e12)),
    st.one_of(st.none(), st.floats(0, 1e12)),
    st.one_of(st.none(), st.floats(0, 1e12)),
)
def test_what_contradicts_itself_makes_a_whole_histogram_all_the_same(
    count: int,
    quantiles: dict[float, float],
    mean: float | None,
    minimum: float | None,
    maximum: float | None,
) -> None:
    histogram = Histogram.of_quantiles(
        count, quantiles, mean=mean, minimum=minimum, maximum=maximum
    )
    nothing_told = not quantiles and mean is None and maximum is None
    assert sum(histogram.buckets.values()) == histogram.count == (0 if nothing_told else count)
    assert all(n > 0 for n in histogram.buckets.values())


def test_without_quantiles_all_lie_at_the_mean() -> None:
    histogram = Histogram.of_quantiles(10, {}, mean=400.0)
    assert histogram.pairs() == [(bucket_of(400), 10)]
    assert histogram.mean() == 400


def test_nothing_told_and_nothing_counted_are_empty() -> None:
    assert Histogram.of_quantiles(10, {}) == Histogram()
    assert Histogram.of_quantiles(0, {0.5: 3.0}) == Histogram()
