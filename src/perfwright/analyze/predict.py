"""What removing a bottleneck is worth: throughput by the demand law, response time by queueing.

    a Change ─► demands after it ─► the tightest bound left ─► throughput
                       └──────────► queues at the knee's load ─► response time p95

Throughput. If a hard resource limited the system (it completed at least `HARD` of that bound), the
new limit is the tightest bound left, reached as far as the old one was. If nothing hard was used
up, something soft limited it (a pool, a lock, a blocked loop): lifting that leaves the tightest
hard bound, of which `REACH` is taken to be reached; merely shortening what is held under a soft
limit raises it in proportion (Little: N = X·R, N fixed), where requests queue for it; what is held
is the unloaded response, or what of the holder's time was seen. Where none
did, an objective ended the search: what is quicker when idle comes that much nearer to its bound.
On a host that others keep busy, the limit is the service's share of it, and a request that gets
cheaper raises it in proportion. Where no hard resource was seen, the same concurrency at the
unloaded response time is the estimate.

Response time, at the knee's load. Unloaded time (mean of the lightest load, less what is removed)
plus the wait at the hard resources left by `mva.open_network` or `closed_network`; the model is
scaled to what was measured where it holds. p95 keeps the tail of the lightest load, at worst that
of the knee.

CPU taken from a component is taken from its host, too: on one machine the load generator, the
service and the database share cores. Intervals are 90% of the parts, taken end by end.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from perfwright.analyze.demands import Demand, demand_of, demands
from perfwright.analyze.interval import NOTHING, Interval, exactly
from perfwright.analyze.plateau import queues
from perfwright.analyze.residence import response_mean_s
from perfwright.analyze.resources import CPU, HOST, process_of
from perfwright.analyze.view import View
from perfwright.model.finding import Impact, Predicted
from perfwright.model.units import format_count

GENERATOR = "the load generator"
HARD = 0.7
REACH = 0.9
_REACH_LOW, _REACH_HIGH = 0.75, 1.0
_WORTH_TELLING = 0.03
_FULL, _OTHERS = 0.9, 0.4
_HIGH_AT_MOST = 3.0
"""Where nearly all of a demand goes, little or nothing is left, and its bound may be anything."""
_LEAST_BASE = 0.05
_ERRORS = 0.001
_MS = 1e3


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a fix changes, per request of the system.

    `cpu_s`: busy seconds that go, by component; `wait_s`: seconds besides that an unloaded request
    waits, and will not; `held`: the part (0..1) that goes of the time for which a request holds
    what limits softly (a loop, a worker), where that was seen; `cores`: what a component may use
    then; `devices`: the part (0..1) of a disk's or an interface's work that goes; `lifts`: a soft
    limit goes, so that nothing but hard resources bounds the throughput."""

    cpu_s: Mapping[str, Interval] = field(default_factory=dict)
    wait_s: Interval = NOTHING
    held: Interval = NOTHING
    cores: Mapping[str, float] = field(default_factory=dict)
    devices: Mapping[str, float] = field(default_factory=dict)
    lifts: bool = False

    @property
    def shorter_s(self) -> Interval:
        """How much sooner an unloaded request is done."""
        return functools.reduce(Interval.plus, self.cpu_s.values(), self.wait_s)

    def cpu_of(self, subject: str) -> Interval:
        """What of a subject's CPU goes: the host's is everybody's."""
        if subject == HOST:
            return functools.reduce(Interval.plus, self.cpu_s.values(), NOTHING)
        return self.cpu_s.get(subject, NOTHING)


def without_cpu(view: View, component: str, part: Interval, because: str) -> Impact:
    """`part` (0..1) of the CPU that a request costs in a component goes. Where that component's
    CPU was not seen, nothing is predicted."""
    cpu_s = cpu_part(view, component, part)
    return impact(view, Change(cpu_s=cpu_s), because) if cpu_s else Impact(method=because)


def without_wait(view: View, wait_s: Interval, because: str) -> Impact:
    """Each request waits so much less, at any load (Amdahl); a limit stays where it is."""
    return impact(view, Change(wait_s=wait_s), because)


