"""A trend as a Vega-Lite chart (by Altair): the series, its level, its changes and its anomalies.

    ─── the values       ▬▬▬ the level between changes       ┊ a change, with the band of its place
    ░░░ an anomaly                                            (dashed where it went away)

The x axis is time where the series has times that say so, else the row. Values are in the series'
own unit. Long series are drawn by the lowest and highest row of each stretch, so no spike is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import altair as alt

from perfwright.model.trend import ChangePoint, TrendPoint
from perfwright.report.chart_marks import inline, spec_of
from perfwright.report.document import Chart
from perfwright.report.palette import BLUE, GREY, ORANGE, RED, TEAL
from perfwright.report.trend_words import sentence, summary, when
from perfwright.workflow.trend import Trended

POINTS_MAX = 1500
_HEIGHT = 320
_COLOURS = {True: RED, False: TEAL, None: GREY}


def trend_chart(trended: Trended) -> Chart | None:
    """None where there are no values."""
    trend = trended.trend
    if all(point.value is None for point in trend.points):
        return None
    axis = _Axis(trend.points)
    rows = [
        {
            "x": axis.of(point.index),
            "value": _rounded(point.value),
            "level": _rounded(point.level),
            "when": when(point.time),
        }
        for point in thinned_points(trend.points)
    ]
    layers = [
        *_bands(trended, axis), *_anomalies(trended, axis), *_series(rows, axis, trend.unit),
        *_changes(trended, axis),
    ]  # fmt: skip
    unit = f", {trend.unit}" if trend.unit else ""
    return Chart(
        key="trend",
        title=f"{trend.name}{unit}",
        description=f"{trend.name} of {trended.subject} over time. {summary(trended)}",
        spec=spec_of(alt.LayerChart(layer=layers), height=_HEIGHT),
        log_scale=False,
    )


def thinned_points(points: Sequence[TrendPoint], most: int = POINTS_MAX) -> list[TrendPoint]:
    """At most about `most` rows: of each stretch the lowest and the highest, in their order."""
    if len(points) <= most:
        return list(points)
    stretch = -(-2 * len(points) // most)
    kept = []
    for start in range(0, len(points), stretch):
        known = [point for point in points[start : start + stretch] if point.value is not None]
        if known:
            ends = (min(known, key=_value), max(known, key=_value))
            kept += sorted({point.index: point for point in ends}.values(), key=lambda p: p.index)
    return kept


class _Axis:
    """Where a row is drawn: its time as text that Vega reads, or its number."""

    def __init__(self, points: Sequence[TrendPoint]) -> None:
        self._points = points
        self.temporal = bool(points) and all(_is_moment(p.time) for p in (points[0], points[-1]))

    def of(self, index: int) -> str | int:
        return str(self._points[index].time) if self.temporal else index

    def encoded(self, field: str = "x") -> alt.X:
        kind = "T" if self.temporal else "Q"
        title = None if self.temporal else "row"
        return alt.X(
            f"{field}:{kind}", title=title, axis=alt.Axis(grid=False), scale=alt.Scale(nice=False)
        )


def _series(rows: Sequence[dict[str, Any]], axis: _Axis, unit: str) -> list[Any]:
    y = alt.Y(
        "value:Q", title=unit or None, scale=alt.Scale(zero=False, nice=True),
        axis=alt.Axis(tickCount=6, domain=False, ticks=False),
    )  # fmt: skip
    data = inline(rows)
    few = len(rows) <= 120
    point = {"size": 28, "filled": True, "color": BLUE} if few else False
    tips = [alt.Tooltip("when:N", title="when"), "value:Q", "level:Q"]
    line = alt.Chart(data).mark_line(color=BLUE, strokeWidth=1.3, opacity=0.8, point=point)
    level = alt.Chart(data).mark_line(color=ORANGE, strokeWidth=2.2, interpolate="linear")
    return [
        line.encode(x=axis.encoded(), y=y, tooltip=tips),
        level.encode(x=axis.encoded(), y=alt.Y("level:Q")),
    ]


def _changes(trended: Trended, axis: _Axis) -> list[Any]:
    layers = []
    for number, change in enumerate(trended.trend.change_points, 1):
        row = {"x": axis.of(change.index), "label": str(number), "told": _told(trended, change)}
        colour = _COLOURS[trended.is_worse(change)]
        rule = alt.Chart(inline([row])).mark_rule(
            color=colour, strokeWidth=1.6, strokeDash=[4, 3] if change.went_away else [1, 0]
        )
        text = alt.Chart(inline([row])).mark_text(
            color=colour, align="left", dx=4, dy=6, fontSize=12, fontWeight="bold"
        )
        layers += [
            rule.encode(x=axis.encoded(), tooltip=alt.Tooltip("told:N", title="change")),
            text.encode(x=axis.encoded(), y=alt.value(0), text="label:N"),
        ]
    return layers


def _bands(trended: Trended, axis: _Axis) -> list[Any]:
    """Where each change may lie instead; of a drift, the whole of it."""
    rows = [
        {"x": axis.of(low), "to": axis.of(high)}
        for change in trended.trend.change_points
        for low, high in [(change.location[0], change.until or change.location[1])]
        if high > low
    ]
    return _shades(rows, axis, GREY, 0.18)


def _anomalies(trended: Trended, axis: _Axis) -> list[Any]:
    last = len(trended.trend.points) - 1
    rows = [
        {"x": axis.of(max(0, one.start_index - 1)), "to": axis.of(min(last, one.end_index + 1))}
        for one in trended.trend.anomalies
    ]
    return _shades(rows, axis, RED, 0.2)


def _shades(
    rows: Sequence[Mapping[str, Any]], axis: _Axis, colour: str, opacity: float
) -> list[Any]:
    if not rows:
        return []
    kind = "T" if axis.temporal else "Q"
    shade = alt.Chart(inline([dict(row) for row in rows])).mark_rect(color=colour, opacity=opacity)
    return [shade.encode(x=axis.encoded(), x2=alt.X2(f"to:{kind}"))]


def _told(trended: Trended, change: ChangePoint) -> str:
    return f"{when(change.time)}: {sentence(change, trended.trend.unit)}"


def _value(point: TrendPoint) -> float:
    return point.value if point.value is not None else 0.0


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")


def _is_moment(time: object) -> bool:
    if not isinstance(time, str):
        return False
    try:
        datetime.fromisoformat(time)
    except ValueError:
        return False
    return True
