"""The marks of charts over time: shade, lines with bands, stacked areas, a hover rule.

Rows are wide (`second`, `judged`, one key per series), so that one tooltip can show a whole second;
marks fold them into long form themselves. Marks carry no data of their own but for the shade.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

Row = dict[str, Any]

_X_AXIS = alt.Axis(
    title=None,
    grid=False,
    tickMinStep=1,
    labelExpr=(
        "datum.value < 60 ? datum.value + ' s'"
        " : floor(datum.value / 60) + ':' + format(datum.value % 60, '02d')"
    ),
)
_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif'
_LEGEND = alt.Legend(title=None, orient="top", direction="horizontal", offset=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class YAxis:
    """The y axis that all marks of a chart share. `floor_max` keeps small values from filling the
    height; `whole` values get SI suffixes (12k) and no fractions."""

    title: str
    log: bool = False
    whole: bool = False
    floor_max: float | None = None

    def of(self, field: str) -> alt.Y:
        span: dict[str, Any] = {} if self.floor_max is None else {"domainMax": self.floor_max}
        more: dict[str, Any] = {"format": "~s", "tickMinStep": 1} if self.whole else {}
        return alt.Y(
            f"{field}:Q",
            title=self.title,
            axis=alt.Axis(tickCount=5, domain=False, ticks=False, **more),
            scale=(
                alt.Scale(type="log") if self.log else alt.Scale(type="linear", zero=True, **span)
            ),
        )


def inline(rows: Sequence[Row]) -> alt.InlineData:
    """Rows as data that live in the spec itself."""
    return alt.InlineData(values=list(rows))


def lines(
    colours: Mapping[str, str],
    y: YAxis,
    *,
    filled: str = "",
    dashed: str = "",
    bands: Sequence[tuple[str, str]] = (),
) -> list[Any]:
    """One line a series; `filled` has a tint below it, `bands` are tints between two series."""
    names: list[Any] = list(colours)
    dashes = [[4, 3] if name == dashed else [1, 0] for name in names]
    tints = [
        alt.Chart()
        .mark_area(opacity=0.16, color=colours[upper])
        .encode(x=_x(), y=y.of(lower), y2=f"{upper}:Q")
        for lower, upper in bands
    ]
    if filled:
        tint = alt.Chart().mark_area(opacity=0.14, color=colours[filled])
        tints.append(tint.encode(x=_x(), y=y.of(filled)))
    drawn = (
        alt.Chart()
        .transform_fold(names, as_=["series", "value"])
        .mark_line(strokeWidth=1.8, strokeJoin="round", clip=True)
        .encode(
            x=_x(),
            y=y.of("value"),
            color=_colour(colours),
            strokeDash=alt.StrokeDash(
                "series:N",
                scale=alt.Scale(domain=names, range=dashes),
                legend=_legend_of(colours),
            ),
        )
    )
    return [*tints, drawn]


def stacked(colours: Mapping[str, str], y: YAxis) -> list[Any]:
    """Steps stacked on one another in the order of `colours`."""
    names: list[Any] = list(colours)
    areas = (
        alt.Chart()
        .transform_fold(names, as_=["series", "value"])
        .transform_calculate(order=f"indexof({names!r}, datum.series)")
        .mark_area(interpolate="step-after", opacity=0.85, line=False)
        .encode(x=_x(), y=y.of("value"), color=_colour(colours), order=alt.Order("order:Q"))
    )
    return [areas]


def unjudged(rows: Sequence[Row]) -> Any:
    """The shade behind unjudged seconds, or None where all were judged."""
    spans = []
    for judged, group in itertools.groupby(rows, key=lambda row: bool(row["judged"])):
        seconds = [row["second"] for row in group]
        if not judged:
            spans.append({"from": seconds[0], "to": seconds[-1] + 1})
    if not spans:
        return None
    return (
        alt.Chart(inline(spans))
        .mark_rect(color="#808894", opacity=0.14, tooltip="not judged")
        .encode(x=alt.X("from:Q"), x2="to:Q")
    )


def hover_rule(names: Sequence[str], digits: str) -> Any:
    """A rule at the second nearest to the pointer, with all its values."""
    at = alt.selection_point(
        name="at",
        fields=["second"],
        nearest=True,
        on="pointerover",
        clear="pointerout",
        empty=False,
    )
    return (
        alt.Chart()
        .mark_rule(color="#808894")
        .encode(
            x=_x(),
            opacity=alt.condition(at, alt.value(0.7), alt.value(0)),
            tooltip=[
                alt.Tooltip("second:Q", title="second"),
                *(alt.Tooltip(f"{name}:Q", format=digits) for name in names),
            ],
        )
        .add_params(at)
    )


def spec_of(chart: alt.LayerChart, *, height: int) -> dict[str, Any]:
    """The finished spec: as wide as its box, transparent, without the schema's URL."""
    sized = chart.properties(width="container", height=height).configure(
        background="transparent",
        font=_FONT,
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(labelFontSize=11, titleFontSize=11, titleFontWeight="normal"),
        legend=alt.LegendConfig(labelFontSize=12, symbolStrokeWidth=3, columnPadding=14),
    )
    with alt.data_transformers.enable(consolidate_datasets=False):
        spec: dict[str, Any] = sized.to_dict()
    spec.pop("$schema")
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec


def _x() -> alt.X:
    return alt.X("second:Q", axis=_X_AXIS, scale=alt.Scale(nice=False))


def _colour(colours: Mapping[str, str]) -> alt.Color:
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color("series:N", scale=scale, legend=_legend_of(colours))


def _legend_of(colours: Mapping[str, str]) -> alt.Legend | None:
    """None where the chart's title already names its only series."""
    return _LEGEND if len(colours) > 1 else None
