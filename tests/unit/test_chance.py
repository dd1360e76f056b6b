"""When too few requests went wrong to blame the system for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson
from support.tallies import second

from perfwright.analyze.chance import broken_by_chance, may_be_chance
from perfwright.analyze.digest import Slice
from perfwright.plan.slo import parse_slo


@given(st.integers(0, 60), st.integers(1, 5_000), st.floats(1e-4, 0.2))
def test_it_is_the_tail_of_the_poisson_distribution(count: int, of: int, ratio: float) -> None:
    likely = poisson.sf(count - 1, of * ratio)
    if abs(likely - 0.05) > 1e-9:
        assert may_be_chance(count, of, ratio) == (likely > 0.05 or count <= of * ratio)


@pytest.mark.parametrize(
    ("slo", "times_ms", "errors", "chance"),
    [
        ("errors < 0.1%", [5.0] * 286, 1, True),
        ("errors < 0.1%", [5.0] * 286, 3, False),
        ("p95 < 100ms", [5.0] * 9 + [200.0], 0, True),
        ("p95 < 100ms", [5.0] * 5 + [200.0] * 5, 0, False),
        ("mean < 100ms", [200.0] * 3, 0, False),
    ],
)
def test_an_objective_that_few_requests_break(
    slo: str, times_ms: list[float], errors: int, chance: bool
) -> None:
    part = Slice.of([second(0, times_ms, errors=errors)])
    assert broken_by_chance(parse_slo(slo), part) is chance
