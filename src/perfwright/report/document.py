"""What a report says, apart from how it looks: a tree of frozen values that every renderer walks.

    Document ─ title, subtitle, facts
      ├─ VerdictBox                      the answer, always first; a plan has none yet
      └─ Section ─ title, lead
           └─ Block: KeyFigures | Card | Table | Chart | Flame | Callout | Paragraph | Code

All text is plain text: escaping is each renderer's own business. Times read as ms or with their
unit, ratios as percent; numbers arrive spelled, because one spelling serves all renderers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from perfwright.model.verdict import Status


class Tone(StrEnum):
    """What a value means to the reader; renderers choose colour, sign and word for it."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    UNSURE = "unsure"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictBox:
    status: Status
    headline: str
    """One sentence beside the word: what the verdict stands on."""
    reasons: tuple[str, ...] = ()
    word: str = ""
    """Of a verdict that is more than a status: `slower`."""

    @property
    def shown(self) -> str:
        return (self.word or self.status).upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Text to be shown as it is: a traceback, a source file. `caption` says what it is."""

    caption: str
    text: str
    folded: bool = False
    """Long text a reader opens when wanted."""
    language: str = ""
    """Of a fence in Markdown: `sh`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callout:
    tone: Tone
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    label: str
    value: str
    detail: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigures:
    figures: tuple[KeyFigure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    title: str
    numeric: bool = False
    group: str = ""
    """Neighbouring columns of one group share a heading above them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    text: str
    tone: Tone = Tone.PLAIN
    code: bool = False
    light: bool = False
    """A signal: renderers put a mark before it, so that it is told apart without colour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`rows` are as long as `columns`. The first column names the row. `has_sum`: the last row sums
    up the others."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    has_sum: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`spec` is Vega-Lite; `description` says in a sentence what the picture shows, for who cannot
    see it. `wide` charts take the full width, others share a row. `log_scale`: the y axis may be
    switched between linear and logarithmic (a renderer that can, offers it). `mermaid`: the same
    for Markdown, which draws it by itself; "" leaves the chart to the HTML report."""

    key: str
    title: str
    description: str
    spec: Mapping[str, Any]
    wide: bool = True
    log_scale: bool = False
    mermaid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flame:
    """Sampled stacks to be explored. `data` is what `assets/flame.js` draws (its head says how it
    is laid out); `table` says the most important of it, for paper, text and without JavaScript."""

    key: str
    title: str
    description: str
    data: Mapping[str, Any]
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One thing that stands for itself: a heading, a tag beside it, and labelled lines of text.
    `figure` shows what it rests on, `command` is a line to be copied into a shell."""

    key: str
    title: str
    tag: str
    lines: tuple[tuple[str, str], ...]
    figure: Chart | None = None
    command: str = ""


Block = KeyFigures | Card | Table | Chart | Flame | Callout | Paragraph | Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`key` is the anchor; a section without blocks is left out by whoever builds the document."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    lead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    """Short (name, value) pairs of the page's head: target, load, when."""
    verdict: VerdictBox | None
    sections: tuple[Section, ...]
    footer: str
