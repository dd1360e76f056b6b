"""The session graph as a picture: steps in layers from left to right, transitions as arcs.

    ● begin ──► ● GET / ──► ● GET /items/{id}        layer: fewest steps from the beginning
                   ▲______________│                   arcs that go back pass below

The layout is a plain layered one (Sugiyama, Tagawa & Toda, 1981): layers by breadth-first search,
order within a layer by the mean place of the predecessors. Rare steps and transitions are left out,
as the description says. Where sessions end, and how often a step follows itself, is told in the
step's label: arcs to one common end would cover all others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt

from perfwright.model.journey import Edge
from perfwright.report.chart_marks import inline, spec_of
from perfwright.report.document import Chart
from perfwright.report.mermaid import label as mermaid_label
from perfwright.report.palette import BLUE, GREY, ORANGE, TEAL
from perfwright.report.wording import clean, shorten

STEPS_MAX = 12
PROBABILITY_MIN = 0.03
_STRONG = 0.1
_BEGIN, _END = "begin\0", "end\0"
"""No step is called so: a clean name has no NUL."""
_CURVE_POINTS = 14
_ROW_PX = 92
_LABELS_WIDTH = 150
"""Characters that the labels of all layers share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A step in the picture: x by layer, y within it, both in layers and rows."""

    name: str
    x: float
    y: float
    again: float
    ends: float
    """Probabilities of taking the same step again, and of ending the session there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    source: str
    to: str
    probability: float
    is_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    places: tuple[Place, ...]
    arcs: tuple[Arc, ...]
    left_out: int
    """Steps that the picture does not show."""


def layout_of(edges: Sequence[Edge], visits: Mapping[str, float]) -> Layout:
    """`visits`: how often each step is taken; the most visited ones are shown."""
    visits = {clean(name): number for name, number in visits.items()}
    steps = sorted(visits, key=lambda name: (-visits[name], name))
    shown = set(steps[:STEPS_MAX])
    links: dict[tuple[str, str], float] = {}
    for edge in edges:
        source, to = _name(edge.source, _BEGIN), _name(edge.to, _END)
        if {source, to} <= shown | {_BEGIN, _END}:
            links[source, to] = links.get((source, to), 0.0) + edge.probability
    layers = _layers(links)
    places = _placed(layers, links)
    x_of = {place.name: place.x for place in places}
    arcs = tuple(
        Arc(source=source, to=to, probability=p, is_back=x_of[to] < x_of[source])
        for (source, to), p in sorted(links.items())
        if source != to and p >= PROBABILITY_MIN and source in x_of and to in x_of
    )
    return Layout(places=places, arcs=arcs, left_out=len(steps) - len(shown))


def _name(name: str | None, ending: str) -> str:
    return ending if name is None else clean(name)


def _layers(links: Mapping[tuple[str, str], float]) -> dict[str, int]:
    """Steps by their distance from the beginning, along strong transitions where there are any."""
    names = {name for pair in links for name in pair} | {_BEGIN}
    depth = {_BEGIN: 0}
    for least in (_STRONG, PROBABILITY_MIN, 0.0):
        frontier = sorted(depth, key=lambda name: (depth[name], name))
        while frontier:
            source = frontier.pop(0)
            for (one, to), p in sorted(links.items()):
                if one == source and p >= least and to not in depth and to != _END:
                    depth[to] = depth[source] + 1
                    frontier.append(to)
    last = max(depth.values()) + 1
    return {name: depth.get(name, last) for name in names - {_END}}


def _placed(layers: Mapping[str, int], links: Mapping[tuple[str, str], float]) -> tuple[Place, ...]:
    y_of: dict[str, float] = {}
    places = []
    for layer in sorted(set(layers.values())):
        names = sorted(name for name in layers if layers[name] == layer)
        names.sort(key=lambda name: _pull(name, links, y_of))
        for row, name in enumerate(names):
            y_of[name] = row - (len(names) - 1) / 2
            places.append(
                Place(
                    name=name,
                    x=float(layer),
                    y=y_of[name],
                    again=links.get((name, name), 0.0),
                    ends=links.get((name, _END), 0.0),
                )
            )
    return tuple(places)


