"""Changes of one figure: Welch's test as SciPy has it, and Holm's as its definition has it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from perfwright.analyze.estimates import Estimate
from perfwright.analyze.figure_change import figure_change
from perfwright.analyze.holm import holm


def test_p_and_interval_are_those_of_welchs_test() -> None:
    random = np.random.default_rng(1)
    base, candidate = random.normal(0.20, 0.02, 9), random.normal(0.23, 0.05, 14)

    def of(values: np.ndarray) -> Estimate:
        error = values.std(ddof=1) / math.sqrt(values.size)
        return Estimate(value=values.mean(), error=error, freedom=values.size - 1)

    found = figure_change("errors", of(base), of(candidate))
    known = stats.ttest_ind(candidate, base, equal_var=False)
    assert found.p == pytest.approx(known.pvalue)
    assert found.interval(0.95) == pytest.approx(known.confidence_interval(0.95))


def test_times_change_by_a_ratio() -> None:
    known = (Estimate(value=100.0, error=0.03, freedom=10), Estimate(value=110.0, error=0.04))
    change = figure_change("p95", *known)
    assert change.change == pytest.approx(0.10)
    low, high = change.interval(0.9)
    assert low < 0.10 < high
    assert (1 + low) * (1 + high) == pytest.approx(1.10**2)


def test_without_errors_of_estimates_there_is_a_change_but_no_interval() -> None:
    change = figure_change("p95", Estimate(value=100.0), Estimate(value=120.0, error=0.1))
    assert change.change == pytest.approx(0.2)
    assert (change.p, change.interval(0.95)) == (None, None)
    assert figure_change("p95", Estimate(value=None), Estimate(value=1.0)).change is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_is_closed_testing_with_bonferroni(values: list[float]) -> None:
    """Adjusted p of i: the largest of min(1, |I| · min p in I), over all sets I that hold i."""
    keys = range(len(values))
    sets = [s for size in keys for s in itertools.combinations(keys, size + 1)]
    truth = {
        key: max(min(1.0, len(s) * min(values[i] for i in s)) for s in sets if key in s)
        for key in keys
    }
    assert holm(dict(enumerate(values))) == pytest.approx(truth)
