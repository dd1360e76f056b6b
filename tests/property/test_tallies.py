"""The laws that everything rests on: merging in any grouping gives the same sums, quantiles agree
with a sorted list to within a bucket, and a digest is the same however it is fed."""

from __future__ import annotations

import copy
import math

from hypothesis import given
from hypothesis import strategies as st

from perfwright.analyze.digest import Digest
from perfwright.model.frame import CheckTally, Frame, RecordTally, StepTally, Tally, merged
from perfwright.model.histogram import Histogram, bucket_bounds, bucket_of

VALUES = st.integers(min_value=0, max_value=10**13)
NAMES = st.sampled_from(["login", "search", "order"])
COUNTS = st.integers(min_value=0, max_value=1000)
QUANTILES = st.sampled_from([0.0, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0])

histograms = st.lists(VALUES, max_size=8).map(Histogram.of)
steps = st.builds(
    StepTally,
    requests=COUNTS,
    errors=COUNTS,
    error_kinds=st.dictionaries(st.sampled_from(["timeout", "reset"]), COUNTS, max_size=2),
    measures=st.dictionaries(st.sampled_from(["response", "service"]), histograms, max_size=2),
)
tallies = st.builds(
    Tally,
    steps=st.dictionaries(NAMES, steps, max_size=2),
    checks=st.dictionaries(NAMES, st.builds(CheckTally, passed=COUNTS, failed=COUNTS), max_size=2),
    records=st.dictionaries(
        NAMES, st.builds(RecordTally, count=COUNTS, total=st.integers(0, 10**6).map(float)),
        max_size=1,
    ),
    lateness=histograms,
    users_active=COUNTS,
    iterations_started=COUNTS,
    cpu_ns=COUNTS,
)  # fmt: skip


@given(VALUES)
def test_a_value_lies_in_its_bucket_which_is_narrow(value: int) -> None:
    lower, upper = bucket_bounds(bucket_of(value))
    assert lower <= value < upper
    assert upper - lower <= max(1, value / 256)


@given(st.lists(VALUES, min_size=1, max_size=200), QUANTILES)
def test_a_quantile_agrees_with_the_sorted_list(values: list[int], q: float) -> None:
    exact = sorted(values)[max(1, math.ceil(q * len(values))) - 1]
    found = Histogram.of(values).quantile(q)
    assert found is not None
    assert abs(found - exact) <= max(0.5, exact / 512)


@given(tallies, tallies, tallies)
def test_merging_is_associative(a: Tally, b: Tally, c: Tally) -> None:
    assert merged([merged([a, b]), c]) == merged([a, merged([b, c])])


@given(tallies, tallies)
def test_merging_is_commutative(a: Tally, b: Tally) -> None:
    assert merged([a, b]) == merged([b, a])


@given(tallies, tallies)
def test_merging_leaves_the_parts_alone(a: Tally, b: Tally) -> None:
    before = copy.deepcopy((a, b))
    merged([a, b])
    assert (a, b) == before


@given(st.lists(tallies, max_size=6), st.integers(min_value=1, max_value=3))
def test_windows_add_up_to_the_judged_time(parts: list[Tally], length: int) -> None:
    frames = [Frame.of_workers(n, {0: part}, judged=True) for n, part in enumerate(parts)]
    digest = Digest.of(frames, window_lengths_s=[length])
    windows = digest.slices.get(length, [])
    whole = frames[: len(windows) * length]
    assert len(windows) == len(frames) // length
    assert merged((window.tally for window in windows), gauges="last") == merged(
        (frame.total for frame in whole), gauges="last"
    )
    assert digest.judged.tally == digest.whole
