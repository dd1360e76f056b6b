"""Walks of a test from the patterns of a workload.

Edges that next to nobody takes are left out, for a walk is read by people: of what leaves a step,
the most frequent are kept until they are 98%, and none under half a percent (nor the steps that
then nobody reaches). What is left adds up to 1 again. Every step must lead to an end at last; where
the log's window shows none, one is added.
"""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.model.journey import Edge, Walk
from perfwright.model.units import format_duration
from perfwright.model.workload import Pattern, Transition

LEAST_PROBABILITY = 0.005
COVERED = 0.98
_ADDED_END = 0.1


def draft_walks(patterns: Sequence[Pattern]) -> tuple[Walk, ...]:
    return tuple(
        Walk(
            name=pattern.name,
            weight=float(f"{100 * pattern.share:.3g}"),
            edges=_edges(pattern.transitions),
            comment=(
                f"{pattern.share:.0%} of the sessions: {pattern.length_mean:.3g} requests on the "
                f"average, {format_duration(pattern.duration_p50_s)} in the median"
            ),
        )
        for pattern in patterns
    )


def _edges(transitions: Sequence[Transition]) -> tuple[Edge, ...]:
    by_source: dict[str | None, list[Transition]] = {None: []}
    for transition in transitions:
        by_source.setdefault(transition.source, []).append(transition)
    if not by_source[None]:
        first = max(transitions, key=lambda transition: transition.count).source
        by_source[None] = [Transition(source=None, to=first, count=1, probability=1.0)]
    by_source = {source: _usual(leaving) for source, leaving in by_source.items()}
    reached = _reached(by_source)
    ending = _ending(by_source)
    edges: list[Edge] = []
    for source in reached:
        leaving = by_source.get(source, [])
        share = 1.0
        if source is not None and source not in ending:
            share = 1.0 - _ADDED_END if leaving else 0.0
            edges.append(Edge(source=source, to=None, probability=1.0 - share))
        total = sum(transition.probability for transition in leaving)
        edges += [
            Edge(
                source=source,
                to=transition.to,
                probability=share * transition.probability / total,
                think=transition.think,
            )
            for transition in leaving
        ]
    return tuple(edges)


def _usual(leaving: Sequence[Transition]) -> list[Transition]:
    usual: list[Transition] = []
    covered = 0.0
    for one in sorted(leaving, key=lambda one: -one.probability):
        if usual and (covered >= COVERED or one.probability < LEAST_PROBABILITY):
            break
        usual.append(one)
        covered += one.probability
    return usual


def _reached(by_source: dict[str | None, list[Transition]]) -> list[str | None]:
    """Steps that can be reached, the beginning first, each where it is first led to."""
    reached: list[str | None] = [None]
    for source in reached:
        for transition in by_source.get(source, ()):
            if transition.to is not None and transition.to not in reached:
                reached.append(transition.to)
    return reached


def _ending(by_source: dict[str | None, list[Transition]]) -> set[str]:
    """Steps from which an end can be reached."""
    ending: set[str] = set()
    grown = True
    while grown:
        more = {
            source
            for source, leaving in by_source.items()
            if source is not None
            and source not in ending
            and any(one.to is None or one.to in ending for one in leaving)
        }
        grown = bool(more)
        ending |= more
    return ending
