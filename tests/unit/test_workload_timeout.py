"""The session timeout stands in the valley of the gaps, where there is one."""

from __future__ import annotations

import numpy as np
import pytest

from perfwright.analyze.workload.timeout import choose_timeout

RNG = np.random.default_rng(1)
WITHIN = RNG.lognormal(np.log(12), 1.1, 18_000)


def test_the_valley_between_two_kinds_of_gaps_is_found():
    between = RNG.lognormal(np.log(50_000), 1.0, 2_000)
    chosen = choose_timeout(np.concatenate((WITHIN, between)))
    assert 600 <= chosen.seconds <= 3600
    assert "Halfaker" in chosen.why
    wrong = (chosen.seconds < WITHIN).mean() + (between <= chosen.seconds).mean()
    assert wrong < 0.01


@pytest.mark.parametrize(
    "gaps",
    [
        np.array([]),
        np.array([5.0]),
        WITHIN[:300],
        np.floor(RNG.exponential(10, 20_000)),
        RNG.lognormal(3, 1.5, 20_000),
        np.zeros(5_000),
        np.full(5_000, 600.0),
    ],
    ids=["none", "one", "few", "short", "one kind", "zero", "constant"],
)
def test_where_there_is_no_valley_it_is_half_an_hour(gaps):
    assert choose_timeout(gaps).seconds == 1800.0


def test_it_stays_within_five_minutes_and_an_hour():
    quick = np.concatenate((RNG.lognormal(0, 0.5, 9_000), RNG.lognormal(np.log(2500), 0.6, 9_000)))
    assert 300 <= choose_timeout(quick).seconds <= 3600
