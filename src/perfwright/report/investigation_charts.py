"""Charts of an investigation: throughput and response time against the load, where the time goes,
what is busy. Loads are iterations/s (or users), times ms, utilization percent."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import altair as alt

from perfwright.analyze.demands import Demand
from perfwright.analyze.layers import Layer
from perfwright.analyze.view import Series, View
from perfwright.model.finding import Evidence
from perfwright.report import wording
from perfwright.report.chart_marks import inline, spec_of
from perfwright.report.document import Chart
from perfwright.report.palette import BLUE, BROWN, GREY, KINDS, ORANGE, RED, TEAL, VIOLET

_LAYER_COLOURS = (BLUE, ORANGE, VIOLET, TEAL, BROWN, RED, GREY)
_BUSY_SHOWN = 6


def knee_charts(view: View, bounds: Sequence[Demand]) -> tuple[Chart, ...]:
    """Throughput and p99 against the offered load; `bounds`: the tightest demands."""
    if len(view.stages) < 2:
        return ()
    unit = "iterations/s" if view.low.model == "open" else "users"
    rows = [
        {
            "load": stage.offered,
            "throughput": round(stage.throughput_per_s, 2),
            "p99": round(stage.response_p99_s * 1000, 3),
            "p50": round(stage.response_p50_s * 1000, 3),
        }
        for stage in view.by_load
    ]
    x = alt.X("load:Q", title=f"offered load, {unit}", scale=alt.Scale(nice=False, zero=True))
    return (_throughput(view, rows, x, bounds), _response(view, rows, x))


def evidence_chart(view: View, evidence: Evidence, series: Series) -> Chart:
    """One watched series over the run, above it nothing: small."""
    rows = [
        {"second": float(second), "value": float(f"{value:.5g}")}
        for second, value in zip(series.seconds, series.values, strict=True)
    ]
    line = (
        alt.Chart(inline(rows))
        .mark_area(line={"color": BLUE, "strokeWidth": 1.6}, color=BLUE, opacity=0.15)
        .encode(
            x=alt.X("second:Q", title="seconds", scale=alt.Scale(nice=False)),
            y=alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=3)),
            tooltip=["second:Q", "value:Q"],
        )
    )
    stages = [{"from": s.from_s, "to": s.to_s} for s in view.stages]
    shade = (
        alt.Chart(inline(stages))
        .mark_rect(color=GREY, opacity=0.1)
        .encode(x=alt.X("from:Q"), x2="to:Q")
    )
    name = evidence.metric + (f" {evidence.label}" if evidence.label else "")
    told = "\0".join((evidence.metric, evidence.subject, evidence.label))
    return Chart(
        key=f"evidence-{zlib.crc32(told.encode()):08x}",
        title=f"{evidence.what[:1].upper()}{evidence.what[1:]}",
        description=f"{evidence.value}: {name} of {evidence.subject}. Shaded: the stages of the "
        "load.",
        spec=spec_of(alt.LayerChart(layer=[shade, line]), height=110),
    )


def layers_chart(layers: Sequence[Layer]) -> Chart | None:
    """Where a response's time goes, at low load and at the knee."""
    shown = [layer for layer in layers if max(layer.low_ms, layer.knee_ms) > 0]
    if not shown:
        return None
    rows = [
        {"at": moment, "layer": layer.name, "ms": round(value, 3), "order": number}
        for number, layer in enumerate(shown)
        for moment, value in (("low load", layer.low_ms), ("at the knee", layer.knee_ms))
    ]
    names = [layer.name for layer in shown]
    colours = [_LAYER_COLOURS[n % len(_LAYER_COLOURS)] for n in range(len(names))]
    bars = (
        alt.Chart(inline(rows))
        .mark_bar(height=30)
        .encode(
            y=alt.Y("at:N", title=None, sort=["low load", "at the knee"]),
            x=alt.X("ms:Q", title="mean response time, ms", stack="zero"),
            color=alt.Color(
                "layer:N",
                sort=names,
                scale=alt.Scale(domain=names, range=colours),
                legend=alt.Legend(title=None, orient="top", columns=4),
            ),
            order=alt.Order("order:Q"),
            tooltip=["at:N", "layer:N", "ms:Q"],
        )
    )
    most = max(shown, key=lambda layer: layer.knee_ms - layer.low_ms)
    return Chart(
        key="layers",
        title="Where the time goes",
        description=f"Mean response time by layer; {most.name} grew most, by "
        f"{wording.duration(most.knee_ms - most.low_ms)}.",
        spec=spec_of(alt.LayerChart(layer=[bars]), height=110),
    )


