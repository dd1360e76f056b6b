"""An access log as a workload and a drafted test: what the log counts meets what judges the counts.

    totals, targets, agents, visitors ─► endpoints, bots ─► assign, leave out
    gaps ─► timeout ─► visits, bins ─► patterns, arrivals ─► Workload ─► ScenarioDraft

Fails with DataError where a log holds no request that a test could make.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from perfwright.analyze.planning.visits import requests_a_walk
from perfwright.analyze.workload.arrivals import arrivals_of, bin_length_s
from perfwright.analyze.workload.bots import Bots, find_bots
from perfwright.analyze.workload.call_slots import CallSlot
from perfwright.analyze.workload.draft_calls import MAX_ROWS, Calls, draft_calls
from perfwright.analyze.workload.draft_load import LoadOptions, draft_load
from perfwright.analyze.workload.draft_slos import propose_slos
from perfwright.analyze.workload.draft_walks import draft_walks
from perfwright.analyze.workload.endpoints import endpoints_of
from perfwright.analyze.workload.left_out import left_out_of
from perfwright.analyze.workload.links import Found, find_links, with_reuse
from perfwright.analyze.workload.original import trace_of
from perfwright.analyze.workload.patterns import patterns_of
from perfwright.analyze.workload.sessions import SessionArrays, sessions_of
from perfwright.analyze.workload.sorting import (
    CRAWLER,
    HEALTH,
    MONITOR,
    STATIC,
    EndpointForm,
    Sorter,
    mostly_static,
    sorter_of,
)
from perfwright.analyze.workload.timeout import Timeout, choose_timeout
from perfwright.analyze.workload.window import Window, bins_within, window_of
from perfwright.model.errors import DataError
from perfwright.model.journey import ScenarioDraft, Walk
from perfwright.model.traffic import EndpointUse, ParameterUse, PathUse, Totals, Visits
from perfwright.model.units import format_duration, format_number
from perfwright.model.workload import Arrivals, Endpoint, Sessions, Trace, Workload
from perfwright.sources.access_logs import AccessLog
from perfwright.workflow.plan_log_notes import rate_notes, reading_notes, unwalked_notes

_MAX_LENGTHS = 200
_NEARLY_ALL = 0.99
_LEAST_WALKED = 0.5
"""Walks below this share of the log's requests are not its sessions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOptions:
    """What people decide. `session_timeout_s`: None has it chosen from the gaps. `title`, `target`:
    of the draft."""

    keep_static: bool = False
    keep_bots: bool = False
    session_timeout_s: float | None = None
    seed: int = 1
    load: LoadOptions = field(default_factory=LoadOptions)
    title: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLog:
    """`trace`: the sessions that the model was made from, for its comparison with a simulated
    run."""

    draft: ScenarioDraft
    workload: Workload
    trace: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What requests are: their endpoints, most requested first in `use`; whose don't count."""

    sorter: Sorter
    use: EndpointUse
    bots: Bots | None
    notes: tuple[str, ...]

    @property
    def forms(self) -> list[EndpointForm]:
        """In the order of `use`."""
        return [self.sorter.endpoints[number] for number in self.use.endpoint.tolist()]


def plan_log(log: AccessLog, options: LogOptions | None = None) -> PlannedLog:
    """Everything that the log tells; see `PlannedLog`."""
    facts, options = log.facts, options or LogOptions()
    totals = log.totals()
    if totals.requests == 0:
        raise DataError(f"{', '.join(facts.files[:3])}: the log holds no HTTP request")
    judged = _judged(log, totals, options)
    if judged.use.endpoint.size == 0:
        raise DataError(
            f"{', '.join(facts.files[:3])}: nothing is left of {totals.requests:,} requests after "
            "bots, health checks and failures; keep them with --keep-bots and --keep-static"
        )
    targets, endpoints = _endpoints(log, judged)
    timeout = _timeout(log, options)
    visits = log.visits(timeout.seconds)
    if visits.time_us.size == 0:
        raise DataError(
            f"{', '.join(facts.files[:3])}: so few visitors made so many requests that no sample of"
            " them could be taken; let the server log a session's id, or the client's address"
            " behind the proxy (X-Forwarded-For)"
        )
    window = window_of(visits, totals.begin_us, totals.end_us)
    arrays = sessions_of(
        visits, judged.use.endpoint, window.begin_us, window.end_us, timeout.seconds
    )
    sessions = _sessions(arrays, visits, judged, timeout, totals.told_by, options)
    walks = draft_walks(sessions.patterns)
    walked = {edge.to for walk in walks for edge in walk.edges}
    calls = draft_calls([one for one in endpoints if one.name in walked], judged.sorter, targets)
    links = _links(log, calls.slots, timeout)
    arrivals, arrival_notes = _arrivals(log, visits, window, timeout, requests_a_walk(walks))
    workload = Workload(
        facts=facts,
        endpoints=endpoints,
        sessions=sessions,
        arrivals=arrivals,
        left_out=left_out_of(log.left_out(), judged.bots, judged.sorter.rare, totals.requests),
        links=tuple(found.link for found in links),
        notes=(*judged.notes, *arrival_notes, *reading_notes(arrays, visits, window)),
    )
    draft = _draft(workload, walks, calls, links, options)
    trace = trace_of(visits, arrays, judged.forms, log.target_names)
    return PlannedLog(draft=draft, workload=workload, trace=trace)


