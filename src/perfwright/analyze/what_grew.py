"""Why it is slower: what takes more of a request in the candidate than in the base.

    phases      mean time of each, and before sending: response - service - (dns + connect + tls)
    statements  calls a request (V = X_k / X) and time a call
    functions   load ÷ throughput = seconds a request, of its own; sampled, so beyond 3 σ
    spans       time of its own a trace = calls a trace × mean time without what it called

A sentence for each that grew by a twentieth of the mean response time of the base, or more, the
largest growth first. All times in ns. What was not watched in both runs says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from perfwright.analyze.stacks import Stacks, functions, select
from perfwright.analyze.statements import one_line
from perfwright.analyze.summary import PHASES
from perfwright.analyze.trace_shares import operations
from perfwright.analyze.traces import traces_of
from perfwright.model.frame import StepTally, Tally
from perfwright.model.histogram import Histogram
from perfwright.model.units import NS_PER_S, format_duration, format_number
from perfwright.model.watched import Reading

_TOLD = 3
_MATTERS = 0.05
_CHANGED = 1.1
_SIGMAS = 3.0
_SHOWN_MODES = ("cpu", "wall")
_BEFORE_SENDING = ("dns", "connect", "tls")
_WORDS = {
    "queue": "waiting to be sent",
    "dns": "name look-up",
    "connect": "connecting",
    "tls": "TLS handshake",
    "send": "sending",
    "wait": "waiting for the answer's first byte",
    "receive": "receiving the answer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the runs, or the slots of one target: what was counted in the judged `seconds`, which
    are `duration_s` in all. `watched`: all that probes saw."""

    tally: Tally
    watched: Reading
    seconds: frozenset[int]
    duration_s: float

    @property
    def requests(self) -> int:
        return self.tally.requests()

    @property
    def mean_ns(self) -> float:
        """Of a response."""
        return self.tally.measure("response").mean() or 0.0


def phases_grown(name: str, base: StepTally, candidate: StepTally) -> str:
    """`login took 4.2 ms more on average: 4.0 ms of that in waiting for …`; "" where none grew."""
    before, after = _parts(base), _parts(candidate)
    grown = _mean(candidate, "response") - _mean(base, "response")
    if grown <= 0:
        return ""
    growths = {part: after[part] - before.get(part, 0.0) for part in after}
    told = [
        f"{_time(growth)} of that {_WORDS[part]} ({_time(before.get(part, 0.0))} → "
        f"{_time(after[part])})"
        for part, growth in sorted(growths.items(), key=lambda item: -item[1])
        if growth >= 0.1 * grown
    ]
    where = f": {'; '.join(told)}" if told else "; in which phase is not known"
    return f"{name} took {_time(grown)} more on average{where}"


def statements_grown(base: Side, candidate: Side) -> tuple[str, ...]:
    """Statements called more often, or slower."""
    before, after = _statements(base), _statements(candidate)
    if not before or not after:
        return ()
    growths = {
        key: now.ns - (was.ns if (was := before.get(key)) else 0.0) for key, now in after.items()
    }
    return tuple(
        f"{one_line(after[key].text)}: {_statement_change(before.get(key), after[key])}"
        for key in _largest(growths, base)
    )


def functions_grown(base: Side, candidate: Side) -> tuple[str, ...]:
    """Functions with more time of their own a request."""
    for mode in _SHOWN_MODES:
        before = select(base.watched.stacks, mode=mode)
        after = select(candidate.watched.stacks, mode=mode)
        subjects = {stack.subject for stack in before} & {stack.subject for stack in after}
        told = [
            sentence
            for subject in sorted(subjects)
            for sentence in _functions(
                select(before, subject=subject), select(after, subject=subject), base, candidate
            )
        ]
        if subjects:
            return tuple(told)
    return ()


def spans_grown(base: Side, candidate: Side) -> tuple[str, ...]:
    """Operations of traces with more time of their own."""
    before, after = _operations(base), _operations(candidate)
    if not before or not after:
        return ()
    growths = {key: ns - before.get(key, 0.0) for key, ns in after.items()}
    return tuple(
        f"{name} in {service}: {_time(after[service, name])} of its own a traced request, "
        f"not {_time(before.get((service, name), 0.0))}"
        for service, name in _largest(growths, base)
    )


