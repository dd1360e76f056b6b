"""Figures of resamples, from weights, are those of the raw values that the weights stand for."""

from __future__ import annotations

import numpy as np
import pytest
from support.judged_runs import histogram_of
from support.tallies import second

from perfwright.analyze.block_bootstrap import block_weights
from perfwright.analyze.estimates import estimates
from perfwright.analyze.step_seconds import ROWS_MAX, StepSeconds, steps_of
from perfwright.analyze.weighted_figures import (
    error_ratio,
    mean_ns,
    quantile_influence,
    quantile_ns,
    throughput_per_s,
)
from perfwright.model.histogram import Histogram

BUCKET = 1 / 256
RANDOM = np.random.default_rng(5)
TIMES_MS = [list(np.exp(RANDOM.normal(3, 0.5, RANDOM.poisson(20)))) for _ in range(25)]
STEP = steps_of(
    second(at, times, errors=min(at % 3, len(times))) for at, times in enumerate(TIMES_MS)
)["GET /"]
WEIGHTS = block_weights(25, 4, 50, np.random.default_rng(6))


def raw(weights: np.ndarray) -> np.ndarray:
    """What a resample holds, value by value."""
    return np.concatenate(
        [np.repeat(times, int(w)) for times, w in zip(TIMES_MS, weights, strict=True)]
    )


@pytest.mark.parametrize("q", [0.05, 0.5, 0.95, 0.99])
def test_quantiles_are_those_of_the_raw_values_within_a_bucket(q: float) -> None:
    found = quantile_ns(STEP, WEIGHTS, q) / 1e6
    truth = [np.quantile(raw(line), q, method="inverted_cdf") for line in WEIGHTS]
    assert found == pytest.approx(truth, rel=1.01 * BUCKET)


def test_means_rates_and_errors_are_exact() -> None:
    assert mean_ns(STEP, WEIGHTS) / 1e6 == pytest.approx([raw(w).mean() for w in WEIGHTS], rel=1e-6)
    assert throughput_per_s(STEP, WEIGHTS) == pytest.approx([raw(w).size / 25 for w in WEIGHTS])
    failed = [sum((at % 3) * w for at, w in enumerate(line)) for line in WEIGHTS]
    truth = [count / raw(line).size for count, line in zip(failed, WEIGHTS, strict=True)]
    assert error_ratio(STEP, WEIGHTS) == pytest.approx(truth)


def test_the_influences_of_all_seconds_cancel() -> None:
    assert quantile_influence(STEP, 0.5).sum() == pytest.approx(0, abs=1e-6)


def test_an_empty_resample_has_no_figures() -> None:
    step = steps_of([second(0, [5.0]), second(1)])["GET /"]
    only_the_empty = np.array([[0.0, 1.0]])
    assert np.isnan(quantile_ns(step, only_the_empty, 0.5)).all()
    assert np.isnan(mean_ns(step, only_the_empty)).all()


def test_each_second_is_drawn_equally_often_and_in_blocks() -> None:
    weights = block_weights(10, 3, 20_000, np.random.default_rng(7))
    assert (weights.sum(axis=1) == 10).all()
    assert weights.mean(axis=0) == pytest.approx([1.0] * 10, abs=0.03)
    near, far = (np.corrcoef(weights[:, 4], weights[:, at])[0, 1] for at in (5, 8))
    assert near > 0.3 > far


def test_unjudged_seconds_are_left_out_and_empty_ones_are_not() -> None:
    frames = [second(0, [9.0], judged=False), second(1, [5.0, 6.0]), second(2), second(3, [7.0])]
    step = steps_of(frames)["GET /"]
    assert list(step.requests) == [2, 0, 1]


def test_a_long_run_is_told_in_periods() -> None:
    step = steps_of(second(at, [5.0]) for at in range(2 * ROWS_MAX + 1))["GET /"]
    assert step.rows <= ROWS_MAX
    assert step.seconds.sum() == step.requests.sum() == 2 * ROWS_MAX + 1
    assert throughput_per_s(step, np.ones((1, step.rows)))[0] == 1


def test_histograms_made_at_once_are_those_made_one_by_one() -> None:
    values = np.concatenate([2 ** np.arange(9, 50), RANDOM.integers(512, 10**12, 5_000)])
    assert histogram_of(values) == Histogram.of(values.tolist())


def times(count: int, seconds: int) -> StepSeconds:
    random = np.random.default_rng(8)
    return steps_of(
        second(at, list(random.uniform(5, 9, count // seconds))) for at in range(seconds)
    )["GET /"]


def test_a_figure_with_too_little_behind_it_has_no_error() -> None:
    def known(step: StepSeconds) -> set[str]:
        found = estimates(step, np.random.default_rng(9))
        return {name for name, one in found.items() if one.error is not None}

    assert known(times(20, 4)) == set()
    assert known(times(8, 8)) == set()
    assert "p95" not in known(times(60, 30))
    assert {"median", "mean"} <= known(times(60, 30))
    assert "p95" in known(times(120, 30))
    assert "p99" not in known(times(120, 30))


def test_errors_are_no_smaller_than_buckets_and_chance_allow() -> None:
    step = steps_of(second(at, [20.0] * 50) for at in range(30))["GET /"]
    found = estimates(step, np.random.default_rng(10))
    assert found["median"].error == pytest.approx(BUCKET / 12**0.5)
    assert found["errors"].value == 0
    assert found["errors"].error == pytest.approx(1 / 1500, rel=0.05)


def test_an_estimated_error_is_the_spread_over_many_runs() -> None:
    random = np.random.default_rng(11)
    runs = [
        steps_of(second(at, list(random.lognormal(3, 0.4, 40))) for at in range(40))["GET /"]
        for _ in range(60)
    ]
    found = [estimates(run, np.random.default_rng(12)) for run in runs]
    for name in ("median", "p95", "mean"):
        spread = np.std([np.log(one[name].value) for one in found], ddof=1)
        told = np.mean([one[name].error for one in found])
        assert spread * 0.9 < told < spread * 1.6, name