def _pull(name: str, links: Mapping[tuple[str, str], float], y_of: Mapping[str, float]) -> float:
    """The mean place of what leads here, by probability."""
    pulls = [
        (p, y_of[source]) for (source, to), p in links.items() if to == name and source in y_of
    ]
    total = sum(p for p, _ in pulls)
    return sum(p * y for p, y in pulls) / total if total else 0.0


def graph_chart(key: str, title: str, layout: Layout) -> Chart:
    """The picture, and the same as a Mermaid flow chart."""
    rows = 1 + 2 * max((abs(place.y) for place in layout.places), default=0.0)
    height = round(_ROW_PX * (rows + 0.1))
    left_out = f" {layout.left_out} rarer steps are left out." if layout.left_out else ""
    strongest = sorted(layout.arcs, key=lambda arc: -arc.probability)[:4]
    told = "; ".join(
        f"{_shown(arc.source)} → {_shown(arc.to)} {arc.probability:.0%}" for arc in strongest
    )
    return Chart(
        key=key,
        title=title,
        description=f"How sessions go from step to step. Most likely: {told}.{left_out}",
        spec=spec_of(_drawn(layout, rows), height=height),
        mermaid=_mermaid(layout),
    )


def _drawn(layout: Layout, rows: float) -> alt.LayerChart:
    x_max = max(place.x for place in layout.places)
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.45, x_max + 0.45], nice=False))
    y_scale = alt.Scale(domain=[rows / 2 + 0.15, 0.05 - rows / 2], nice=False)
    y = alt.Y("y:Q", axis=None, scale=y_scale)
    curves, heads = _curves(layout)
    colour = alt.Color(
        "way:N",
        scale=alt.Scale(domain=["on", "back"], range=[BLUE, ORANGE]),
        legend=None,
    )
    told = [alt.Tooltip("from:N"), alt.Tooltip("to:N"), alt.Tooltip("probability:N")]
    width = alt.StrokeWidth("p:Q", scale=alt.Scale(domain=[0, 1], range=[0.6, 7]), legend=None)
    lines = (
        alt.Chart(inline(curves))
        .mark_line(opacity=0.55, strokeCap="round")
        .encode(
            x=x, y=y, detail="arc:N", order="step:Q", strokeWidth=width, color=colour, tooltip=told
        )
    )
    arrows = (
        alt.Chart(inline(heads))
        .mark_point(shape="triangle-right", filled=True, size=70, opacity=0.9)
        .encode(
            x=x, y=y, color=colour, tooltip=told,
            angle=alt.Angle("angle:Q", scale=alt.Scale(domain=[0, 360], range=[0, 360])),
        )
    )  # fmt: skip
    nodes = alt.Chart(inline(_nodes(layout, x_max)))
    colour_of = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=["step", "edge"], range=[TEAL, GREY]),
        legend=None,
    )
    dots = nodes.mark_circle(size=170, opacity=1).encode(
        x=x, y=y, color=colour_of, tooltip=[alt.Tooltip("name:N", title="step")]
    )
    names = nodes.mark_text(dy=-15, fontSize=11, fontWeight=600).encode(x=x, y=y, text="label:N")
    more = nodes.mark_text(dy=18, fontSize=10).encode(x=x, y=y, text="more:N")
    shares = (
        alt.Chart(inline(heads))
        .mark_text(dy=-9, fontSize=10)
        .encode(x=x, y=y, text="share:N", tooltip=told)
    )
    layered = alt.LayerChart(layer=[lines, arrows, shares, dots, names, more])
    independent: alt.LayerChart = layered.resolve_scale(color="independent")
    return independent


