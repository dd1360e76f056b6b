"""Rich as a pure function: renderables in, text out, with or without colour."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from typing import TextIO

from rich.console import Console, Group, RenderableType

WIDTH_MIN = 60


def console_text(
    renderables: Iterable[RenderableType], *, width: int, color: bool, wrap: bool = True
) -> str:
    """The lines, without trailing blanks. `wrap=False` leaves long lines to the terminal."""
    console = Console(
        file=io.StringIO(),
        width=max(WIDTH_MIN, width),
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
        highlight=False,
    )
    with console.capture() as capture:
        console.print(Group(*renderables), soft_wrap=not wrap)
    return "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"


def wants_color(stream: TextIO) -> bool:
    """A terminal, unless NO_COLOR is set (https://no-color.org) or it is a dumb one."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
