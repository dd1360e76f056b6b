"""db.n_plus_one: a request fetches a list, and then each row of it by a statement of its own.

By traces it is plain (`trace_repeats.py`): one span sends the same statement five times or more,
one after another, and may name the line. By the database's own counts: a quick statement that
returns about one row is called far more often than requests come, and than the others.

Worth: all calls but one go, with their time, the database's CPU for them, and the service's CPU for
talking to it (its profile says how much that is), by the demand law. Fooled by a service that
rightly asks one small thing at every request (a session, a permission: about once or twice a
request, below the threshold), and by a load whose requests are batches.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from perfwright.analyze.driver_code import callers, driver_share, profile_of
from perfwright.analyze.interval import NOTHING, Interval, share
from perfwright.analyze.predict import Change, cpu_part, impact, without_cpu
from perfwright.analyze.statement_change import service_of, without_statement
from perfwright.analyze.statements import Cost, costs, one_line
from perfwright.analyze.telling import number, percent, seconds
from perfwright.analyze.trace_repeats import Repeat, repeats
from perfwright.analyze.traces import traces_of
from perfwright.analyze.under_way import looks_evidence, under_way
from perfwright.analyze.view import View
from perfwright.model.finding import Evidence, Finding, Impact
from perfwright.model.units import NS_PER_S

_OFTEN = 1.5
_VERY_OFTEN = 3.0
_OFTENER = 5.0
_FEW_ROWS = 3.0
_UNSEEN_REPEATS = 10.0
_OF_TRACES = 0.05
_OF_CPU = 0.12
_READS = ("SELECT", "WITH", "GET", "HGETALL", "HGET")
_EXPLAINS = (
    "pool.exhausted", "db.slow_query", "code.hot_function", "cpu.saturated", "errors.under_load",
    "event_loop.blocked", "dependency.slow", "db.connection_limit", "thread_pool.exhausted",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    """The statement as the database counted it, as traces show it, or both."""

    cost: Cost | None
    repeat: Repeat | None
    service: str
    lines: tuple[tuple[str, float], ...]

    @property
    def statement(self) -> str:
        text = self.cost.tally.text if self.cost else self.repeat.statement if self.repeat else ""
        return one_line(text)

    @property
    def times(self) -> float:
        """How often one request sends it, where that is known; else a guess to reckon with."""
        if self.repeat:
            return self.repeat.times
        return max(_UNSEEN_REPEATS, self.cost.calls if self.cost else 0.0)

    @property
    def code(self) -> str:
        """The line that sends it, by spans or by the profile."""
        if self.repeat and self.repeat.code:
            return self.repeat.code
        return self.lines[0][0] if self.lines else ""


def detect(view: View) -> list[Finding]:
    """One finding: the statement that is repeated most, by time."""
    if inside := _under_way(view):
        return inside
    traced = [
        one for one in repeats(traces_of(view.watched.spans)) if one.trace_ratio >= _OF_TRACES
    ]
    cost, repeat = _counted(view, traced)
    if cost is None and repeat is None:
        return []
    service = service_of(view)
    pattern = _Pattern(
        cost=cost, repeat=repeat, service=service, lines=callers(profile_of(view, service))
    )
    return [_finding(view, pattern)]


def _under_way(view: View) -> list[Finding]:
    """Of a database that counts nothing (SQLite): a quick look-up that a loop sends, and that is
    mostly what is under way."""
    one = next(
        (
            one
            for one in under_way(view)
            if one.looped
            and one.part.value >= _OF_CPU
            and one.text.upper().startswith(_READS)
            and (one.plan is None or "SCAN" not in one.plan.plan)
        ),
        None,
    )
    if one is None:
        return []
    talking = driver_share(view, one.component, _UNSEEN_REPEATS) or 0.0
    saved = 1 - 1 / _UNSEEN_REPEATS
    part = Interval(
        value=min(max(one.part.value, talking) * saved, 0.95),
        low=one.part.low * saved,
        high=min(1.5 * max(one.part.high, talking), 0.97),
    )
    return [
        Finding(
            kind="db.n_plus_one",
            subject=f"{one.asker}: {one.told}",
            component=one.component,
            confidence=0.8,
            impact=without_cpu(
                view,
                one.component,
                part,
                f"Demand law: the calls are {percent(one.part.value)} of the service's CPU; one"
                " statement for the whole list takes little of it.",
            ),
            evidence=looks_evidence(one),
            recommendation=(
                f"`{one.told}` is sent from a loop, at {one.asker}. Fetch all rows by one"
                " statement: a JOIN, or WHERE … IN (…) over the ids of the list (an ORM's eager"
                " loading)."
            ),
            explains=_EXPLAINS,
        )
    ]


def _counted(view: View, traced: list[Repeat]) -> tuple[Cost | None, Repeat | None]:
    """The costliest statement that is repeated: as the database and as the traces have it."""
    found = costs(view, view.under_stress)
    for cost in found:
        if cost.verb not in _READS or cost.rows > _FEW_ROWS:
            continue
        repeat = next((one for one in traced if _alike(one.statement, cost.tally.text)), None)
        others = [one.calls for one in found if one is not cost]
        if repeat or _stands_out(cost.calls, others):
            return cost, repeat
    return None, traced[0] if traced else None


def _stands_out(calls: float, others: list[float]) -> bool:
    """Called a few times at every request of the mix, and far more often than the rest."""
    ordinary = statistics.median(others) if others else 0.0
    return calls >= max(_OFTEN, _OFTENER * ordinary) or calls >= max(_VERY_OFTEN, 2 * ordinary)


def _alike(one: str, other: str) -> bool:
    """One statement, spaces and case aside."""
    return "".join(one.lower().split()) == "".join(other.lower().split())


def _finding(view: View, pattern: _Pattern) -> Finding:
    return Finding(
        kind="db.n_plus_one",
        subject=pattern.code if pattern.repeat and pattern.repeat.code else pattern.statement,
        component=pattern.service or (pattern.cost.subject if pattern.cost else ""),
        confidence=0.95 if pattern.repeat else 0.85,
        impact=_impact(view, pattern),
        evidence=_evidence(pattern),
        recommendation=_recommendation(pattern),
        explains=_EXPLAINS,
    )


def _impact(view: View, pattern: _Pattern) -> Impact:
    saved = 1 - 1 / pattern.times
    part = Interval(value=saved, low=0.8 * saved, high=1.0)
    if pattern.cost is None:
        return _traced_impact(view, pattern, part)
    return without_statement(
        view,
        pattern.cost,
        part,
        f"Demand law: {number(pattern.cost.calls)} calls a request, {percent(saved)} of which one"
        " statement for the whole list saves.",
        service=pattern.service,
        app_part=_app_part(view, pattern.cost, pattern.service, saved),
    )


def _traced_impact(view: View, pattern: _Pattern, part: Interval) -> Impact:
    """Where only traces know it: its time on their critical path, in so many of the requests."""
    repeat = pattern.repeat
    assert repeat is not None
    talking = driver_share(view, pattern.service, repeat.times) if pattern.service else None
    cpu_s = cpu_part(view, pattern.service, part.scaled(talking)) if talking is not None else {}
    wait_s = part.scaled(repeat.path_ns / NS_PER_S * repeat.trace_ratio)
    for busy_s in cpu_s.values():
        wait_s = wait_s.less(busy_s)
    return impact(
        view,
        Change(cpu_s=cpu_s, wait_s=wait_s),
        f"Amdahl's law: {seconds(repeat.path_ns / NS_PER_S)} of {repeat.operation} are these"
        " calls, one after another.",
    )


def _app_part(view: View, cost: Cost, service: str, saved: float) -> Interval:
    """The service's CPU for the calls that go: its part of talking to the database."""
    everything = sum(one.calls for one in costs(view, view.under_stress))
    talking = driver_share(view, service, everything) if service else None
    of_calls = saved * cost.calls / everything
    if talking is None:
        return Interval(value=0.5 * of_calls, low=0.0, high=0.9 * of_calls) if service else NOTHING
    return share(talking * of_calls, relative=0.3)


