"""The intervals of a gate as a picture: how much each step changed, and how sure that is.

    login    ──●──              │ ← no change; the band around it is the margin
    order          │   ──●───
            -10%   0    +10%

SVG by Altair and vl-convert, without a browser and without the network.
"""

from __future__ import annotations

from typing import Any

from perfwright.model.comparison import Comparison, Judged
from perfwright.report import wording
from perfwright.report.gate_rows import step_rows
from perfwright.report.palette import GREY, ORANGE, RED, TEAL

_COLOURS = {
    Judged.SLOWER: RED,
    Judged.UNKNOWN: ORANGE,
    Judged.FASTER: TEAL,
    Judged.SAME: GREY,
}
_STEPS_MAX = 40
_NAME_MAX = 32
_WIDTH = 480


def gate_svg(comparison: Comparison) -> str:
    """The picture; "" where no step has an interval."""
    import vl_convert

    spec = gate_spec(comparison)
    return vl_convert.vegalite_to_svg(spec) if spec else ""


def gate_spec(comparison: Comparison) -> dict[str, Any]:
    """The picture as Vega-Lite; empty where there is nothing to draw."""
    import altair as alt

    rows = [
        {
            "step": f"{wording.shorten(wording.clean(row.step.name), _NAME_MAX)} · {row.title}",
            "verdict": str(row.step.verdict),
            "change": row.metric.change,
            "low": row.metric.ci[0],
            "high": row.metric.ci[1],
        }
        for row in step_rows(comparison)[:_STEPS_MAX]
        if row.metric and row.metric.ci and row.metric.change is not None
    ]
    if not rows:
        return {}
    colour = alt.Color(
        "verdict:N",
        title=None,
        scale=alt.Scale(domain=list(map(str, _COLOURS)), range=list(_COLOURS.values())),
        legend=alt.Legend(orient="top"),
    )
    axis = alt.Axis(
        format="+.1%", labelOverlap=True, title="change against the baseline (95% interval)"
    )
    y = alt.Y("step:N", sort=None, title=None, axis=alt.Axis(labelLimit=300))
    margin = alt.InlineData(values=[{"low": -comparison.margin, "high": comparison.margin}])
    chart = alt.layer(
        alt.Chart(margin).mark_rect(color=GREY, opacity=0.18).encode(x="low:Q", x2="high:Q"),
        alt.Chart()
        .mark_rule(strokeWidth=2)
        .encode(x=alt.X("low:Q", axis=axis), x2="high:Q", y=y, color=colour),
        alt.Chart().mark_point(filled=True, size=60).encode(x="change:Q", y=y, color=colour),
        data=alt.InlineData(values=rows),
    ).properties(width=_WIDTH, height=alt.Step(26), background="white")
    with alt.data_transformers.enable(consolidate_datasets=False):
        spec: dict[str, Any] = chart.to_dict()
    return spec
