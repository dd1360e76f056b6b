"""The search for the knee, over simulated systems: no clock, no load."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.queues import Server
from support.tallies import second

from perfwright.analyze.knee_rules import broken_by
from perfwright.analyze.knee_search import Finish, KneeSearch, SetLoad, TakeProfile
from perfwright.analyze.stage_stats import stage_of
from perfwright.model.stage import KNEE, LOW, Knee


def searched(server: Server, *, budget_s: float = 145.0, broken=lambda _: "", visits=()) -> tuple:
    """The finished search and its orders, in order."""
    search = KneeSearch(model="open", budget_s=budget_s, objectives=broken, visits=visits)
    level, orders, pending = search.first_level, [], []
    for now in range(int(budget_s)):
        level = next((o.level for o in pending if o.at_s <= now), level)
        pending = [order for order in pending if order.at_s > now]
        new = search.feed(server.second(now, level))
        orders += new
        pending += [order for order in new if isinstance(order, SetLoad)]
        if any(isinstance(order, Finish) for order in new):
            break
    return search, orders


def knee_of(server: Server, **options) -> Knee:
    knee = searched(server, **options)[0].finish()
    assert knee is not None
    return knee


@pytest.mark.parametrize("capacity", [80, 400, 3_000])
def test_the_knee_lies_below_the_capacity_and_the_broken_load_not_far_above(capacity):
    knee = knee_of(Server(capacity_per_s=capacity))
    assert knee.reached
    assert 0.6 * capacity < knee.throughput_per_s <= capacity
    assert knee.high is not None
    assert knee.low < knee.high <= 1.25 * knee.low


def test_the_stages_never_hold_the_backlog_of_a_broken_one():
    search, _ = searched(Server(capacity_per_s=400))
    held = [one.stage for one in search.stages if one.stage.offered * 4 < 300]
    assert held
    assert all(stage.response_p95_s < 0.1 for stage in held)


def test_the_load_rises_geometrically_until_it_breaks_and_is_narrowed_down_then():
    search, _ = searched(Server(capacity_per_s=400))
    offered = [one.stage.offered for one in search.stages]
    up = offered[: offered.index(max(offered)) + 1]
    assert up == sorted(up)
    assert all(b / a <= 2.01 for a, b in pairwise(up))


def test_profiles_are_taken_at_low_load_and_at_the_knee():
    _, orders = searched(Server(capacity_per_s=400))
    taken = [order for order in orders if isinstance(order, TakeProfile)]
    assert [order.moment for order in taken] == [LOW, KNEE]
    assert taken[0].at_s < taken[1].at_s


def test_errors_end_the_rise():
    knee = knee_of(Server(capacity_per_s=10_000, fails_above_per_s=500))
    assert "errors" in knee.limited_by
    assert knee.throughput_per_s <= 500


def test_an_objective_ends_the_rise():
    def broken(frames):
        p95 = frames[-1].total.measure("response").quantile(0.95)
        return "the objective p95 < 15ms no longer held" if p95 > 15e6 else ""

    knee = knee_of(Server(capacity_per_s=400), broken=broken)
    assert "objective" in knee.limited_by
    assert knee.response_ms_p95 < 15


def test_a_lightest_load_that_breaks_when_it_is_held_again_bounds_the_knee_from_above_only():
    def broken(frames):
        too_much = frames[-1].total.requests() > 30 or frames[-1].second > 40
        return "the objective p95 < 15ms no longer held" if too_much else ""

    search, _ = searched(Server(capacity_per_s=400), broken=broken)
    knee = search.finish()
    assert knee is not None and knee.reached
    assert (knee.low, knee.high) == (0, search.low.offered)


def test_a_few_requests_less_than_asked_for_are_no_plateau():
    """Three seconds of 9 iterations/s, of five requests each: 126 instead of 141 are chance."""
    frames = [second(at, [6.0] * 42, users=13 + 2 * at) for at in range(3)]
    stage = stage_of(1, frames, model="open", offered=8.8, steady=False).stage
    low = replace(stage, offered=4.4)
    assert broken_by(stage, frames, low, low, requests_per_iteration=5.3) == ""
    half = [second(at, [6.0] * 21, users=13 + 5 * at) for at in range(3)]
    stage = stage_of(1, half, model="open", offered=8.8, steady=False).stage
    assert "throughput" in broken_by(stage, half, low, low, requests_per_iteration=5.3)


def test_the_generator_is_never_taken_for_the_system():
    knee = knee_of(Server(capacity_per_s=100, generator_ratio=0.97))
    assert not knee.reached
    assert "generator" in knee.limited_by


@pytest.mark.parametrize("stolen_s", [range(8, 10), range(22, 26), range(40, 43)])
def test_a_machine_that_was_away_for_a_moment_is_tried_again(stolen_s):
    knee = knee_of(Server(capacity_per_s=400, stolen_s=stolen_s))
    assert knee.reached
    assert 240 < knee.throughput_per_s <= 400


def test_a_machine_that_is_away_at_each_try_is_not_the_systems_limit():
    knee = knee_of(Server(capacity_per_s=400, stolen_s=range(20, 150)))
    assert not knee.reached
    assert "late" in knee.limited_by


def test_a_system_without_a_limit_in_reach_says_so():
    knee = knee_of(Server(capacity_per_s=1e9), budget_s=60)
    assert not knee.reached
    assert knee.high is None
    assert "budget" in knee.limited_by


@pytest.mark.parametrize("budget_s", [45.0, 60.0, 145.0])
def test_the_search_ends_within_its_budget(budget_s):
    _, orders = searched(Server(capacity_per_s=400), budget_s=budget_s)
    assert isinstance(orders[-1], Finish)


@given(st.integers(40, 90), st.integers(0, 90), st.integers(0, 60))
def test_no_order_ever_lies_beyond_the_budget(budget_s, from_s, length_s):
    server = Server(capacity_per_s=400, stolen_s=range(from_s, from_s + length_s))
    _, orders = searched(server, budget_s=float(budget_s))
    assert all(one.at_s < budget_s for one in orders if isinstance(one, SetLoad))


def test_what_another_search_held_comes_straight_after_the_low_load():
    search, _ = searched(Server(capacity_per_s=400), visits=(60.0,))
    low, visited, above, *_ = (one.stage for one in search.stages)
    assert low.offered < 60 / 4
    assert visited.offered == 60 < above.offered
    assert visited.duration_s >= 8


def test_a_run_that_ended_at_once_has_no_knee():
    search = KneeSearch(model="open", budget_s=60, objectives=lambda _: "")
    assert search.finish() is None