def _evidence(pattern: _Pattern) -> tuple[Evidence, ...]:
    told = []
    if cost := pattern.cost:
        source = f"{cost.subject} statements"
        told += [
            Evidence(what="calls for each request sent", value=number(cost.calls), source=source),
            Evidence(
                what="rows and time a call",
                value=f"{number(cost.rows)}, {seconds(cost.mean_s)}",
                source=source,
            ),
            Evidence(what="of the database's time", value=percent(cost.share), source=source),
        ]
    if repeat := pattern.repeat:
        told.append(
            Evidence(
                what=f"times in one trace of {repeat.operation}",
                value=f"{number(repeat.times)}, in {repeat.traces:,} traces",
                source="spans",
            )
        )
    if pattern.lines:
        line, part = pattern.lines[0]
        told.append(
            Evidence(
                what="CPU samples below the line that asks the database",
                value=f"{percent(part)}: {line}",
                source="profile",
            )
        )
    return tuple(told)


def _recommendation(pattern: _Pattern) -> str:
    if repeat := pattern.repeat:
        times = f"{number(repeat.times)} times a request ({repeat.operation})"
    else:
        assert pattern.cost is not None
        times = f"{number(pattern.cost.calls)} times for each request of the load"
    place = f" It is sent from {pattern.code}." if pattern.code else ""
    return (
        f"`{pattern.statement}` runs {times}.{place} Fetch all rows by one statement: a JOIN, or"
        " WHERE … IN (…) over the ids of the list (an ORM's eager loading)."
    )