def with_limit_lifted(view: View, because: str, wait_s: Interval = NOTHING) -> Impact:
    """A soft limit goes (pool, lock, threads, blocked loop), and `wait_s` of a light load's wait
    with it."""
    return impact(view, Change(wait_s=wait_s, lifts=True), because)


def with_cores(view: View, component: str, cores: float, because: str) -> Impact:
    """A component may use so many cores."""
    return impact(view, Change(cores={process_of(view, component): cores}), because)


def cpu_part(view: View, component: str, part: Interval) -> dict[str, Interval]:
    """`part` (0..1) of a component's CPU per request, as `Change` takes it; empty where it was not
    seen."""
    subject = process_of(view, component)
    demand = demand_of(demands(view), subject)
    return {subject: demand.per_request_s.times(part)} if demand else {}


def generator_cpu_s(view: View) -> float:
    """What a request costs the load generator at the knee, at least: its busiest worker's CPU is
    all that is known."""
    stage = view.at_knee
    return stage.generator_ratio / stage.throughput_per_s if stage.throughput_per_s > 0 else 0.0


def impact(view: View, change: Change, because: str) -> Impact:
    """What a change is worth; `because` is the sentence that says by which law, to which the next
    bound is added."""
    before = demands(view)
    after = tuple(_changed(demand, change) for demand in before)
    bound = tightest(after)
    throughput = _throughput(view, change, before, after)
    response = _response(view, change, before, after)
    limit = ""
    if throughput and bound and math.isfinite(bound.bound_per_s.value):
        limit = f" The next bound is {bound.resource.name} at {said_rate(bound.bound_per_s)}."
    return Impact(response_ms_p95=response, throughput_per_s=throughput, method=because + limit)


def most_completed(view: View) -> float:
    """Requests/s that the system completed at most."""
    return view.busiest.throughput_per_s


def tightest(found: Sequence[Demand]) -> Demand | None:
    """The resource that is used up first; None where none is known."""
    return min(found, key=lambda one: one.bound_per_s.value, default=None)


def limited_by_hardware(view: View) -> bool:
    """Whether the system completed about what its tightest hard bound allows."""
    bound = tightest(demands(view))
    return bound is not None and most_completed(view) >= HARD * bound.bound_per_s.value


def said_rate(rate: Interval) -> str:
    """`412/s (380–450)`, or `412/s (380 or more)`."""
    if not math.isfinite(rate.high):
        return f"{format_count(rate.value)}/s ({rate.low:.0f} or more)"
    return f"{format_count(rate.value)}/s ({rate.low:.0f}–{rate.high:.0f})"


def _changed(demand: Demand, change: Change) -> Demand:
    resource = demand.resource
    if resource.kind != CPU:
        left = 1 - change.devices.get(resource.label, 0.0)
        return dataclasses.replace(demand, per_request_s=demand.per_request_s.scaled(left))
    cores = change.cores.get(resource.subject, resource.servers)
    return dataclasses.replace(
        demand,
        resource=dataclasses.replace(resource, servers=cores),
        per_request_s=demand.per_request_s.less(change.cpu_of(resource.subject)),
    )


def _throughput(
    view: View, change: Change, before: Sequence[Demand], after: Sequence[Demand]
) -> Predicted | None:
    now = most_completed(view)
    reachable = _reachable(view, change, now, before, after)
    predicted = Predicted(
        now=now,
        predicted=max(reachable.value, now),
        low=max(reachable.low, now),
        high=max(min(reachable.high, _HIGH_AT_MOST * reachable.value), now),
    )
    tells = math.isfinite(predicted.high) and predicted.gain > 1 + _WORTH_TELLING
    return predicted if now > 0 and tells else None


def _reachable(
    view: View, change: Change, now: float, before: Sequence[Demand], after: Sequence[Demand]
) -> Interval:
    """Requests/s after the change."""
    shorter = _shortened(view.low.response_mean_s, change.shorter_s)
    first, left = tightest(before), tightest(after)
    if first is None or left is None:
        return (_unqueued(view, shorter) if change.lifts else shorter).scaled(now)
    bound, used = left.bound_per_s, now / first.bound_per_s.value
    searched = view.knee is not None and view.knee.reached
    if used >= HARD or not (searched or change.lifts):
        return bound.scaled(min(used, 1.0))
    if not queues(view) and not change.lifts:
        return _sooner_slow(view, bound, used, shorter)
    if change.lifts:
        return Interval(
            value=bound.value * REACH, low=bound.low * _REACH_LOW, high=bound.high * _REACH_HIGH
        )
    if (cheaper := _cheaper_where_starved(before, after)) is not None:
        return cheaper.scaled(now).at_most(bound.value * REACH)
    freer = _shortened(1.0, change.held) if change.held.value > 0 else shorter
    return freer.scaled(now).at_most(bound.value * REACH)


