"""A run's time series as Vega-Lite charts (by Altair): pure functions, series in, `Chart` out.

    throughput & target      response p50/p95/p99 (and service p99)     errors by kind
    users & waiting          a request's phases                         lateness, generator CPU

Counts are per second, times in ms, CPU in percent of a core. Each chart shades the unjudged seconds
and has one vertical rule under the pointer with every value of that second. Text and grid get their
colours from the page that embeds the chart. A chart with nothing to show is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import altair as alt

from perfwright.analyze.series import Series, SeriesPoint
from perfwright.report.chart_marks import (
    Row,
    YAxis,
    hover_rule,
    inline,
    lines,
    spec_of,
    stacked,
    unjudged,
)
from perfwright.report.document import Chart
from perfwright.report.palette import BLUE, GREY, KINDS, ORANGE, PHASE_COLOURS, RED, TEAL
from perfwright.report.thinning import thinned

LOG_FROM_RATIO = 30.0
"""Response times whose slowest p99 is this many times their fastest p50 start on a log axis."""


def run_charts(series: Series) -> tuple[Chart, ...]:
    """Every chart that has something to show, in reading order."""
    points = thinned(series.points)
    if not points:
        return ()
    makers: tuple[Callable[[Sequence[SeriesPoint]], Chart | None], ...] = (
        throughput_chart,
        response_chart,
        errors_chart,
        users_chart,
        phases_chart,
        lateness_chart,
        cpu_chart,
    )
    return tuple(chart for make in makers if (chart := make(points)) is not None)


def throughput_chart(points: Sequence[SeriesPoint]) -> Chart | None:
    colours = {"requests": BLUE, "iterations started": TEAL, "arrivals due": GREY}
    rows = _rows(
        points,
        lambda p: {
            "requests": p.requests,
            "iterations started": p.iterations_started,
            "arrivals due": p.arrivals_target_per_s,
        },
    )
    for name in ("iterations started", "arrivals due"):
        if not any(row[name] for row in rows):
            del colours[name]
    axis = YAxis(title="per second", whole=True)
    chart = _timeline(rows, lines(colours, axis, filled="requests", dashed="arrivals due"), colours)
    peak = max(p.requests for p in points)
    return Chart(
        key="throughput",
        title="Throughput",
        description=f"Requests and iterations per second over time; at most {peak:,} requests/s.",
        spec=spec_of(chart, height=230),
    )


def response_chart(points: Sequence[SeriesPoint]) -> Chart | None:
    colours = {"p50": TEAL, "p95": ORANGE, "p99": RED, "service p99": GREY}
    rows = _rows(
        points,
        lambda p: {
            **{name: p.response_ms.get(name) for name in ("p50", "p95", "p99")},
            "service p99": p.service_ms.get("p99"),
        },
    )
    slowest = max((row["p99"] for row in rows if row["p99"] is not None), default=None)
    if slowest is None:
        return None
    fastest = min(row["p50"] for row in rows if row["p50"])
    axis = YAxis(title="response time, ms", log=slowest > LOG_FROM_RATIO * fastest)
    bands = lines(colours, axis, dashed="service p99", bands=(("p50", "p95"), ("p95", "p99")))
    return Chart(
        key="response",
        title="Response time",
        description=(
            f"Median, 95th and 99th percentile of response time over time; p99 at most "
            f"{slowest:,.1f} ms. Dashed: p99 of service time, without the wait before sending."
        ),
        spec=spec_of(_timeline(rows, bands, colours, digits=".3~r"), height=280),
        log_scale=True,
    )


def errors_chart(points: Sequence[SeriesPoint]) -> Chart | None:
    totals: dict[str, float] = {}
    for point in points:
        for kind, number in point.error_kinds.items():
            totals[kind] = totals.get(kind, 0) + number
    kinds = sorted((kind for kind in totals if totals[kind]), key=lambda kind: -totals[kind])
    if not kinds:
        return None
    colours = dict(zip(kinds, KINDS * (1 + len(kinds) // len(KINDS)), strict=False))
    rows = _rows(points, lambda p: {kind: p.error_kinds.get(kind, 0) for kind in kinds})
    bars = stacked(colours, YAxis(title="errors per second", whole=True))
    return Chart(
        key="errors",
        title="Errors by kind",
        description="Errors per second over time: " + ", ".join(kinds) + ".",
        spec=spec_of(_timeline(rows, bars, colours), height=200),
    )


def users_chart(points: Sequence[SeriesPoint]) -> Chart | None:
    colours = {"users busy": BLUE, "users asked for": GREY, "arrivals waiting": ORANGE}
    rows = _rows(
        points,
        lambda p: {
            "users busy": p.users_active,
            "users asked for": p.users_target,
            "arrivals waiting": p.waiting,
        },
    )
    colours = {name: colour for name, colour in colours.items() if any(r[name] for r in rows)}
    if not colours:
        return None
    axis = YAxis(title="users", whole=True)
    chart = _timeline(rows, lines(colours, axis, dashed="users asked for"), colours)
    return Chart(
        key="users",
        title="Users",
        description="Virtual users in an iteration and arrivals that wait for one, over time.",
        spec=spec_of(chart, height=190),
        wide=False,
    )


def phases_chart(points: Sequence[SeriesPoint]) -> Chart | None:
    colours = {
        phase: colour
        for phase, colour in PHASE_COLOURS.items()
        if any(p.phases_ms.get(phase) for p in points)
    }
    if not colours:
        return None
    rows = _rows(points, lambda p: {phase: p.phases_ms.get(phase, 0.0) for phase in colours})
    chart = _timeline(rows, stacked(colours, YAxis(title="mean, ms")), colours, digits=".3~r")
    return Chart(
        key="phases",
        title="Where a request's time goes",
        description="Mean time per request in each phase over time: " + ", ".join(colours) + ".",
        spec=spec_of(chart, height=190),
        wide=False,
    )


def lateness_chart(points: Sequence[SeriesPoint]) -> Chart | None:
    name = "lateness p99"
    if all(p.lateness_ms_p99 is None for p in points):
        return None
    rows = _rows(points, lambda p: {name: p.lateness_ms_p99})
    chart = _timeline(
        rows, lines({name: TEAL}, YAxis(title="ms"), filled=name), {name: TEAL}, digits=".3~r"
    )
    return Chart(
        key="lateness",
        title="Generator lateness",
        description="How late requests started by the generator's own doing: p99 in ms, over time.",
        spec=spec_of(chart, height=150),
        wide=False,
    )


def cpu_chart(points: Sequence[SeriesPoint]) -> Chart | None:
    name = "busiest worker"
    if not any(p.cpu_ratio for p in points):
        return None
    rows = _rows(points, lambda p: {name: p.cpu_ratio * 100})
    axis = YAxis(title="% of a core", floor_max=100.0)
    chart = _timeline(rows, lines({name: BLUE}, axis, filled=name), {name: BLUE}, digits=".1f")
    return Chart(
        key="cpu",
        title="Generator CPU",
        description="CPU of the busiest load worker in percent of a core, over time.",
        spec=spec_of(chart, height=150),
        wide=False,
    )


def _rows(
    points: Sequence[SeriesPoint], values: Callable[[SeriesPoint], Mapping[str, float | None]]
) -> list[Row]:
    """One row a second; values rounded to what can be seen, which keeps the page small."""
    return [
        {
            "second": point.second,
            "judged": point.judged,
            **{name: None if v is None else float(f"{v:.5g}") for name, v in values(point).items()},
        }
        for point in points
    ]


def _timeline(
    rows: Sequence[Row],
    marks: Sequence[Any],
    names: Mapping[str, str],
    *,
    digits: str = ",.0f",
) -> alt.LayerChart:
    shade = unjudged(rows)
    layers = [*([shade] if shade is not None else []), *marks, hover_rule(tuple(names), digits)]
    return alt.LayerChart(data=inline(rows), layer=layers)
