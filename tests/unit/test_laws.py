"""The operational laws, by the textbook's numbers."""

from __future__ import annotations

import math

import pytest

from perfwright.analyze import laws


def test_little_counts_what_is_in_flight() -> None:
    assert laws.in_flight(200, 0.05) == pytest.approx(10)
    assert laws.holding_s(10, 200) == pytest.approx(0.05)
    assert laws.holding_s(10, 0) == math.inf


def test_users_wait_for_what_their_cycle_leaves_beside_thinking() -> None:
    assert laws.interactive_response_s(25, 0.5, 18) == pytest.approx(32)
    assert laws.interactive_response_s(10, 10, 5) == 0


def test_the_slowest_resource_bounds_the_throughput() -> None:
    assert laws.throughput_bound_per_s(0.004, 2) == pytest.approx(500)
    assert laws.throughput_bound_per_s(0) == math.inf


def test_few_users_are_bounded_by_their_own_cycle() -> None:
    demands = [(0.01, 1.0), (0.04, 1.0)]
    assert laws.closed_bound_per_s(demands, 2, think_s=0.95) == pytest.approx(2)
    assert laws.closed_bound_per_s(demands, 1000, think_s=0.95) == pytest.approx(25)


def test_a_pool_is_sized_by_what_is_held_at_a_time_and_something_to_spare() -> None:
    assert laws.servers_needed(400, 0.05, spare=1.25) == 25
    assert laws.servers_needed(1, 0.001) == 1


def test_amdahl_leaves_the_rest() -> None:
    assert laws.amdahl(0.75) == pytest.approx(4)
    assert laws.amdahl(0.5, faster=2) == pytest.approx(4 / 3)
    assert laws.amdahl(1.0) == math.inf


def test_visits_are_a_ratio_of_throughputs() -> None:
    assert laws.visits(300, 100) == pytest.approx(3)
    assert laws.visits(300, 0) == 0
    assert laws.utilization(300, 0.004, 2) == pytest.approx(0.6)
