"""What to say of a system that has no bottleneck, only a capacity; and the rule that tells them
apart.

Every system, driven to its knee, uses something up. That alone is no finding:

    capacity      the service's own CPU is used up at the knee, the work is spread over many
                  functions, waits and errors stay as they were: more load needs more machine
    bottleneck    something stands in the way that a change would remove: a soft limit with
                  hardware left over, one function, statement, lock or file that takes most, a
                  quota, somebody else's work on the same CPU, a limit reached under a load that
                  was asked for (a run with a load of its own that breaks an SLO, rather than a
                  search that goes on until something breaks)

So `used_up_by_design` is what a detector of saturation asks first; it holds for a search that ended
at a resource which the system itself uses. `next_limit` is the sentence for people.
"""

from __future__ import annotations

import math

from perfwright.analyze.demands import Demand, demands
from perfwright.analyze.off_cpu import profile_of, profiled, standing
from perfwright.analyze.plateau import is_softly_limited
from perfwright.analyze.predict import said_rate
from perfwright.analyze.roles import is_store
from perfwright.analyze.view import View
from perfwright.model.units import format_count, format_number

_USED_UP = 0.85
_ANOTHERS = 0.25


def used_up(view: View) -> tuple[Demand, ...]:
    """Resources at their limit in some stage, that follow the load; the tightest first."""
    return tuple(demand for demand in demands(view) if demand.peak_ratio >= _USED_UP)


def used_up_by_design(view: View) -> bool:
    """Whether a search for the knee ended at a resource that the load itself uses up, with less
    than a quarter of it taken by somebody else."""
    if view.knee is None:
        return False
    full = used_up(view)
    return bool(full) and full[0].idle <= _ANOTHERS * full[0].resource.servers


def next_limit(view: View) -> str:
    """`No bottleneck below 380/s; the next limit would be …`, in one or two sentences; of a limit
    that is none of the hardware's, where the services' threads stand."""
    held = _held_per_s(view)
    below = f"No bottleneck below {format_count(held)} requests/s"
    found = [one for one in demands(view) if math.isfinite(one.bound_per_s.value)]
    if not found:
        return f"{below}; nothing was watched that would tell the next limit."
    if is_softly_limited(view):
        return f"{below}; above it requests queue while the hardware has room.{_standing(view)}"
    first = found[0]
    asked_ms = first.per_request_s.value * 1e3
    limit = (
        f"{below}; the next limit would be {first.resource.name}, {first.peak_ratio:.0%} used at"
        f" the most, at about {said_rate(first.bound_per_s)}: a request takes {asked_ms:.3g} ms of"
        " it."
    )
    if len(found) == 1:
        return limit
    second = found[1]
    return f"{limit} After it {second.resource.name} at {said_rate(second.bound_per_s)}."


def _held_per_s(view: View) -> float:
    return view.knee.throughput_per_s if view.knee else view.at_knee.throughput_per_s


def _standing(view: View) -> str:
    """Where most of the services' threads wait at the knee, for people to look at."""
    places = [
        (one.load, subject, one.frame.name)
        for subject in profiled(view)
        if not is_store(view, subject)
        for one in standing(profile_of(view, subject))
    ]
    if not places:
        return " What limits it was not seen: nothing that was watched shows where requests wait."
    load, subject, name = max(places)
    return (
        f" What limits it was not seen; look first at {name} in {subject}, where"
        f" {format_number(load)} threads wait at the knee."
    )
