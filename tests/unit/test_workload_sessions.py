"""Sessions become moves, as far as the log's window shows them; moves become kinds of sessions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from perfwright.analyze.workload.mixture import assign, fit_mixture
from perfwright.analyze.workload.sessions import clock_resolution_s, moves_of, sessions_of
from perfwright.model.traffic import Visits

HOUR_US = 3_600_000_000


def visits(*sessions: list[tuple[float, int]]) -> Visits:
    """Each a list of (second, endpoint)."""
    rows = [
        (number, int(at * 1e6), endpoint)
        for number, session in enumerate(sessions)
        for at, endpoint in session
    ]
    session, time_us, endpoint = (
        np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)
    )
    return Visits(
        session=session,
        time_us=time_us,
        endpoint=endpoint,
        target=endpoint,
        duration_us=np.full(session.size, -1),
        sessions=len(sessions),
        sampled_ratio=1.0,
    )


def moved(
    seen: Visits, *, end_us: int = HOUR_US, timeout_s: float = 1800.0
) -> set[tuple[int, int, int]]:
    moves = moves_of(sessions_of(seen, np.array([5, 9]), 0, end_us, timeout_s))
    return set(zip(moves.session.tolist(), moves.source.tolist(), moves.to.tolist(), strict=True))


def test_a_session_begins_moves_and_ends():
    assert moved(visits([(10, 9), (20, 5)], [(30, 9)])) == {
        (0, 2, 1), (0, 1, 0), (0, 0, 2), (1, 2, 1), (1, 1, 2),
    }  # fmt: skip


def test_what_the_window_of_the_log_may_hide_is_not_counted():
    late = 10 * 3600.0
    seen = visits([(10, 5), (5000, 9)], [(6000, 5), (late - 2000, 5), (late - 100, 9), (late, 5)])
    assert moved(seen, end_us=int(late * 1e6)) == {
        (0, 0, 1), (0, 1, 2),  # its beginning may lie before the log
        (1, 2, 0), (1, 0, 0), (1, 0, 1),  # of what came last, nothing is known
    }  # fmt: skip


def test_think_time_is_the_gap_less_the_answers_duration_where_it_is_told():
    seen = visits([(10, 5), (14, 5)])
    assert sessions_of(seen, np.array([5]), 0, HOUR_US, 1800.0).think_s[1] == 4.0
    timed = replace(seen, duration_us=np.array([1_500_000, 0]))
    assert sessions_of(timed, np.array([5]), 0, HOUR_US, 1800.0).think_s[1] == 2.5


def test_the_clocks_step_is_seen_even_if_beginnings_were_reckoned_from_ends():
    seen = visits([(10, 5), (14, 5)])
    assert clock_resolution_s(seen) == 1.0
    assert clock_resolution_s(replace(seen, time_us=seen.time_us + 1000)) == 1e-3
    durations = np.array([123_456, 3_210])
    reckoned = replace(seen, time_us=seen.time_us - durations, duration_us=durations)
    assert clock_resolution_s(reckoned) == 1.0


def test_a_mixture_is_the_same_each_time_and_its_rows_add_up():
    rng = np.random.default_rng(3)
    counts = sparse.csr_array(
        np.concatenate(
            (rng.poisson([3, 0.1, 2, 0.1], (200, 4)), rng.poisson([0.1, 3, 0.1, 2], (300, 4)))
        )
    ).astype(float)
    sources = np.array([0, 0, 1, 1])
    one = fit_mixture(counts, sources, 4, np.random.default_rng(1))
    same = fit_mixture(counts, sources, 4, np.random.default_rng(1))
    assert one.chains == 2
    assert one.weights == pytest.approx([0.6, 0.4], abs=0.02)
    assert np.array_equal(one.log_p, same.log_p)
    for source in (0, 1):
        assert np.exp(one.log_p)[sources == source].sum(axis=0) == pytest.approx([1, 1])
    kinds = assign(one, counts, np.random.default_rng(1))
    assert (kinds[:200] == 1).mean() > 0.95
    assert (kinds[200:] == 0).mean() > 0.95


def test_one_kind_stays_one():
    rng = np.random.default_rng(4)
    counts = sparse.csr_array(rng.poisson([2, 1, 2, 1], (500, 4))).astype(float)
    assert fit_mixture(counts, np.array([0, 0, 1, 1]), 5, rng).chains == 1
