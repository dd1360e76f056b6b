"""Think times: the families agree with SciPy, and are told apart through a rounding clock."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from perfwright.analyze.workload.families import (
    FAMILIES,
    Family,
    Seen,
    observed_cdf,
)
from perfwright.analyze.workload.thinking import fit_think
from perfwright.model.think import Empirical, Exponential, Gamma, LogNormal, Weibull

AT = np.array([0.03, 0.4, 1.0, 3.7, 25.0])
EXPONENTIAL, LOG_NORMAL, GAMMA, WEIBULL = FAMILIES
KNOWN = [
    (EXPONENTIAL, np.log([4.0]), stats.expon(scale=4.0)),
    (LOG_NORMAL, np.array([1.2, np.log(0.7)]), stats.lognorm(0.7, scale=np.exp(1.2))),
    (GAMMA, np.log([2.5, 3.0]), stats.gamma(2.5, scale=3.0)),
    (WEIBULL, np.log([0.7, 5.0]), stats.weibull_min(0.7, scale=5.0)),
]
IDS = [family.name for family, _, _ in KNOWN]


@pytest.mark.parametrize(("family", "parameters", "oracle"), KNOWN, ids=IDS)
def test_density_and_distribution_are_scipys(family: Family, parameters, oracle):
    assert family.density(parameters, AT) == pytest.approx(oracle.pdf(AT))
    assert family.cdf(parameters, AT) == pytest.approx(oracle.cdf(AT))


@pytest.mark.parametrize(("family", "parameters", "oracle"), KNOWN, ids=IDS)
def test_a_partial_mean_is_the_integral_of_t_times_the_density(family: Family, parameters, oracle):
    slow = [integrate.quad(lambda t: t * oracle.pdf(t), 0, x, limit=200)[0] for x in AT]
    assert family.partial_mean(parameters, AT) == pytest.approx(slow, rel=1e-5)


@pytest.mark.parametrize(("family", "parameters", "oracle"), KNOWN, ids=IDS)
@pytest.mark.parametrize("seen", [-0.6, 0.0, 1.0, 6.4])
def test_what_a_clock_shows_is_the_density_blurred_by_a_triangle(
    family: Family, parameters, oracle, seen
):
    def blurred(t: float) -> float:
        return float(oracle.pdf(t)) * max(0.0, 1 - abs(t - seen))

    low, high = max(seen - 1, 0.0), seen + 1
    slow = integrate.quad(blurred, low, high, limit=400, points=[min(max(seen, low), high)])[0]
    fast = Seen(np.array([seen]), 1.0).density(family, parameters)[0]
    assert fast == pytest.approx(slow, rel=1e-3)


@pytest.mark.parametrize(("family", "parameters", "oracle"), KNOWN, ids=IDS)
def test_all_that_a_clock_can_show_adds_up_to_one(family: Family, parameters, oracle):
    steps = np.arange(0.0, 3000.0)
    assert Seen(steps, 1.0).density(family, parameters).sum() == pytest.approx(1.0, abs=0.01)
    assert observed_cdf(family, parameters, np.array([3000.0]), 1.0) == pytest.approx(1, abs=0.01)
    assert oracle.sf(3000.0) < 0.01


def seen_by_a_clock(times: np.ndarray, step_s: float, rng: np.random.Generator) -> np.ndarray:
    begin = rng.uniform(0, 1e4, times.size)
    return np.floor((begin + times) / step_s) * step_s - np.floor(begin / step_s) * step_s


@pytest.mark.parametrize("step_s", [1e-3, 1.0])
@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (stats.expon(scale=5.0), Exponential(5.0)),
        (stats.lognorm(0.8, scale=np.exp(1.5)), LogNormal(1.5, 0.8)),
        (stats.gamma(2.5, scale=3.0), Gamma(2.5, 3.0)),
        (stats.weibull_min(0.6, scale=5.0), Weibull(0.6, 5.0)),
    ],
    ids=["exponential", "log-normal", "gamma", "Weibull"],
)
def test_family_and_parameters_are_found_at_any_resolution(sample, expected, step_s):
    rng = np.random.default_rng(11)
    times = seen_by_a_clock(sample.rvs(4000, random_state=rng), step_s, rng)
    fit = fit_think(times, step_s, rng)
    assert type(fit.think) is type(expected)
    for name in expected.__slots__:
        assert getattr(fit.think, name) == pytest.approx(getattr(expected, name), rel=0.08)
    assert fit.distance < 0.03


def test_without_rounding_the_fit_is_scipys():
    rng = np.random.default_rng(2)
    times = rng.gamma(2.0, 4.0, 3000)
    fit = fit_think(times, 1e-6, rng)
    shape, _, scale = stats.gamma.fit(times, floc=0)
    assert isinstance(fit.think, Gamma)
    assert fit.think.shape == pytest.approx(shape, rel=0.02)
    assert fit.think.scale_s == pytest.approx(scale, rel=0.02)


def test_pauses_shorter_than_the_clocks_step_are_still_measured():
    rng = np.random.default_rng(3)
    times = seen_by_a_clock(rng.exponential(0.4, 4000), 1.0, rng)
    fit = fit_think(times, 1.0, rng)
    assert isinstance(fit.think, Exponential)
    assert fit.think.mean_s == pytest.approx(0.4, rel=0.1)


def test_what_no_family_describes_is_kept_as_it_is():
    rng = np.random.default_rng(4)
    times = np.where(rng.random(2000) < 0.5, rng.normal(2, 0.1, 2000), rng.normal(30, 1, 2000))
    fit = fit_think(times, 1e-3, rng)
    assert isinstance(fit.think, Empirical)
    assert list(fit.think.quantiles_s) == sorted(fit.think.quantiles_s)
    assert fit.think.quantiles_s[0] > 0
    assert len(fit.candidates) == 4
    assert fit.distance > 0.1


def test_few_or_equal_pauses_are_kept_as_they_are():
    rng = np.random.default_rng(5)
    assert isinstance(fit_think(np.array([1.0, 4.0]), 1.0, rng).think, Empirical)
    assert isinstance(fit_think(np.full(100, 7.0), 1.0, rng).think, Empirical)


def test_requests_in_parallel_have_no_think_time():
    rng = np.random.default_rng(6)
    assert fit_think(rng.normal(0.0, 0.005, 500), 1e-6, rng).think is None
    assert fit_think(np.array([]), 1.0, rng).think is None
