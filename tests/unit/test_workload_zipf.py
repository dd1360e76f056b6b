"""Zipf's exponent is the likeliest one, and the law is only told where it fits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from perfwright.analyze.workload.zipf import fit_zipf


def counts(s: float, values: int, requests: int, seed: int = 1) -> np.ndarray:
    drawn = stats.zipfian(s, values).rvs(requests, random_state=np.random.default_rng(seed))
    found = np.sort(np.bincount(drawn))[::-1]
    return found[found > 0]


@pytest.mark.parametrize("s", [0.5, 0.8, 1.0, 1.4])
def test_the_exponent_is_recovered(s):
    found = counts(s, 300, 60_000)
    fitted = fit_zipf(found, found.size)
    assert fitted is not None
    assert fitted[0] == pytest.approx(s, abs=0.04)


def test_it_is_scipys_likeliest():
    found = counts(1.1, 200, 20_000)
    fitted = fit_zipf(found, found.size)
    assert fitted is not None
    ranks = np.repeat(np.arange(1, found.size + 1), found)

    def likelihood(s: float) -> float:
        return float(stats.zipfian(s, found.size).logpmf(ranks).sum())

    assert likelihood(fitted[0]) >= max(likelihood(fitted[0] + step) for step in (-0.01, 0.01))


def test_what_is_no_zipf_is_not_called_one():
    assert fit_zipf(np.array([1000] * 20 + [1] * 200), 220) is None
    assert fit_zipf(np.array([5, 3]), 2) is None
    assert fit_zipf(np.ones(500, dtype=int), 500) is None


def test_equal_shares_are_an_exponent_of_nothing():
    fitted = fit_zipf(np.full(100, 50), 100)
    assert fitted is not None
    assert fitted[0] == pytest.approx(0.0, abs=0.01)


def test_values_beyond_a_bound_count_too():
    found = counts(1.0, 400, 80_000)
    whole, cut = fit_zipf(found, 400), fit_zipf(found[:200], 400, int(found[200:].sum()))
    assert whole is not None
    assert cut is not None
    assert cut[0] == pytest.approx(whole[0], abs=0.05)
