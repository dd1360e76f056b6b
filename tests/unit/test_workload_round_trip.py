"""Known users go in; their chains, think times, shares and arrivals come out, within stated errors.

The clock of their log cuts to whole seconds, as most logs' clocks do.
"""

from __future__ import annotations

import functools

import numpy as np
import pytest
from support.known_users import (
    ARRIVALS_PER_S,
    BROWSE,
    BUY,
    BUYERS,
    END,
    ITEMS,
    NAMES,
    THINK_MU,
    THINK_SCALE_S,
    THINK_SHAPE,
    THINK_SIGMA,
    ZIPF,
    KnownUsers,
    known_users,
)

from perfwright.analyze.workload.arrivals import arrivals_of, bin_length_s
from perfwright.analyze.workload.patterns import patterns_of
from perfwright.analyze.workload.sessions import sessions_of
from perfwright.analyze.workload.sorting import EndpointForm
from perfwright.analyze.workload.zipf import fit_zipf
from perfwright.model.think import Gamma, LogNormal
from perfwright.model.traffic import Bins
from perfwright.model.workload import Pattern

SESSIONS = 8_000
FORMS = tuple(
    EndpointForm(name=name, method=name.split()[0], pieces=tuple(name.split(" /")[1].split("/")))
    for name in NAMES
)


@functools.cache
def users() -> KnownUsers:
    return known_users(SESSIONS)


@functools.cache
def patterns() -> tuple[Pattern, ...]:
    visits = users().visits()
    times = visits.time_us
    sessions = sessions_of(
        visits, np.arange(END), int(times.min()), int(times.max()), timeout_s=1800.0
    )
    found, _ = patterns_of(sessions, FORMS, np.random.default_rng(7))
    return found


def matrix(pattern: Pattern) -> np.ndarray:
    places = {None: END} | {name: place for place, name in enumerate(NAMES)}
    result = np.zeros((END + 1, END + 1))
    for one in pattern.transitions:
        result[places[one.source], places[one.to]] = one.probability
    return result


def test_two_kinds_of_sessions_are_found_and_named():
    assert [pattern.name for pattern in patterns()] == ["browse_items", "checkout"]
    assert patterns()[1].share == pytest.approx(BUYERS, abs=0.04)


@pytest.mark.parametrize(("place", "chain"), [(0, BROWSE), (1, BUY)])
def test_the_transition_matrix_is_recovered(place, chain):
    """Of steps that a session takes 0.4 times and more; rarer ones are mostly in short sessions,
    which could be of either kind."""
    found = matrix(patterns()[place])
    visits = chain[END] @ np.linalg.inv(np.eye(END + 1) - _inner(chain))
    often = np.flatnonzero(visits > 0.4)
    assert np.abs(found[often] - chain[often]).max() < 0.03


def _inner(chain: np.ndarray) -> np.ndarray:
    inner = chain.copy()
    inner[END] = 0
    inner[:, END] = 0
    return inner


def test_think_times_are_recovered_through_a_clock_of_whole_seconds():
    browse, buy = patterns()
    at = max(browse.transitions, key=lambda one: one.count if one.think else 0)
    assert isinstance(at.think, LogNormal)
    assert at.think.mu == pytest.approx(THINK_MU, abs=0.05)
    assert at.think.sigma == pytest.approx(THINK_SIGMA, abs=0.05)
    at = max(buy.transitions, key=lambda one: one.count if one.think else 0)
    assert isinstance(at.think, Gamma)
    assert at.think.shape * at.think.scale_s == pytest.approx(THINK_SHAPE * THINK_SCALE_S, rel=0.1)
    assert at.think.shape == pytest.approx(THINK_SHAPE, rel=0.2)


def test_the_popularity_of_items_is_recovered():
    items = users().item[users().state == 2]
    counts = np.sort(np.bincount(items))[::-1]
    fitted = fit_zipf(counts[counts > 0], int((counts > 0).sum()))
    assert fitted is not None
    assert fitted[0] == pytest.approx(ZIPF, abs=0.05)
    assert fitted[1] < 0.03
    assert (counts > 0).sum() <= ITEMS


def test_arrivals_are_recovered():
    begin_us, end_us = (int(1e6 * at) for at in (users().begin_s[0], users().begin_s[-1]))
    bin_s = bin_length_s(begin_us, end_us)
    first = begin_us / 1e6 // bin_s * bin_s
    edges = np.arange(first, end_us / 1e6 + 2 * bin_s, bin_s)
    sessions, _ = np.histogram(users().begin_s, edges)
    requests, _ = np.histogram(users().time_s, edges)
    found = arrivals_of(
        Bins(begin_s=edges[:-1], requests=requests, sessions=sessions), bin_s, begin_us, end_us
    )
    assert found.sessions_per_s == pytest.approx(ARRIVALS_PER_S, rel=0.05)
    assert found.dispersion == pytest.approx(1.0, abs=0.1)
    assert found.peak_sessions_per_s > found.sessions_per_s
    assert sum(count for _, count, _ in found.series) == SESSIONS
