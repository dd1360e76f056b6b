"""Rates of counters, resets included, and quantiles of buckets."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfwright.observe.counters import Counters, cumulated, quantile


def test_a_rate_is_the_increase_over_its_time_and_a_reset_starts_from_zero() -> None:
    counters = Counters()
    readings = [(0.0, 100), (1.0, 130), (3.0, 130), (4.0, 20), (4.0, 25)]
    rates = [counters.rate("a", value, at_s) for at_s, value in readings]
    assert rates == [None, 30.0, 0.0, 20.0, None]


def test_counters_not_seen_any_more_are_forgotten() -> None:
    counters = Counters()
    counters.rate("gone", 5, 1.0)
    counters.rate("there", 5, 9.0)
    counters.forget_before(5.0)
    assert counters.rate("gone", 9, 10.0) is None
    assert counters.rate("there", 9, 10.0) == 4.0


@given(st.lists(st.floats(0, 1e9), min_size=2, max_size=20))
def test_rates_are_never_negative(values: list[float]) -> None:
    counters = Counters()
    rates = [counters.rate("a", value, float(at)) for at, value in enumerate(values)]
    assert all(rate is not None and rate >= 0 for rate in rates[1:])


def test_quantiles_are_linear_within_a_bucket() -> None:
    buckets = cumulated([1.0, 2.0, 4.0], [10, 0, 30, 10])
    assert buckets == [(1.0, 10), (2.0, 10), (4.0, 40), (math.inf, 50)]
    assert quantile(0.1, buckets) == pytest.approx(0.5)
    assert quantile(0.5, buckets) == pytest.approx(3.0)
    assert quantile(0.99, buckets) == 4.0, "past the last bound nothing more is known"


@pytest.mark.parametrize(
    "buckets",
    [[], [(1.0, 5.0)], [(1.0, 0.0), (math.inf, 0.0)], [(math.inf, 5.0)], [(math.nan, 1.0)]],
)
def test_a_histogram_without_counts_or_end_has_no_quantiles(
    buckets: list[tuple[float, float]],
) -> None:
    assert quantile(0.5, buckets) is None


@given(st.lists(st.integers(0, 50), min_size=3, max_size=12), st.floats(0.01, 0.99))
def test_a_quantile_lies_in_the_bucket_where_its_rank_is(counts: list[int], q: float) -> None:
    bounds = [float(bound) for bound in range(1, len(counts))]
    found = quantile(q, cumulated(bounds, counts))
    total = sum(counts)
    if total == 0:
        assert found is None
        return
    assert found is not None
    at_most = sum(
        count for bound, count in zip([*bounds, math.inf], counts, strict=True) if bound < found
    )
    assert at_most <= q * total + 1e-6