def _judged(log: AccessLog, totals: Totals, options: LogOptions) -> _Judged:
    """Gives each request its endpoint, and leaves bots out unless they are all there is."""
    notes: list[str] = []
    sorter = _sorter(log, options, notes)
    log.assign(sorter.codes)
    bots = None if options.keep_bots else find_bots(log.agents(), log.visitors())
    if bots is not None and bots.requests >= _NEARLY_ALL * totals.requests:
        notes.append("next to all visitors look like bots, so they are kept")
        bots = None
    if bots is not None:
        for code, found in ((CRAWLER, bots.crawlers), (MONITOR, bots.monitors)):
            log.leave_out(code, agents=found.agents, visitors=found.visitors)
    return _Judged(sorter=sorter, use=log.endpoints(), bots=bots, notes=tuple(notes))


def _sorter(log: AccessLog, options: LogOptions, notes: list[str]) -> Sorter:
    targets = log.targets()
    keep = {HEALTH} if options.keep_bots else set()
    if options.keep_static:
        keep.add(STATIC)
    elif mostly_static(targets):
        keep.add(STATIC)
        notes.append("next to everything in the log is static files, so they are kept")
    if targets.distinct > len(targets.path):
        notes.append(
            f"templates were learnt from {len(targets.path):,} of {targets.distinct:,} different "
            "paths: the most requested, and a sample of the others"
        )
    return sorter_of(targets, keep)


def _endpoints(log: AccessLog, judged: _Judged) -> tuple[dict[str, PathUse], tuple[Endpoint, ...]]:
    """By the endpoint's name its distinct targets, with their queries; and the endpoints."""
    targets: dict[str, PathUse] = {}
    paths: dict[int, PathUse] = {}
    parameters: dict[int, Sequence[ParameterUse]] = {}
    use = judged.use
    for number, queries in zip(use.endpoint.tolist(), use.queries.tolist(), strict=True):
        paths[number] = log.paths_of(number, MAX_ROWS)
        parameters[number] = log.parameters(number) if queries else ()
        targets[judged.sorter.endpoints[number].name] = (
            log.paths_of(number, MAX_ROWS, query=True) if queries else paths[number]
        )
    return targets, endpoints_of(judged.sorter, use, paths, parameters)


def _timeout(log: AccessLog, options: LogOptions) -> Timeout:
    if options.session_timeout_s is not None:
        seconds = options.session_timeout_s
        return Timeout(seconds, f"{format_duration(seconds)}, as asked")
    return choose_timeout(log.gaps())


def _sessions(
    arrays: SessionArrays,
    visits: Visits,
    judged: _Judged,
    timeout: Timeout,
    told_by: str,
    options: LogOptions,
) -> Sessions:
    rng = np.random.default_rng(options.seed)
    patterns, why = patterns_of(arrays, judged.forms, rng)
    lengths = np.stack(np.unique(arrays.length, return_counts=True), axis=1)[:_MAX_LENGTHS]
    return Sessions(
        sessions=visits.sessions,
        told_by=told_by,
        timeout_s=timeout.seconds,
        timeout_why=timeout.why,
        length_mean=float(arrays.length.mean()),
        lengths=tuple((int(length), int(count)) for length, count in lengths),
        patterns=patterns,
        mixture_why=why,
    )


def _links(log: AccessLog, slots: Sequence[CallSlot], timeout: Timeout) -> tuple[Found, ...]:
    if not slots:
        return ()
    return find_links(log.value_uses([slot.place for slot in slots], timeout.seconds), slots)


def _arrivals(
    log: AccessLog, visits: Visits, window: Window, timeout: Timeout, walked: float
) -> tuple[Arrivals, list[str]]:
    """`walked`: requests of a walk. Where walks at the log's rate of sessions would make far fewer
    requests than the log has (one address stands for everybody: a proxy's, a load generator's), a
    session is as many requests as a walk makes, so that the test has the log's requests/s."""
    bin_s = bin_length_s(window.begin_us, window.end_us)
    bins = (
        bins_within(visits, window, bin_s)
        if window.outside
        else log.per_bin(bin_s, timeout.seconds)
    )
    told = arrivals_of(bins, bin_s, window.begin_us, window.end_us)
    if told.sessions_per_s * walked >= _LEAST_WALKED * told.requests_per_s:
        return told, []
    cut = replace(bins, sessions=bins.requests / walked)
    arrivals = arrivals_of(cut, bin_s, window.begin_us, window.end_us)
    kept = replace(arrivals, dispersion=told.dispersion, dispersion_bin_s=told.dispersion_bin_s)
    note = (
        f"sessions are of {format_number(told.requests_per_s / told.sessions_per_s)} requests"
        if told.sessions_per_s
        else "no session begins within the log"
    )
    return kept, [
        f"{note}: next to everybody seems to be one visitor. The test has the log's requests/s, in "
        f"sessions of about {format_number(walked)}; to tell visitors apart, let the server log a "
        "session's id, or the client's address behind the proxy (X-Forwarded-For)"
    ]


def _draft(
    workload: Workload,
    walks: Sequence[Walk],
    calls: Calls,
    links: Sequence[Found],
    options: LogOptions,
) -> ScenarioDraft:
    expected = {call.name: call.statuses for call in calls.steps}
    walked = [endpoint for endpoint in workload.endpoints if endpoint.name in expected]
    load = draft_load(workload.arrivals, options.load)
    return ScenarioDraft(
        title=options.title or _title(workload),
        sources=workload.facts.files,
        target=options.target,
        walks=tuple(walks),
        steps=with_reuse(calls.steps, links),
        variables=tuple(calls.variables),
        data=tuple(calls.data),
        load=load,
        slos=propose_slos(walked, expected),
        notes=(
            *workload.notes,
            *unwalked_notes(workload.endpoints, expected),
            *rate_notes(load),
            *calls.notes,
        ),
    )


def _title(workload: Workload) -> str:
    requests = sum(endpoint.requests for endpoint in workload.endpoints)
    names = [Path(name).name for name in workload.facts.files]
    shown = ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
    return f"The workload of {shown}: {requests:,} requests"
