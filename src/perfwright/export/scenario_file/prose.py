"""Sentences of strangers as comments and docstrings: one line of printable text, wrapped, bounded.

Nothing can end a docstring or continue a comment: line ends and what is not printable become
spaces, double quotes single ones, backslashes slashes. A comment that a tool could take for an
order (`fmt: off`, `noqa`) begins with a dash.
"""

from __future__ import annotations

import re
import textwrap

from perfwright.export.scenario_file.literals import WIDTH, columns

LONGEST = 300
_PRAGMA = re.compile(r"(?i)\s*(fmt|yapf|ruff|type|noqa|isort|pragma|pylint|mypy|nosec|!|:)")


def prose(text: str, longest: int = LONGEST) -> str:
    """`text` as one line without quotes, backslashes and what cannot be seen."""
    cut = text[: 4 * longest]
    plain = "".join(char if char.isprintable() else " " for char in cut)
    plain = " ".join(plain.replace('"', "'").replace("\\", "/").split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1].rstrip()}…"


def wrapped(text: str, *, first: str = "", later: str = "", depth: int = 0) -> list[str]:
    """Lines that fit; `first` begins the first of them, `later` the others."""
    if not text:
        return []
    width = WIDTH - 4 * depth
    if columns(text)[0] > len(text):
        width //= 2
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=later)


def comment_lines(text: str, depth: int = 0) -> list[str]:
    plain = prose(text)
    if _PRAGMA.match(plain):
        plain = f"- {plain}"
    return wrapped(plain, first="# ", later="# ", depth=depth)
