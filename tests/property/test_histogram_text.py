"""A histogram written as a line and read back is the same; any other text is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfwright.model.histogram import Histogram
from perfwright.store.histogram_text import histogram_text, parse_histogram, sums_only

VALUES = st.lists(st.integers(0, 2**50))


@given(VALUES)
def test_it_is_read_back_as_it_was(values: list[int]) -> None:
    histogram = Histogram.of(values)
    assert parse_histogram(histogram_text(histogram)) == histogram


@given(VALUES.filter(bool))
def test_sums_stay_where_buckets_go(values: list[int]) -> None:
    histogram = Histogram.of(values)
    sums = sums_only(histogram)
    assert (sums.count, sums.total, sums.maximum) == (
        histogram.count, histogram.total, histogram.maximum,
    )  # fmt: skip
    assert sums.mean() == histogram.mean()
    assert len(sums.buckets) == 1


@given(st.text(st.sampled_from("0123456789* -x")))
def test_any_text_is_a_histogram_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert parse_histogram(text).count >= 0


@pytest.mark.parametrize("text", ["", "5", "5 x", "5 5 -1", "5 5 1*", "5 5 1*-2", "٥ 5", "9 1 700"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_histogram(text)


def test_the_line_is_short() -> None:
    assert histogram_text(Histogram.of([700, 700, 3, 600])) == "2003 700 3 553 50*2"
