"""A baseline in a terminal: what it is made of, and what its steps came to."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from perfwright.report import wording
from perfwright.report.console import WIDTH_MIN, console_text
from perfwright.report.text_blocks import bullets, fit, heading, plain_table
from perfwright.workflow.keep_baseline import Described

_COLUMNS = (
    ("requests", "requests"), ("errors", "errors"), ("/s", "throughput_per_s"),
    ("p50", "response_ms_p50"), ("p95", "response_ms_p95"), ("p99", "response_ms_p99"),
)  # fmt: skip


def render_baseline(told: Described, *, width: int = 80, color: bool = False) -> str:
    """The whole text, each line at most `width` columns wide."""
    width = max(WIDTH_MIN, width)
    return console_text(_blocks(told, width), width=width, color=color)


def _blocks(told: Described, width: int) -> Iterator[RenderableType]:
    at = f"at {told.git_commit[:12]}" if told.git_commit else ""
    branch = f"on {told.git_branch}" if told.git_branch else ""
    facts = " ".join(part for part in (told.started_at, branch, at, told.target) if part)
    yield Text()
    yield Text(fit(told.label, width), "bold")
    yield Text(fit(facts, width), "dim")
    yield from bullets("Runs", told.runs)
    table = plain_table()
    names_width = width - 54
    table.add_column("step", width=names_width, no_wrap=True)
    for title, _ in _COLUMNS:
        table.add_column(title, width=8, justify="right", no_wrap=True)
    for name, figures in told.steps.items():
        values = (
            wording.milliseconds(figures[key])
            if key.startswith("response")
            else wording.compact(figures[key] or 0, 8)
            for _, key in _COLUMNS
        )
        table.add_row(Text(fit(name, names_width)), *map(Text, values))
    yield from (heading("Response time in ms"), table)
    yield from bullets("Notes", told.notes)
