"""What a figure of the benchmark comes to, and the table that all figures are printed in.

A figure has one row or more. `ours` and `peer` share a unit; `ratio` is what the bar judges where
the figure is a ratio; `met` is None where no bar was set or nothing could be measured (`note` says
why).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How long and how often: seconds of a round, rounds of each client."""

    seconds: int
    rounds: int
    quick: bool


FULL = Settings(seconds=10, rounds=3, quick=False)
QUICK = Settings(seconds=3, rounds=1, quick=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    figure: str
    unit: str = ""
    ours: float | None = None
    peer: float | None = None
    ratio: float | None = None
    bar: str = ""
    met: bool | None = None
    note: str = ""

    def as_json(self) -> dict[str, str | float | bool | None]:
        return dataclasses.asdict(self)


def print_table(rows: Sequence[Row]) -> None:
    """To stdout; 120 columns where stdout is no terminal."""
    console = Console(width=None if Console().is_terminal else 120)
    table = Table(title="Perfwright's figures", title_justify="left")
    table.add_column("figure")
    for column in ("ours", "peer", "ratio"):
        table.add_column(column, justify="right", no_wrap=True)
    for column in ("unit", "bar", "met", "note"):
        table.add_column(column)
    for row in rows:
        numbers = [_number(value) for value in (row.ours, row.peer, row.ratio)]
        met = {True: "yes", False: "NO", None: ""}[row.met]
        table.add_row(row.figure, *numbers, row.unit, row.bar, met, row.note)
    console.print(table)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
