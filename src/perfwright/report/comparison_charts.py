"""Two runs of a step as Vega-Lite charts (by Altair): both ECDFs, and how each quantile changed.

Times in ms on a log axis where they span decades, shares and changes in percent. The band around
the changes is their 95% interval; the shade lies within the margin, where a change is none.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from perfwright.analyze.judging import StepPair
from perfwright.analyze.quantile_curves import QuantileChange, ecdf, quantile_changes
from perfwright.report.chart_marks import Row, inline, spec_of
from perfwright.report.document import Chart
from perfwright.report.palette import BLUE, GREY, ORANGE

_COLOURS = {"base": GREY, "candidate": BLUE}
_LOG_FROM_RATIO = 30.0
_HEIGHT = 240


def step_charts(pair: StepPair, *, number: int, margin: float) -> tuple[Chart, ...]:
    """Those that have something to show; `number` tells the steps' charts apart."""
    charts = (_ecdf_chart(pair, number), _quantiles_chart(pair, number, margin))
    return tuple(chart for chart in charts if chart is not None)


def _ecdf_chart(pair: StepPair, number: int) -> Chart | None:
    rows: list[Row] = [
        {"run": run, "ms": float(f"{ms:.5g}"), "share": round(share * 100, 3)}
        for run, step in (("base", pair.base), ("candidate", pair.candidate))
        for ms, share in ecdf(step)
    ]
    if not rows:
        return None
    times = [row["ms"] for row in rows]
    is_log = min(times) > 0 and max(times) > _LOG_FROM_RATIO * min(times)
    colour = alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values()))
    line = (
        alt.Chart(inline(rows))
        .mark_line(strokeWidth=1.8, interpolate="step-after")
        .encode(
            x=alt.X(
                "ms:Q",
                title="response time, ms",
                scale=alt.Scale(type="log" if is_log else "linear", zero=False, nice=False),
            ),
            y=alt.Y("share:Q", title="% of requests", scale=alt.Scale(domain=[0, 100])),
            color=alt.Color("run:N", scale=colour, legend=alt.Legend(title=None, orient="top")),
            tooltip=["run:N", alt.Tooltip("ms:Q", format=".3~r"), "share:Q"],
        )
    )
    return Chart(
        key=f"ecdf-{number}",
        title=f"{pair.name}: how many took how long",
        description=(
            f"Share of the requests of {pair.name} that took no longer than a time, base and "
            "candidate."
        ),
        spec=spec_of(alt.LayerChart(layer=[line]), height=_HEIGHT),
        wide=False,
    )


def _quantiles_chart(pair: StepPair, number: int, margin: float) -> Chart | None:
    changes = quantile_changes(pair)
    if not changes:
        return None
    x = alt.X("q:Q", title="quantile, %", scale=alt.Scale(domain=[0, 100]))
    shade = (
        alt.Chart(inline([{"low": -margin * 100, "high": margin * 100}]))
        .mark_rect(color=GREY, opacity=0.16, tooltip="within the margin")
        .encode(y=alt.Y("low:Q"), y2="high:Q")
    )
    drawn = alt.Chart(inline(_rows(changes)))
    band = drawn.mark_area(color=ORANGE, opacity=0.25).encode(
        x=x, y=alt.Y("low:Q", title="change, %"), y2="high:Q"
    )
    line = drawn.mark_line(color=ORANGE, strokeWidth=1.8, point={"color": ORANGE}).encode(
        x=x,
        y=alt.Y("change:Q", title="change, %"),
        tooltip=[
            alt.Tooltip(f"{name}:Q", format=".3~r")
            for name in ("q", "base", "candidate", "change", "low", "high")
        ],
    )
    worst = max(changes, key=lambda one: abs(one.change))
    return Chart(
        key=f"quantiles-{number}",
        title=f"{pair.name}: change of each quantile",
        description=(
            f"Change of each quantile of {pair.name} with its 95% interval; the largest is "
            f"{worst.change * 100:+.1f}% at {worst.q * 100:.0f}%."
        ),
        spec=spec_of(alt.LayerChart(layer=[shade, band, line]), height=_HEIGHT),
        wide=False,
    )


def _rows(changes: Sequence[QuantileChange]) -> list[Row]:
    return [
        {
            "q": round(one.q * 100, 3),
            "base": float(f"{one.base_ms:.5g}"),
            "candidate": float(f"{one.candidate_ms:.5g}"),
            **{
                name: float(f"{value * 100:.4g}")
                for name, value in (("change", one.change), ("low", one.low), ("high", one.high))
            },
        }
        for one in changes
    ]