def busy_chart(view: View, found: Sequence[Demand]) -> Chart | None:
    """Utilization of each resource against the load."""
    rows: list[dict[str, Any]] = []
    names = []
    for demand in found[:_BUSY_SHOWN]:
        resource = demand.resource
        names.append(resource.name)
        for stage in view.by_load:
            busy = resource.busy(view, stage)
            if busy is not None:
                ratio = busy / resource.servers
                rows.append(
                    {
                        "load": stage.offered,
                        "resource": resource.name,
                        "busy": round(100 * ratio, 2),
                    }
                )
    if not rows:
        return None
    lines = (
        alt.Chart(inline(rows))
        .mark_line(point=True, strokeWidth=1.8)
        .encode(
            x=alt.X("load:Q", title="offered load", scale=alt.Scale(nice=False, zero=True)),
            y=alt.Y("busy:Q", title="busy, %", scale=alt.Scale(domain=[0, 100], clamp=True)),
            color=alt.Color(
                "resource:N",
                scale=alt.Scale(domain=names, range=list(KINDS[: len(names)])),
                legend=alt.Legend(title=None, orient="top", columns=3),
            ),
            tooltip=["load:Q", "resource:N", "busy:Q"],
        )
    )
    return Chart(
        key="busy",
        title="What is busy",
        description=f"Utilization by resource against the load; {names[0]} comes first to its end.",
        spec=spec_of(alt.LayerChart(layer=[lines]), height=220),
    )


def _throughput(
    view: View, rows: list[dict[str, Any]], x: alt.X, bounds: Sequence[Demand]
) -> Chart:
    y = alt.Y("throughput:Q", title="requests/s completed", scale=alt.Scale(zero=True))
    base = alt.Chart(inline(rows)).encode(x=x, y=y)
    layers = [
        base.mark_line(color=BLUE, strokeWidth=1.8),
        base.mark_point(color=BLUE, filled=True, size=50).encode(
            tooltip=["load:Q", "throughput:Q", "p50:Q", "p99:Q"]
        ),
    ]
    top = max(row["throughput"] for row in rows)
    drawn = [one for one in bounds if one.bound_per_s.value < 3 * top][:2]
    for demand in drawn:
        bound = [{"throughput": demand.bound_per_s.value, "name": demand.resource.name}]
        layers.append(
            alt.Chart(inline(bound))
            .mark_rule(color=ORANGE, strokeDash=[5, 4])
            .encode(y="throughput:Q", tooltip=["name:N", "throughput:Q"])
        )
        layers.append(
            alt.Chart(inline(bound))
            .mark_text(align="left", dx=4, dy=-6, color=ORANGE)
            .encode(y="throughput:Q", text="name:N", x=alt.value(0))
        )
    layers += _knee_marks(view)
    limits = ", ".join(
        f"{one.resource.name} {wording.count(one.bound_per_s.value)}/s" for one in drawn
    )
    return Chart(
        key="knee-throughput",
        title="Throughput against load",
        description=f"Completed requests per second for each load offered, at most "
        f"{wording.count(top)}/s." + (f" Bounds by service demand: {limits}." if limits else ""),
        spec=spec_of(alt.LayerChart(layer=layers), height=240),
        wide=False,
    )


def _response(view: View, rows: list[dict[str, Any]], x: alt.X) -> Chart:
    scale = (
        alt.Scale(type="log") if rows[-1]["p99"] > 20 * max(rows[0]["p50"], 0.01) else alt.Scale()
    )
    layers: list[Any] = []
    for name, colour in (("p99", RED), ("p50", TEAL)):
        base = alt.Chart(inline(rows)).encode(x=x, y=alt.Y(f"{name}:Q", title="ms", scale=scale))
        layers += [
            base.mark_line(color=colour, strokeWidth=1.8),
            base.mark_point(color=colour, filled=True, size=50).encode(
                tooltip=["load:Q", "p50:Q", "p99:Q"]
            ),
        ]
    return Chart(
        key="knee-response",
        title="Response time against load: p99 (red), median",
        description=f"Response time for each load offered; p99 at most "
        f"{max(row['p99'] for row in rows):,.0f} ms.",
        spec=spec_of(alt.LayerChart(layer=[*layers, *_knee_marks(view)]), height=240),
        wide=False,
    )


def _knee_marks(view: View) -> list[Any]:
    """The knee as a band from the highest load held to the lightest broken."""
    knee = view.knee
    if knee is None:
        return []
    band = [{"from": knee.low, "to": knee.high or knee.low}]
    mark = alt.Chart(inline(band))
    if knee.high is None:
        return [mark.mark_rule(color=GREY).encode(x="from:Q")]
    return [mark.mark_rect(color=GREY, opacity=0.25).encode(x="from:Q", x2="to:Q")]
