"""Every call of a draft, wherever it stands: in groups, loops and choices, or beside a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from perfwright.model.journey import Call, Item, OneOf, Pause, ScenarioDraft


def calls_of(draft: ScenarioDraft) -> Iterator[Call]:
    """All that the draft can make."""
    yield from calls_in(draft.user_start)
    for journey in draft.journeys:
        yield from calls_in(journey.items)
    yield from calls_in(draft.steps)


def calls_in(items: Iterable[Item]) -> Iterator[Call]:
    """In order, resources after the call that they belong to."""
    for item in items:
        if isinstance(item, Call):
            yield item
            yield from calls_in(item.resources)
        elif isinstance(item, OneOf):
            for _, way in item.ways:
                yield from calls_in(way)
        elif not isinstance(item, Pause):
            yield from calls_in(item.items)
