"""How much of a response passes at a service behind the one that was asked, however it is seen.

    traced     client spans on the critical path                                    surest
    measured   the program's own metrics of its calls (`client_calls.py`)           Little: N / X
    profiled   worker threads that stand in an HTTP or RPC client's call            Little: N / X
    counted    connections to the peer, as many as the unexplained time needs       Little: U · X

*Unexplained* is the time of a light-load response that neither CPU nor databases account for.
Where it is most of the response and a peer holds enough connections for it, the time is spent
there: nothing else that keeps connections to it in step with the load would. Seconds per request of
the whole system, at light load and at the knee. Databases and caches with probes of their own are
left to their detectors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from perfwright.analyze.client_calls import CallCounter, call_counters
from perfwright.analyze.demands import demands
from perfwright.analyze.laws import holding_s, visits
from perfwright.analyze.off_cpu import awake, loop_only, profile_of, profiled_stage, standing
from perfwright.analyze.resources import CPU, HOST
from perfwright.analyze.roles import front, is_proxy, is_store, peers_of, processes
from perfwright.analyze.telling import both, number, percent, seconds
from perfwright.analyze.telling import seen as series_seen
from perfwright.analyze.trace_shares import dependencies
from perfwright.analyze.traces import Trace, traces_of
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence
from perfwright.model.stage import KNEE, LOW, Stage
from perfwright.model.units import NS_PER_S

_CLIENTS = re.compile(
    r"\((http/client|urllib3/|requests/|httpx/|httpcore/|aiohttp/(client|connector)|grpc/"
    r"|urllib/request|botocore/|zeep/|thrift/)|net/http\.\(\*(Client|Transport)"
    r"|okhttp|HttpClient|HttpURLConnection|RestTemplate|node:_?http_?(client)?"
)
_DATABASES = re.compile(r"\((elasticsearch|opensearchpy|clickhouse_connect|influxdb)/")
_ENOUGH_CONNECTIONS = 0.5
_SPANS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Downstream:
    """`caller` calls `to`; `low_s`, `knee_s` of a response pass there; `calls` per request where it
    is known; `sure` 0..1."""

    caller: str
    to: str
    low_s: float
    knee_s: float
    calls: float | None
    sure: float
    told: tuple[Evidence, ...]


def downstreams(view: View) -> tuple[Downstream, ...]:
    """The one with the most time first; by the surest way that says anything."""
    found = _traced(view) or _measured(view) or _profiled(view) or _counted(view)
    return tuple(sorted(found, key=lambda one: -one.knee_s))


def calls_service(stack: str) -> bool:
    """Whether a thread waits in an HTTP or RPC client (that is not only a database's wire)."""
    return _CLIENTS.search(stack) is not None and _DATABASES.search(stack) is None


def unexplained_s(view: View, stage: Stage) -> float:
    """Seconds of a mean response that neither CPU nor databases account for, ≥ 0."""
    busy_s = sum(
        one.per_request_s.value
        for one in demands(view)
        if one.resource.kind == CPU and one.resource.subject != HOST
    )
    statements_s = sum(one.total_ns for one in view.statements(stage)) / NS_PER_S
    requests = stage.throughput_per_s * stage.duration_s
    in_store_s = statements_s / requests if requests else 0.0
    return max(stage.response_mean_s - busy_s - in_store_s, 0.0)


def stage_traces(view: View, stage: Stage) -> tuple[Trace, ...]:
    """The traces that began in a stage."""
    return traces_of(
        span for span in view.watched.spans if stage.from_s <= span.second < stage.to_s
    )


def _traced(view: View) -> list[Downstream]:
    at_knee, at_low = stage_traces(view, view.at_knee), stage_traces(view, view.low)
    if len(at_knee) < _SPANS:
        return []
    before = {(one.service, one.to): one for one in dependencies(at_low)} if at_low else {}
    return [
        Downstream(
            caller=one.service,
            to=one.to,
            low_s=before[key].share.path_ratio * view.low.response_mean_s
            if (key := (one.service, one.to)) in before
            else 0.0,
            knee_s=one.share.path_ratio * view.at_knee.response_mean_s,
            calls=one.share.calls_per_trace,
            sure=0.9,
            told=(
                Evidence(
                    what=f"of a traced response spent in calls to {one.to}",
                    value=f"{percent(one.share.path_ratio)}, {number(one.share.calls_per_trace)}"
                    f" calls of {seconds(one.share.mean_ns / NS_PER_S)}",
                    source=f"{len(at_knee)} traces at the knee",
                ),
            ),
        )
        for one in dependencies(at_knee)
        if not one.system
    ]


def _measured(view: View) -> list[Downstream]:
    found = []
    for counter in call_counters(view):
        low, knee = (counter.under_way(view, one) for one in (view.low, view.at_knee))
        calls = counter.calls_per_s(view, view.at_knee)
        if low is None or knee is None or not calls:
            continue
        found.append(
            Downstream(
                caller=front(view) or counter.subject,
                to=counter.peer or "another service",
                low_s=holding_s(low, view.low.throughput_per_s),
                knee_s=holding_s(knee, view.at_knee.throughput_per_s),
                calls=visits(calls, view.at_knee.throughput_per_s),
                sure=0.9,
                told=(
                    Evidence(
                        what=f"of a call to {counter.peer or 'another service'}",
                        value=both(
                            view,
                            _each_s(counter, view, view.low),
                            _each_s(counter, view, view.at_knee),
                            seconds,
                        ),
                        source=f"{counter.subject} {counter.time_metric}",
                    ),
                ),
            )
        )
    return found


def _each_s(counter: CallCounter, view: View, stage: Stage) -> float | None:
    """Seconds that a call takes."""
    calls, under_way = counter.calls_per_s(view, stage), counter.under_way(view, stage)
    return under_way / calls if calls and under_way is not None else None


def _profiled(view: View) -> list[Downstream]:
    found = []
    for subject in processes(view):
        low_s, _ = _in_clients(view, subject, LOW)
        knee_s, place = _in_clients(view, subject, KNEE)
        if knee_s <= 0 or not place:
            continue
        peers = [one for one in peers_of(view, subject) if not is_store(view, one)]
        found.append(
            Downstream(
                caller=subject,
                to=peers[0] if len(peers) == 1 else f"the service called at {place}",
                low_s=low_s,
                knee_s=knee_s,
                calls=None,
                sure=0.8,
                told=(
                    Evidence(
                        what=f"of a request that threads wait for an answer, at {place}",
                        value=both(view, low_s, knee_s, seconds),
                        source=f"wall profiles of {subject}",
                    ),
                ),
            )
        )
    return found


def _in_clients(view: View, subject: str, moment: str) -> tuple[float, str]:
    """Seconds per request that workers stand in clients' calls, and the line most of them do at."""
    stage = profiled_stage(view, moment)
    workers = loop_only(profile_of(view, subject, moment), loop=False)
    places = [one for one in standing(workers) if calls_service(one.stack)]
    load = sum(one.load for one in places)
    if not places or stage.throughput_per_s <= 0:
        return 0.0, ""
    return load / stage.throughput_per_s, places[0].frame.name


def _counted(view: View) -> list[Downstream]:
    low_s, knee_s = unexplained_s(view, view.low), unexplained_s(view, view.at_knee)
    found = []
    for subject in processes(view):
        if _stands_elsewhere(view, subject, knee_s):
            continue
        for peer in peers_of(view, subject):
            if is_store(view, peer) or is_proxy(view, subject):
                continue
            held = view.mean(metrics.CONNECTIONS_TO, subject, peer, stage=view.at_knee)
            needed = knee_s * view.at_knee.throughput_per_s
            if held is None or held < _ENOUGH_CONNECTIONS * needed or held < 1:
                continue
            found.append(
                Downstream(
                    caller=subject,
                    to=peer,
                    low_s=low_s,
                    knee_s=knee_s,
                    calls=None,
                    sure=0.65 if subject == front(view) else 0.5,
                    told=(
                        series_seen(
                            view, f"connections to {peer}", metrics.CONNECTIONS_TO, subject, peer
                        ),
                        Evidence(
                            what="of a response that neither CPU nor databases explain",
                            value=both(view, low_s, knee_s, seconds),
                            source="response time less demands and statements",
                        ),
                    ),
                )
            )
    return found


def _stands_elsewhere(view: View, subject: str, unexplained: float) -> bool:
    """Whether the process's own threads account for the time: they stand still in its code."""
    profile = profile_of(view, subject, KNEE)
    still = sum(one.load for one in standing(profile))
    rate = view.at_knee.throughput_per_s
    return awake(profile.wall) > 0 and rate > 0 and still / rate > 0.4 * unexplained