def _sooner_slow(view: View, bound: Interval, used: float, shorter: Interval) -> Interval:
    """Where the search ended at an objective, before anything queued: what is quicker when idle
    comes as much nearer to its bound before it is as slow. Errors stay where they are."""
    if max(stage.error_ratio for stage in view.stages) >= _ERRORS:
        return bound.scaled(used)
    return Interval(
        value=bound.value * min(used * shorter.value, REACH),
        low=bound.low * min(used * shorter.low, _REACH_LOW),
        high=bound.high * min(used * shorter.high, _REACH_HIGH),
    )


def _cheaper_where_starved(before: Sequence[Demand], after: Sequence[Demand]) -> Interval | None:
    """On a host that others keep busy, a service completes what its share of the CPU is enough for:
    as many times more as a request gets cheaper. None where nobody else is that busy."""
    was, then = demand_of(before, HOST), demand_of(after, HOST)
    if was is None or then is None or was.peak_ratio < _FULL:
        return None
    if was.idle < _OTHERS * was.resource.servers:
        return None
    cost, left = was.per_request_s.value, then.per_request_s
    return Interval(
        value=_ratio(cost, cost - left.value),
        low=_ratio(cost, cost - min(left.high, cost)),
        high=_ratio(cost, cost - left.low),
    )


def _shortened(base_s: float, removed_s: Interval) -> Interval:
    """How many times as often something is held that is held for so much less."""
    return Interval(
        value=_ratio(base_s, removed_s.value),
        low=_ratio(base_s, removed_s.low),
        high=_ratio(base_s, removed_s.high),
    )


def _ratio(base_s: float, removed_s: float) -> float:
    return base_s / max(base_s - removed_s, _LEAST_BASE * base_s) if base_s > 0 else 1.0


def _unqueued(view: View, shorter: Interval) -> Interval:
    """The same concurrency without its queue."""
    stretched = view.under_stress.response_mean_s / max(view.low.response_mean_s, 1e-9)
    stretched = max(stretched, 1.0)
    return Interval(
        value=stretched * shorter.value,
        low=max(1.0, 0.5 * stretched) * shorter.low,
        high=2 * stretched * shorter.high,
    )


def _response(
    view: View, change: Change, before: Sequence[Demand], after: Sequence[Demand]
) -> Predicted | None:
    """p95 at the knee's load, in ms."""
    stage, low = view.at_knee, view.low
    now = stage.response_p95_s
    if now <= 0 or low.response_mean_s <= 0:
        return None
    base = exactly(low.response_mean_s).less(change.shorter_s)
    least = _LEAST_BASE * low.response_mean_s
    was = response_mean_s(before, stage, low.response_mean_s)
    holds = limited_by_hardware(view) and not change.lifts
    scale = min(max(stage.response_mean_s / was, 1.0), 3.0) if holds and was > 0 else 1.0
    tail = low.response_p95_s / low.response_mean_s
    worst_tail = max(tail, now / stage.response_mean_s if stage.response_mean_s > 0 else tail)
    mean = Interval(
        value=response_mean_s(after, stage, max(base.value, least)) * math.sqrt(scale),
        low=response_mean_s(after, stage, max(base.low, least)),
        high=response_mean_s(after, stage, max(base.high, least)) * scale,
    )
    value = min(mean.value * tail, now)
    predicted = Predicted(
        now=now * _MS,
        predicted=value * _MS,
        low=min(mean.low * min(tail, worst_tail), value) * _MS,
        high=min(max(mean.high * worst_tail, value), now) * _MS,
    )
    return predicted if predicted.gain < 1 - _WORTH_TELLING else None
