"""Mean-value analysis: throughput and response time of a network of queues from its demands alone.

    closed   users ─► think ─► station 1 ─► station 2 ─► … ─┐        N is fixed, X follows
               ▲                                            │
               └────────────────────────────────────────────┘
    open     arrivals at X ─► station 1 ─► station 2 ─► … ─►         X is fixed, R follows

A station serves one request on each of its `servers`; a request keeps it busy for `demand_s` in
all. Closed: M. Reiser and S. S. Lavenberg, Mean-Value Analysis of Closed Multichain Queuing
Networks, JACM 27 (1980), exact for product-form networks; with several servers by the marginal
probabilities of fewer than `servers` requests (G. Bolch et al., Queueing Networks and Markov
Chains, 2006, §8.1.2). Open: M/M/c by Erlang's C formula; a station at or above `MOST` of its
capacity is taken as busy to `MOST`, for no finite mean exists beyond and what is asked of it is a
comparison. A fraction of a server is rounded down for its queue, at least 1; its speed is scaled so
that its capacity stays right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    name: str
    demand_s: float
    servers: float = 1.0

    @property
    def queue_servers(self) -> int:
        return max(1, int(self.servers))

    @property
    def service_s(self) -> float:
        """Demand as `queue_servers` whole servers see it."""
        return self.demand_s * self.queue_servers / self.servers


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """`residence_s`: time at each station, queue included, in the stations' order."""

    throughput_per_s: float
    response_s: float
    residence_s: tuple[float, ...]


def open_network(stations: Sequence[Station], rate_per_s: float) -> Solution:
    """Arrivals at a rate: each station on its own (Jackson)."""
    residence = tuple(_erlang_residence_s(station, rate_per_s) for station in stations)
    return Solution(throughput_per_s=rate_per_s, response_s=sum(residence), residence_s=residence)


def closed_network(stations: Sequence[Station], users: int, think_s: float = 0.0) -> Solution:
    """`users` ≥ 1 who think, ask and wait; time grows with users × stations × servers."""
    assert users >= 1, users
    queues = [_Queue(station) for station in stations]
    throughput, residence = 0.0, [0.0] * len(queues)
    for present in range(1, users + 1):
        residence = [queue.residence_s() for queue in queues]
        cycle_s = think_s + sum(residence)
        throughput = present / cycle_s if cycle_s > 0 else float("inf")
        for queue, time_s in zip(queues, residence, strict=True):
            queue.settle(throughput, time_s)
    return Solution(
        throughput_per_s=throughput, response_s=sum(residence), residence_s=tuple(residence)
    )


def waiting_probability(load: float, servers: int) -> float:
    """Erlang C: the share of arrivals that wait; `load` in servers, below `servers`."""
    blocked = 1.0
    for server in range(1, servers + 1):  # Erlang B by its stable recursion
        blocked = load * blocked / (server + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def _erlang_residence_s(station: Station, rate_per_s: float) -> float:
    servers, service_s = station.queue_servers, station.service_s
    load = min(rate_per_s * service_s, MOST * servers)
    wait_s = waiting_probability(load, servers) * service_s / (servers - load)
    return service_s + wait_s


class _Queue:
    """One station while users are added one by one: its mean length, and the probability of each
    number of requests below its servers."""

    def __init__(self, station: Station) -> None:
        self._service_s = station.service_s
        self._servers = station.queue_servers
        self._length = 0.0
        self._probabilities = [1.0] + [0.0] * (self._servers - 1)

    def residence_s(self) -> float:
        """Of one who arrives: he sees the station as it is with one user less."""
        m = self._servers
        idle = sum((m - 1 - j) * self._probabilities[j] for j in range(m - 1))
        return self._service_s / m * (1 + self._length + idle)

    def settle(self, throughput_per_s: float, residence_s: float) -> None:
        m, load = self._servers, throughput_per_s * self._service_s
        before = self._probabilities
        now = [0.0] * m
        for j in range(1, m):
            now[j] = load / j * before[j - 1]
        busy = load + sum((m - j) * now[j] for j in range(1, m))
        now[0] = max(0.0, 1 - busy / m)  # rounding may take it below zero near saturation
        self._probabilities = now
        self._length = throughput_per_s * residence_s