def _nodes(layout: Layout, x_max: float) -> list[dict[str, object]]:
    length = max(14, int(_LABELS_WIDTH / (x_max + 1)))
    return [
        {
            "x": place.x,
            "y": round(place.y, 3),
            "name": _shown(place.name),
            "label": shorten(_shown(place.name), length),
            "more": _more(place),
            "kind": "edge" if place.name.endswith("\0") else "step",
        }
        for place in layout.places
    ]


def _more(place: Place) -> str:
    """`again 25% · ends 15%`."""
    told = (("again", place.again), ("ends", place.ends))
    return " · ".join(f"{word} {p:.0%}" for word, p in told if p >= PROBABILITY_MIN)


def _curves(layout: Layout) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Points of quadratic Bézier curves, and an arrow head on the middle of each."""
    at = {place.name: (place.x, place.y) for place in layout.places}
    curves: list[dict[str, object]] = []
    heads: list[dict[str, object]] = []
    for number, arc in enumerate(layout.arcs):
        start, end = at[arc.source], at[arc.to]
        bend = _bend(start, end, arc.is_back)
        common: dict[str, object] = {
            "arc": number,
            "way": "back" if arc.is_back else "on",
            "p": round(arc.probability, 4),
            "from": _shown(arc.source),
            "to": _shown(arc.to),
            "probability": f"{arc.probability:.1%}",
            "share": f"{arc.probability:.0%}",
        }
        for step in range(_CURVE_POINTS + 1):
            x, y = _on_curve(start, bend, end, step / _CURVE_POINTS)
            curves.append({**common, "step": step, "x": round(x, 3), "y": round(y, 3)})
        x, y = _on_curve(start, bend, end, 0.5)
        heads.append({**common, "x": round(x, 3), "y": round(y, 3), "angle": _angle(start, end)})
    return curves, heads


def _bend(
    start: tuple[float, float], end: tuple[float, float], is_back: bool
) -> tuple[float, float]:
    """Where the curve is pulled to: steps back pass below, long jumps a little above, steps within
    a layer beside it, on either side by their direction."""
    middle_x, middle_y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    if start[0] == end[0]:
        return middle_x + (0.3 if end[1] > start[1] else -0.3), middle_y
    if is_back:
        return middle_x, middle_y + 0.9
    jump = max(0.0, end[0] - start[0] - 1)
    return middle_x, middle_y - 0.35 * jump


def _on_curve(
    start: tuple[float, float], bend: tuple[float, float], end: tuple[float, float], t: float
) -> tuple[float, float]:
    a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
    return (
        a * start[0] + b * bend[0] + c * end[0],
        a * start[1] + b * bend[1] + c * end[1],
    )


def _angle(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Of the direction, in degrees on the screen (a layer is about four rows wide)."""
    angle = math.degrees(math.atan2(end[1] - start[1], 3 * (end[0] - start[0])))
    return round(angle % 360, 1)


def _shown(name: str) -> str:
    return name.removesuffix("\0")


def _mermaid(layout: Layout) -> str:
    number_of = {place.name: number for number, place in enumerate(layout.places)}
    lines = ["flowchart LR"]
    for place in layout.places:
        name = mermaid_label(_shown(place.name), 48)
        shape = f'(["{name}"])' if place.name.endswith("\0") else f'["{name}"]'
        lines.append(f"    s{number_of[place.name]}{shape}")
        if place.again >= PROBABILITY_MIN:
            mark = f"s{number_of[place.name]}"
            lines.append(f'    {mark} -->|"{place.again:.0%}"| {mark}')
        if place.ends >= PROBABILITY_MIN:
            lines.append(f'    s{number_of[place.name]} -->|"{place.ends:.0%}"| e(["end"])')
    lines += [
        f'    s{number_of[arc.source]} -->|"{arc.probability:.0%}"| s{number_of[arc.to]}'
        for arc in layout.arcs
    ]
    return "\n".join(lines)
