"""The operational laws: what holds in any system, whatever its distributions.

    Little                  N = X · R          in flight = throughput × time each takes
    utilization             U = X · D          busy servers = throughput × busy time per request
    forced flow             X_k = V_k · X      throughput at k = visits per request × throughput
    interactive response    R = N / X − Z      N users, Z seconds of thinking
    asymptotic bounds       X ≤ min(servers_k / D_k, N / (ΣD + Z)),  R ≥ max(ΣD, N·D_max − Z)

Rates per second, times in seconds. P. J. Denning and J. P. Buzen, The Operational Analysis of
Queueing Network Models, ACM Computing Surveys 10 (1978); E. D. Lazowska et al., Quantitative System
Performance (1984), chapters 3 and 5. Amdahl's law is here as well: what a part is worth to the
whole. Nothing here fails: where a rate is zero the answer is 0 or infinity, as said.
"""

from __future__ import annotations

import math
from collections.abc import Iterable


def in_flight(rate_per_s: float, time_s: float) -> float:
    """Little: how many are under way at a time."""
    return rate_per_s * time_s


def holding_s(in_flight_mean: float, rate_per_s: float) -> float:
    """Little, turned round: how long each is held; infinite where nothing completes."""
    return in_flight_mean / rate_per_s if rate_per_s > 0 else math.inf


def utilization(rate_per_s: float, demand_s: float, servers: float = 1.0) -> float:
    """Busy share of the servers, 0..; above 1 cannot be sustained."""
    return rate_per_s * demand_s / servers


def visits(rate_per_s: float, system_rate_per_s: float) -> float:
    """Forced flow: visits to a part per request to the whole; 0 where there are no requests."""
    return rate_per_s / system_rate_per_s if system_rate_per_s > 0 else 0.0


def interactive_response_s(users: float, rate_per_s: float, think_s: float) -> float:
    """What `users` wait for each answer; never below 0."""
    return max(holding_s(users, rate_per_s) - think_s, 0.0)


def throughput_bound_per_s(demand_s: float, servers: float = 1.0) -> float:
    """The most that a resource lets through; infinite where nothing is asked of it."""
    return servers / demand_s if demand_s > 0 else math.inf


def closed_bound_per_s(
    demands: Iterable[tuple[float, float]], users: float, think_s: float
) -> float:
    """Asymptotic bound of `users` over resources (demand in s, servers)."""
    pairs = list(demands)
    saturated = min((throughput_bound_per_s(*pair) for pair in pairs), default=math.inf)
    cycle_s = sum(demand for demand, _ in pairs) + think_s
    return min(saturated, users / cycle_s if cycle_s > 0 else math.inf)


def servers_needed(rate_per_s: float, time_s: float, spare: float = 1.25) -> int:
    """Little's law for a pool: how many are held at a time at this rate, `spare` times that so that
    a burst does not queue, at least 1."""
    return max(1, math.ceil(rate_per_s * time_s * spare))


def amdahl(share: float, faster: float = math.inf) -> float:
    """How many times faster the whole is when a `share` (0..1) of its time is `faster` times
    quicker; infinite where all of it vanishes. G. M. Amdahl, AFIPS 30 (1967)."""
    rest = 1 - share + share / faster
    return 1 / rest if rest > 0 else math.inf
