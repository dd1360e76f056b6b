"""Soft limits: throughput stands still while hardware has room and requests queue.

    X │      ┌───────────        the load goes on rising, throughput does not: N = X·R, so each
      │    ╱                     request takes longer, in a queue that no hardware keeps
      │  ╱
      └────────────────► offered

Judged under stress (the lightest load that was not held), against the last that was: throughput
grew less than half as much as the load, or response time at least doubled over the lightest load's.
"""

from __future__ import annotations

from perfwright.analyze.demands import Demand, demands
from perfwright.analyze.view import View

_ROOM = 0.8
_CLIMBED = 2.0
_MOSTLY = 0.5


def hardware_peak(view: View) -> float:
    """The highest utilization of a resource by the load itself; 0 where none was seen."""
    return max((used_by_load(view, demand) for demand in demands(view)), default=0.0)


def used_by_load(view: View, demand: Demand) -> float:
    """A resource's highest utilization. What others do with it counts only beside a real part of
    the load's."""
    own = demand.per_request_s.value * view.busiest.throughput_per_s / demand.resource.servers
    return demand.peak_ratio if own >= _MOSTLY * demand.peak_ratio else own


def hardware_has_room(view: View) -> bool:
    """Whether every resource seen stayed below four fifths, at every stage."""
    return hardware_peak(view) < _ROOM


def queues(view: View) -> bool:
    """Whether requests wait for something that they did not wait for at light load."""
    low, high = view.low, view.under_stress
    if not view.compares or low.response_mean_s <= 0:
        return False
    return high.response_mean_s >= _CLIMBED * low.response_mean_s


def is_softly_limited(view: View) -> bool:
    """A queue, with room left on all hardware that was seen."""
    return queues(view) and hardware_has_room(view)
