"""What a verification came to, as text: the figures before and after, then the outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from perfwright.report import wording
from perfwright.report.console import WIDTH_MIN, console_text

_STYLES = {"confirmed": "bold white on green", "worse": "bold white on red"}


def render_verified(document: Mapping[str, Any], *, width: int = 80, color: bool = False) -> str:
    """`document`: of `verify --json`."""
    width = max(WIDTH_MIN, width)
    return console_text(_blocks(document), width=width, color=color)


def _blocks(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield Text()
    if finding := document["finding"]:
        yield Text(f"{finding['title']}: {wording.clean(finding['subject'])}", "bold")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("", "before", "after", "gain", "90% interval", "predicted"):
        table.add_column(title, justify="right" if title else "left", no_wrap=True)
    for change in document["changes"]:
        promised = change["promised"]
        table.add_row(
            f"{change['name']}, {change['unit']}", wording.count(change["before"]),
            wording.count(change["after"]), f"{change['gain']:.3g}×", _interval(change),
            wording.DASH if promised is None else f"{promised:.3g}×",
        )  # fmt: skip
    yield table
    yield Text()
    outcome = document["verdict"]
    yield Text.assemble((f" {outcome.upper()} ", _STYLES.get(outcome, "bold black on yellow")))
    yield Text(f"run {document['before']} against {document['after']}", "dim")


def _interval(change: Mapping[str, Any]) -> str:
    """Of the gain; open where a search ended before the limit."""
    low, high = change["low"], change["high"]
    if high is None:
        return f"at least {low:.3g}×"
    if change["lower_is_better"]:
        low, high = 1 / high, 1 / low
    return f"{low:.3g} to {high:.3g}×"
