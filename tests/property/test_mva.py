"""Mean-value analysis against the slow way: summing over every state of the network."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfwright.analyze import laws
from perfwright.analyze.mva import Station, closed_network, open_network, waiting_probability

stations = st.lists(
    st.builds(
        Station,
        name=st.just("k"),
        demand_s=st.floats(0.001, 0.1),
        servers=st.integers(1, 4).map(float),
    ),
    min_size=1,
    max_size=3,
)


def throughput_by_all_states(network: list[Station], users: int, think_s: float) -> float:
    """Gordon and Newell's product form: X(N) = G(N−1) / G(N), thinking as a station apart."""
    return _constant(network, users - 1, think_s) / _constant(network, users, think_s)


def _constant(network: list[Station], users: int, think_s: float) -> float:
    total = 0.0
    for state in itertools.product(range(users + 1), repeat=len(network)):
        thinking = users - sum(state)
        if thinking < 0 or (think_s == 0 and thinking > 0):
            continue
        weight = think_s**thinking / math.factorial(thinking)
        for station, present in zip(network, state, strict=True):
            for position in range(1, present + 1):
                weight *= station.demand_s / min(position, station.servers)
        total += weight
    return total


@settings(max_examples=60, deadline=None)
@given(network=stations, users=st.integers(1, 8), think_s=st.sampled_from([0.0, 0.02, 0.5]))
def test_closed_networks_agree_with_the_sum_over_all_states(
    network: list[Station], users: int, think_s: float
) -> None:
    solved = closed_network(network, users, think_s)
    assert solved.throughput_per_s == pytest.approx(
        throughput_by_all_states(network, users, think_s), rel=1e-6
    )


@settings(max_examples=60, deadline=None)
@given(network=stations, users=st.integers(1, 60), think_s=st.floats(0, 2))
def test_closed_networks_keep_the_operational_laws(
    network: list[Station], users: int, think_s: float
) -> None:
    solved = closed_network(network, users, think_s)
    demands = [(station.demand_s, station.servers) for station in network]
    assert solved.throughput_per_s <= laws.closed_bound_per_s(demands, users, think_s) * 1.000001
    assert solved.response_s == pytest.approx(
        laws.interactive_response_s(users, solved.throughput_per_s, think_s), rel=1e-6, abs=1e-9
    )


@given(load=st.floats(0.01, 3.9), servers=st.just(4))
def test_erlang_c_agrees_with_its_textbook_sum(load: float, servers: int) -> None:
    waiting = load**servers / math.factorial(servers) * servers / (servers - load)
    states = sum(load**k / math.factorial(k) for k in range(servers)) + waiting
    assert waiting_probability(load, servers) == pytest.approx(waiting / states)


def test_an_open_single_server_takes_its_demand_over_what_is_idle() -> None:
    solved = open_network([Station(name="cpu", demand_s=0.01)], 50)
    assert solved.response_s == pytest.approx(0.01 / (1 - 0.5))


def test_a_saturated_open_station_is_finite_and_slow() -> None:
    solved = open_network([Station(name="cpu", demand_s=0.01)], 500)
    assert 0.1 < solved.response_s < 1


def test_a_fraction_of_a_server_keeps_its_capacity() -> None:
    half = closed_network([Station(name="quota", demand_s=0.01, servers=0.5)], 50)
    assert half.throughput_per_s == pytest.approx(50)
    more = closed_network([Station(name="quota", demand_s=0.01, servers=2.5)], 200)
    assert more.throughput_per_s == pytest.approx(250, rel=0.01)
