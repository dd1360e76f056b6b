"""The mean response time that a queueing model gives for a stage's load, from demands.

    response = unloaded time + waits in front of disks, network and the CPUs

A component's cores are also cores of its host, so that both see the same work: the longer of both
waits counts, not their sum. What is unloaded time is a delay of its own (a request passes through
its CPU, its database, its sleeps one after another); only waiting is added to it. Closed stages
(users) are solved by exact mean-value analysis with that delay as thinking time.
"""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.analyze.demands import Demand
from perfwright.analyze.mva import Station, closed_network, open_network
from perfwright.analyze.resources import CPU, HOST
from perfwright.model.stage import Stage

_MOST_USERS = 2000


def response_mean_s(found: Sequence[Demand], stage: Stage, unloaded_s: float) -> float:
    """Seconds; `found`: the demands to assume."""
    shared = [one for one in found if one.resource.kind != CPU]
    hosts = [one for one in found if one.resource.kind == CPU and one.resource.subject == HOST]
    parts = [one for one in found if one.resource.kind == CPU and one.resource.subject != HOST]
    return max(
        _response_s([_station(one) for one in shared + cpus], stage, unloaded_s)
        for cpus in (hosts, parts)
    )


def _station(demand: Demand) -> Station:
    """What is busy without load leaves a part of the servers' speed."""
    servers = demand.resource.servers
    free = max(1 - demand.idle / servers, 0.05)
    return Station(
        name=demand.resource.name,
        demand_s=demand.per_request_s.value / free,
        servers=servers,
    )


def _response_s(stations: list[Station], stage: Stage, unloaded_s: float) -> float:
    busy_s = sum(station.demand_s for station in stations)
    if stage.model == "closed" and 1 <= stage.offered <= _MOST_USERS:
        # In requests: a user's cycle is N / X, what is not response is thinking.
        think_s = max(stage.offered / stage.throughput_per_s - stage.response_mean_s, 0.0)
        rest_s = max(unloaded_s - busy_s, 0.0)
        solved = closed_network(stations, round(stage.offered), think_s + rest_s)
        return rest_s + solved.response_s
    solved = open_network(stations, stage.throughput_per_s)
    return unloaded_s + solved.response_s - busy_s
