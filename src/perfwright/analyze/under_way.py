"""Statements that a service was seen to have under way (stacks of mode `sql`), for databases that
count none themselves: SQLite lives in its user's process.

    load   in how many of the looks it was under way: by Little's law the calls at a time, X·R
    part   of the service's CPU that goes into it: its load over the cores that the service used

How often it is called is not known, only how long all its calls took together. `asker`: the
application's line that sends it, `list (orders.py:60)`, the one before its door to the database.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from perfwright.analyze.frames import frames_of
from perfwright.analyze.interval import Interval
from perfwright.analyze.stacks import load_of, select
from perfwright.analyze.statements import one_line
from perfwright.analyze.telling import percent
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence
from perfwright.model.watched import StackCount, StatementPlan

MODE = "sql"
_LEAF = re.compile(r"(?P<text>.*) \(sql/(?P<mark>[0-9a-f]+)(?P<loop>/loop)?\)", re.DOTALL)
_LEAST_CORES = 0.1
_FEW_LOOKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """One statement of one service; `looped`: sent from a loop; `looks`: how often it was seen."""

    component: str
    text: str
    load: float
    part: Interval
    looped: bool
    asker: str
    looks: int
    plan: StatementPlan | None

    @property
    def told(self) -> str:
        return one_line(self.text)


def under_way(view: View) -> tuple[UnderWay, ...]:
    """Those seen more than by chance, the one that takes most first."""
    groups: dict[tuple[str, str], list[StackCount]] = {}
    for stack in select(view.watched.stacks, mode=MODE):
        if leaf := _LEAF.fullmatch(stack.stack.rpartition(";")[2]):
            groups.setdefault((stack.subject, leaf["mark"]), []).append(stack)
    found = [
        _under_way(view, subject, mark, stacks)
        for (subject, mark), stacks in groups.items()
        if sum(stack.count for stack in stacks) >= _FEW_LOOKS
    ]
    return tuple(sorted(found, key=lambda one: -one.load))


def looks_evidence(one: UnderWay) -> tuple[Evidence, ...]:
    """How much of the service it is, and where it is sent from."""
    source = f"{one.component}: statements under way"
    told = [
        Evidence(what="of the service's CPU", value=percent(one.part.value), source=source),
        Evidence(what="the statement", value=one.told, source=source),
        Evidence(
            what="sent from a loop at" if one.looped else "sent from",
            value=one.asker,
            source=source,
        ),
    ]
    if one.plan:
        plan = " · ".join(line.strip() for line in one.plan.plan.splitlines())
        told.append(Evidence(what="its plan", value=plan[:200], source="EXPLAIN QUERY PLAN"))
    return tuple(told)


def _under_way(view: View, subject: str, mark: str, stacks: Sequence[StackCount]) -> UnderWay:
    load = sum(load_of(stack) for stack in stacks)
    looks = sum(stack.count for stack in stacks)
    leaves = [_LEAF.fullmatch(stack.stack.rpartition(";")[2]) for stack in stacks]
    looped = sum(
        stack.count for stack, leaf in zip(stacks, leaves, strict=True) if leaf and leaf["loop"]
    )
    askers = Counter({_asker(stack.stack): stack.count for stack in stacks})
    plans = [plan for plan in view.watched.plans if plan.fingerprint == mark]
    return UnderWay(
        component=subject,
        text=next(leaf["text"] for leaf in leaves if leaf),
        load=load,
        part=_part(view, subject, load, looks),
        looped=looped > looks / 2,
        asker=askers.most_common(1)[0][0],
        looks=looks,
        plan=plans[-1] if plans else None,
    )


def _part(view: View, subject: str, load: float, looks: int) -> Interval:
    """By the count of looks (Poisson), 90%."""
    cores = view.mean(metrics.PROCESS_CPU, subject, stage=view.at_knee) or 1.0
    value = min(load / max(cores, _LEAST_CORES), 0.98)
    error = 1.645 / looks**0.5
    return Interval(
        value=value, low=value * max(1 - error, 0.3), high=min(value * (1 + error), 0.99)
    )


def _asker(stack: str) -> str:
    frames = [frame for frame in frames_of(stack.rpartition(";")[0]) if frame.is_own]
    if not frames:
        return ""
    door = frames[-1].file
    before = [frame for frame in frames if frame.file != door]
    return (before or frames)[-1].name
