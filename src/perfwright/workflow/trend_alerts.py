"""Tells of each change of a trend once per channel.

A change that is over (it went away) is not told. What could not be told is tried again next time;
it never spoils the analysis. What was told is remembered in the store, at once: a crash between two
messages repeats none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfwright.export.alerts import Channel
from perfwright.model.errors import AlertFailed, StoreError
from perfwright.model.trend import ChangePoint
from perfwright.store.alerted import Alerted, read_alerted, remember_alerted
from perfwright.workflow.trend import Trended


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertResult:
    """`error` is None where the message arrived. `index`: of the change."""

    channel: str
    index: int
    error: str | None


def alert(
    trended: Trended, sentences: Sequence[str], channels: Sequence[Channel], store: Path
) -> tuple[AlertResult, ...]:
    """`sentences`: one per change. Results only of what was tried now."""
    try:
        known = list(read_alerted(store))
    except StoreError as error:
        return tuple(
            AlertResult(channel=channel.shown, index=-1, error=str(error)) for channel in channels
        )
    results = []
    document = trended.as_json()
    for number, change in enumerate(trended.trend.change_points):
        if change.went_away:
            continue
        for channel in channels:
            entry = _entry(trended, change, channel)
            if any(entry.same(other) for other in known):
                continue
            failure = _told(channel, sentences[number], _document(document, number), store, entry)
            if failure is None:
                known.append(entry)
            results.append(AlertResult(channel=channel.shown, index=change.index, error=failure))
    return tuple(results)


def _told(
    channel: Channel, sentence: str, document: dict[str, Any], store: Path, entry: Alerted
) -> str | None:
    try:
        channel.send(sentence, document)
        remember_alerted(store, [entry])
    except (AlertFailed, StoreError) as error:
        return str(error)
    return None


def _document(document: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "subject": document["subject"],
        "series": document["name"],
        "unit": document["unit"],
        "change_point": document["change_points"][number],
    }


def _entry(trended: Trended, change: ChangePoint, channel: Channel) -> Alerted:
    """The place as times: indices move when `--last` is given or old runs are deleted."""
    points = trended.trend.points
    low, high = change.location
    first, last = points[max(0, low - 2)].time, points[min(len(points) - 1, high + 2)].time
    return Alerted(
        series=trended.key,
        channel=channel.key,
        kind=str(change.kind),
        rose=change.magnitude > 0,
        since=first,
        until=last,
    )