@dataclass(slots=True, kw_only=True)
class _Statement:
    """Of a request of the system: calls, and time of all of them."""

    text: str
    calls: float = 0.0
    ns: float = 0.0


def _parts(step: StepTally) -> dict[str, float]:
    parts = {phase: _mean(step, phase) for phase in PHASES if phase in step.measures}
    if parts:
        before = sum(parts.get(phase, 0.0) for phase in _BEFORE_SENDING)
        parts["queue"] = max(0.0, _mean(step, "response") - _mean(step, "service") - before)
    return parts


def _mean(step: StepTally, measure: str) -> float:
    """A response; of a phase that not every request has, its part of the mean response."""
    responses = step.measures.get("response", Histogram()).count
    return step.measures.get(measure, Histogram()).total / responses if responses else 0.0


def _statements(side: Side) -> dict[tuple[str, str], _Statement]:
    found: dict[tuple[str, str], _Statement] = {}
    requests = max(1, side.requests)
    for tally in side.watched.statements:
        if tally.second in side.seconds:
            key = (tally.subject, tally.fingerprint)
            one = found.setdefault(key, _Statement(text=tally.text))
            one.calls += tally.calls / requests
            one.ns += tally.total_ns / requests
    return {key: one for key, one in found.items() if one.calls > 0}


def _statement_change(before: _Statement | None, after: _Statement) -> str:
    each_ns = after.ns / after.calls
    calls = format_number(after.calls)
    if before is None:
        return f"new, {calls} calls a request of {_time(each_ns)}"
    parts = []
    if after.calls > _CHANGED * before.calls:
        parts.append(f"{calls} calls a request, not {format_number(before.calls)}")
    if each_ns > _CHANGED * before.ns / before.calls:
        parts.append(f"{_time(each_ns)} a call, not {_time(before.ns / before.calls)}")
    return " and ".join(parts) or f"{_time(after.ns)} a request, not {_time(before.ns)}"


def _functions(before: Stacks, after: Stacks, base: Side, candidate: Side) -> list[str]:
    rates = [side.requests / side.duration_s for side in (base, candidate) if side.duration_s]
    if len(rates) < 2 or not all(rates):
        return []
    old = {(one.function, one.file): one.self_load for one in functions(before)}
    new = {(one.function, one.file): one for one in functions(after)}
    growths: dict[tuple[str, str], float] = {}
    for key, one in new.items():
        was = old.get(key, 0.0)
        noise = math.hypot(_sigma(was, before) / rates[0], _sigma(one.self_load, after) / rates[1])
        growth = one.self_load / rates[1] - was / rates[0]
        if growth > _SIGMAS * noise:
            growths[key] = growth * NS_PER_S
    return [
        f"{new[key].name}: {_time(new[key].self_load / rates[1] * NS_PER_S)} of its own a request, "
        f"not {_time(old.get(key, 0.0) / rates[0] * NS_PER_S)}"
        for key in _largest(growths, base)
    ]


def _sigma(load: float, stacks: Stacks) -> float:
    """Of a load that was sampled: √n samples of n."""
    taken = max(stack.rate_per_s * stack.duration_s for stack in stacks)
    return math.sqrt(max(load * taken, 1.0)) / taken if taken > 0 else math.inf


def _operations(side: Side) -> dict[tuple[str, str], float]:
    """Time of its own a trace, by service and name."""
    inside = (span for span in side.watched.spans if span.second in side.seconds)
    found: dict[tuple[str, str], float] = {}
    for one in operations(traces_of(inside)):
        key = (one.service, one.name)
        found[key] = found.get(key, 0.0) + one.share.calls_per_trace * one.share.self_ns
    return found


def _largest(growths: Mapping[tuple[str, str], float], base: Side) -> Iterable[tuple[str, str]]:
    """What grew most, if it matters."""
    floor = _MATTERS * base.mean_ns
    matters = [key for key, growth in growths.items() if growth > floor]
    return sorted(matters, key=lambda key: -growths[key])[:_TOLD]


def _time(value_ns: float) -> str:
    return format_duration(value_ns / NS_PER_S)
