"""What texts for a terminal are built of: headings, bullets, tables, the verdict's bar.

All text is foreign: it is cleaned here, cut in the middle or wrapped, and never wider than asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from perfwright.report import wording

SIGNS = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("?", "yellow")}


def fit(text: str, columns: int) -> str:
    """`text` cleaned and at most `columns` wide, cut in the middle; wide characters count twice."""
    text = wording.clean(text)
    length = len(text)
    while cell_len(shown := wording.shorten(text, length)) > columns:
        length = min(length - 1, len(shown) - 1)
    return shown


def heading(title: str) -> RenderableType:
    return Padding(Text(title, "bold cyan"), (1, 0, 0, 0))


def bullet(text: str, style: str = "") -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=1)
    table.add_column(overflow="fold")
    table.add_row(Text("•", style), Text(wording.clean(text)))
    return table


def bullets(title: str, texts: Sequence[str], *, style: str = "") -> Iterator[RenderableType]:
    """A heading and its points; nothing where there is no point."""
    if texts:
        yield heading(title)
        yield from (bullet(text, style) for text in texts)


def plain_table(*, header: bool = True) -> Table:
    padding = (0, 1, 0, 0)
    return Table(box=None, padding=padding, pad_edge=False, header_style="dim", show_header=header)


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """What must hold: whether it does (None: not known), its value, what is to be said of it."""

    ok: bool | None
    name: str
    value: str
    told: str


def light_table(lights: Sequence[Light], *, names_width_max: int, value_width: int) -> Table:
    """A line each; names are cut in the middle, what is told wraps."""
    table = plain_table(header=False)
    longest = max(cell_len(wording.clean(light.name)) for light in lights)
    names_width = min(longest, names_width_max)
    table.add_column(width=1)
    table.add_column(width=names_width, no_wrap=True)
    table.add_column(width=value_width, justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for light in lights:
        sign, style = SIGNS[light.ok]
        table.add_row(
            Text(sign, style),
            Text(fit(light.name, names_width)),
            Text(light.value, style),
            Text(wording.clean(light.told), "dim"),
        )
    return table


def bar(word: str, style: str, width: int) -> Text:
    """A bar across the terminal; without colour its edges are drawn."""
    return Text(f" {word} ".center(width, "━"), style, no_wrap=True, overflow="crop")
