"""Distributions are SciPy's, to rounding; correlation is what was asked for."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from scipy import stats

from perfwright.export.synthetic.quantiles import quantiles_of
from perfwright.export.synthetic.tables import TableRows
from perfwright.plan.data_file import data_spec
from perfwright.plan.data_spec import (
    Boolean,
    Choice,
    Distribution,
    Exponential,
    Integer,
    LogNormal,
    Moment,
    Normal,
    Poisson,
    Uniform,
    Zipf,
)

RNG = np.random.default_rng(11)
U = RNG.random(2_000)


@pytest.mark.parametrize(
    ("kind", "oracle"),
    [
        (Uniform(low=-2, high=5), stats.uniform(-2, 7)),
        (Normal(mean=40, sd=12), stats.norm(40, 12)),
        (
            Normal(mean=40, sd=12, low=18, high=90),
            stats.truncnorm((18 - 40) / 12, (90 - 40) / 12, 40, 12),
        ),
        (LogNormal(mu=1.5, sigma=0.7), stats.lognorm(0.7, scale=np.exp(1.5))),
        (Exponential(mean=3), stats.expon(scale=3)),
        (Integer(low=-3, high=12), stats.randint(-3, 13)),
        (Poisson(mean=0.3), stats.poisson(0.3)),
        (Poisson(mean=5_000), stats.poisson(5_000)),
        (Zipf(n=500, s=1.3), stats.zipfian(1.3, 500)),
    ],
)
def test_a_quantile_function_is_scipys(kind: Distribution, oracle: stats.rv_frozen) -> None:
    ours = quantiles_of(kind)(U).astype(float)
    np.testing.assert_allclose(ours, oracle.ppf(U), rtol=1e-9, atol=1e-9)


def test_choices_come_in_proportion_to_their_weights() -> None:
    kind = Choice(values=(("free", 8.0), ("pro", 2.0), ("none", 0.0)))
    values = quantiles_of(kind)(np.linspace(0, 1, 1_000, endpoint=False)).tolist()
    assert (values.count("free"), values.count("pro"), values.count("none")) == (800, 200, 0)


def test_booleans_and_rounded_numbers_have_their_types() -> None:
    assert quantiles_of(Boolean(true=0.25))(U).dtype == np.bool_
    assert quantiles_of(Normal(mean=0, sd=9, digits=0))(U).dtype == np.int64
    rounded = quantiles_of(Uniform(low=0, high=1, digits=2))(U)
    assert (rounded == np.round(rounded, 2)).all()


def test_moments_lie_between_their_ends() -> None:
    begin, end = datetime(2026, 2, 27, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    days = quantiles_of(Moment(begin=begin, end=end, form="date"))(np.array([0.0, 0.34, 0.999]))
    assert days.tolist() == ["2026-02-27", "2026-02-28", "2026-03-01"]
    stamps = quantiles_of(Moment(begin=begin, end=end, form="datetime"))(np.array([0.5]))
    assert stamps.tolist() == ["2026-02-28T12:00:00"]
    ms = quantiles_of(Moment(begin=begin, end=end, form="epoch_ms"))(np.array([0.0]))
    assert ms.tolist() == [round(begin.timestamp() * 1000)]


def columns_of(rows: int, **columns: object) -> dict[str, np.ndarray]:
    spec = data_spec({"columns": columns, "rows": rows}, "table", seed=5)
    (table,) = spec.tables
    (chunk,) = TableRows(spec, table, {}, chunk_rows=rows).chunks()
    return {name: values.data for name, values in chunk.items()}


@pytest.mark.parametrize("r", [-0.9, 0.0, 0.6, 1.0])
def test_a_correlated_column_has_the_rank_correlation_of_its_copula(r: float) -> None:
    made = columns_of(
        20_000,
        age={"type": "normal", "mean": 40, "sd": 12},
        income={
            "type": "lognormal",
            "mu": 10,
            "sigma": 0.6,
            "correlated_with": {"column": "age", "r": r},
        },
    )
    spearman = stats.spearmanr(made["age"], made["income"]).statistic
    assert spearman == pytest.approx(6 / np.pi * np.arcsin(r / 2), abs=0.02)
    fits = stats.kstest(made["income"], stats.lognorm(0.6, scale=np.exp(10)).cdf)
    assert fits.pvalue > 1e-4


def test_a_correlation_goes_on_through_a_chain() -> None:
    made = columns_of(
        20_000,
        a={"type": "uniform", "low": 0, "high": 1},
        b={"type": "exponential", "mean": 2, "correlated_with": {"column": "a", "r": 0.8}},
        c={"type": "normal", "mean": 0, "sd": 1, "correlated_with": {"column": "b", "r": 0.5}},
    )
    spearman = stats.spearmanr(made["a"], made["c"]).statistic
    assert spearman == pytest.approx(6 / np.pi * np.arcsin(0.4 / 2), abs=0.02)
