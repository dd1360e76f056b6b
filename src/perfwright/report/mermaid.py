"""A chart that Markdown can hold: Mermaid's xychart, which GitHub and GitLab draw themselves.

    150 ┤        ▆▆▆
    100 ┼───▆▆▆──▆▆▆──▇▇▇───   the line: no change       (mermaid.js.org/syntax/xyChart)
      0 ┼───login─order─search

The y axis is now ÷ base in percent. Names are reduced to characters that have no meaning in
Mermaid, since one error of syntax would replace the chart by a red box.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from perfwright.report.document import Chart

if TYPE_CHECKING:
    from perfwright.report.gate_rows import StepRow

_STEPS_MAX = 12
_NAME_MAX = 24
_TITLE_MAX = 80
_FOREIGN = re.compile(r"[^A-Za-z0-9 /._:{}-]+")


def change_chart(rows: Sequence[StepRow]) -> str:
    """A fenced block with the first steps; "" where there is nothing to draw."""
    drawn = [
        (label(row.step.name), 100 * (1 + row.metric.change))
        for row in rows
        if row.metric and row.metric.change is not None and row.metric.name != "errors"
    ][:_STEPS_MAX]
    if not drawn:
        return ""
    names = ", ".join(f'"{name}"' for name, _ in drawn)
    bars = ", ".join(f"{percent:.1f}" for _, percent in drawn)
    line = ", ".join("100" for _ in drawn)
    top = max(120.0, *(percent * 1.1 for _, percent in drawn))
    return "\n".join(
        (
            "```mermaid",
            "xychart-beta",
            '    title "Now, in percent of the baseline (line: no change)"',
            f"    x-axis [{names}]",
            f'    y-axis "percent" 0 --> {top:.0f}',
            f"    bar [{bars}]",
            f"    line [{line}]",
            "```",
        )
    )


def diagram(chart: Chart) -> str:
    """A chart that comes as Mermaid, under its title; "" for any other (for `render_markdown`)."""
    if not chart.mermaid:
        return ""
    return f"**{label(chart.title, _TITLE_MAX)}**\n\n```mermaid\n{chart.mermaid}\n```"


def label(name: str, length: int = _NAME_MAX) -> str:
    """A name that may stand between quotes."""
    plain = " ".join(_FOREIGN.sub(" ", name).split())
    return plain[:length].strip() or "step"
