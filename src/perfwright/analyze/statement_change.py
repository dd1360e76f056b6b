"""What it is worth to make a statement cheaper, or to call it less often.

    removed per request     where it counts
    its time × part         the unloaded response time, beside the CPU below
    its share of the        the database's CPU (and its host's), as far as that was watched
      database's time × part
    app_part                the service's CPU, for the calls that are not made
    its time × part         the service's CPU instead, where the database lives in it (SQLite)

The time is the statement's at light load, where no queue is in it; its share of the database's CPU
is taken to be its share of the time.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from perfwright.analyze.demands import demand_of, demands
from perfwright.analyze.interval import NOTHING, Interval
from perfwright.analyze.predict import Change, cpu_part, impact
from perfwright.analyze.statements import Cost, cost_at
from perfwright.analyze.view import View
from perfwright.model.finding import Impact

_INSIDE = "sqlite:"
_MOST = 0.95


def without_statement(
    view: View,
    cost: Cost,
    part: Interval,
    because: str,
    *,
    service: str = "",
    app_part: Interval = NOTHING,
    lifts: bool = False,
) -> Impact:
    """`part` (0..1) of the statement's work goes, and `app_part` of the CPU of `service`."""
    light = cost_at(view, view.low, cost) or cost
    if cost.subject.startswith(_INSIDE):
        return _without_inside(view, light, part, because)
    database = cpu_part(view, cost.subject, part.scaled(cost.share))
    cpu_s = dict(database)
    if service and app_part.value > 0:
        cpu_s |= cpu_part(view, service, app_part)
    waited_s = part.scaled(light.time_s)
    for busy_s in database.values():
        waited_s = waited_s.less(busy_s)
    return impact(view, Change(cpu_s=cpu_s, wait_s=waited_s, lifts=lifts), because)


def _without_inside(view: View, light: Cost, part: Interval, because: str) -> Impact:
    """A database inside the service: the statement's time is the service's CPU."""
    service = service_of(view)
    demand = demand_of(demands(view), service)
    if demand is None:
        return impact(view, Change(wait_s=part.scaled(light.time_s)), because)
    share = min(light.time_s / demand.per_request_s.value, _MOST)
    return impact(view, Change(cpu_s=cpu_part(view, service, part.scaled(share))), because)


def service_of(view: View) -> str:
    """The component that answers the target's port; "" where it was not found."""
    port = urlsplit(view.target).port or 80
    return next((one.subject for one in view.watched.components if one.port == port), "")
