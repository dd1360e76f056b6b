"""A trend as text: what was looked at, a sparkline with its changes, the changes in words.

        p95 of all requests, ms: 42 runs of shop

        ▂▂▃▂▂▂▃▂▆▆▆▇▆▆▆▆▆▃▂▂▂▂
                1        2
        ! 1  2026-11-12T03:00:11Z  rose from 12.3 ms to 18.4 ms: +49.6% (…)

Pure: a trend in, lines out; golden texts hold it still.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from perfwright.model.trend import ChangePoint
from perfwright.report import wording
from perfwright.report.console import WIDTH_MIN, console_text
from perfwright.report.sparkline import column_of, sparkline
from perfwright.report.trend_words import (
    anomaly_sentence,
    noise,
    sentence,
    summary,
    support,
    when,
)
from perfwright.workflow.trend import Origin, Trended

_COMMITS = 8
_ANOMALIES = 10
_STYLES = {True: "bold red", False: "bold green", None: "bold"}


def render_trend(trended: Trended, *, width: int = 80, color: bool = False) -> str:
    """Lines of at most `width` characters (at least 60)."""
    width = max(WIDTH_MIN, width)
    return console_text(_blocks(trended, width), width=width, color=color)


def _blocks(trended: Trended, width: int) -> Iterator[RenderableType]:
    trend = trended.trend
    rows = wording.plural(len(trend.points), trended.rows)
    unit = f", {trend.unit}" if trend.unit else ""
    yield Text()
    yield Text(f"{wording.clean(trend.name)}{unit}: {rows} of {wording.clean(trended.subject)}",
               "bold")  # fmt: skip
    if trend.points:
        first, last = trend.points[0].time, trend.points[-1].time
        yield Text(f"{when(first)} to {when(last)}", "dim")
        yield Text()
        yield from _drawn(trended, width)
    yield Text()
    yield Text(summary(trended), "bold")
    if trend.change_points or trend.anomalies:
        yield Text(noise(trend), "dim")
    origins: tuple[Origin | None, ...] = trended.origins or (None,) * len(trend.change_points)
    for number, (change, origin) in enumerate(zip(trend.change_points, origins, strict=True), 1):
        yield Text()
        yield from _change(trended, number, change, origin)
    yield from _anomalies(trended)
    for note in trend.notes:
        yield Text(f"note: {wording.clean(note)}", "dim")


def _drawn(trended: Trended, width: int) -> Iterator[RenderableType]:
    trend = trended.trend
    yield Text(sparkline([point.value for point in trend.points], width - 2))
    marks = [" "] * (width - 2)
    for anomaly in trend.anomalies:
        marks[column_of(anomaly.start_index, len(trend.points), width - 2)] = "·"
    for number, change in enumerate(trend.change_points, 1):
        column = column_of(change.index, len(trend.points), width - 2)
        for offset, digit in enumerate(str(number)):
            if column + offset < len(marks):
                marks[column + offset] = digit
    if "".join(marks).strip():
        yield Text("".join(marks).rstrip())


def _change(
    trended: Trended, number: int, change: ChangePoint, origin: Origin | None
) -> Iterator[RenderableType]:
    worse = trended.is_worse(change)
    word = {True: ", worse", False: ", better", None: ""}[worse]
    gone = ", went away" if change.went_away else ""
    yield Text.assemble(
        (f"{number}  {when(change.time)}", "dim" if change.went_away else _STYLES[worse]),
        f"{word}{gone}",
    )
    yield _indented(sentence(change, trended.trend.unit))
    yield _indented(support(change), "dim")
    if origin is not None:
        yield from _origin(origin)


def _origin(origin: Origin) -> Iterator[RenderableType]:
    yield _indented(f"runs {origin.run_before} → {origin.run}", "dim")
    if origin.also:
        yield _indented(f"also changed: {', '.join(origin.also)}", "yellow")
    if origin.commits:
        yield _indented(f"{wording.plural(len(origin.commits), 'commit')} between them:")
        for line in origin.commits[:_COMMITS]:
            yield _indented(f"  {wording.shorten(wording.clean(line), 70)}")
        if len(origin.commits) > _COMMITS:
            yield _indented(f"  … and {len(origin.commits) - _COMMITS} more", "dim")
    elif origin.commit and origin.commit_before:
        same = origin.commit == origin.commit_before
        commits = f"{origin.commit_before[:12]}..{origin.commit[:12]}"
        yield _indented(f"commit {origin.commit[:12]} on both sides" if same else commits)


def _anomalies(trended: Trended) -> Iterator[RenderableType]:
    trend = trended.trend
    if not trend.anomalies:
        return
    yield Text()
    yield Text("Out of the ordinary", "bold")
    worst = sorted(trend.anomalies, key=lambda anomaly: -anomaly.score)[:_ANOMALIES]
    for anomaly in itertools.filterfalse(lambda one: one not in worst, trend.anomalies):
        span = when(anomaly.start)
        if anomaly.end != anomaly.start:
            span += f" to {when(anomaly.end)}"
        yield Text(f"·  {span}: {anomaly_sentence(anomaly, trend.unit)}")
    if len(trend.anomalies) > len(worst):
        yield Text(f"   and {len(trend.anomalies) - len(worst)} less far out", "dim")


def _indented(text: str, style: str = "") -> RenderableType:
    return Padding(Text(wording.clean(text), style), (0, 0, 0, 3))
