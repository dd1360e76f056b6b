"""A document as GitHub-flavoured Markdown: for a pull request's comment, a job's summary, a file.

Charts are left to the HTML report unless the caller draws them (`pictures.py`, `mermaid.py`), long
text is folded. The text stays below `LIMIT_BYTES` (a comment holds 65,536 characters): tables are
cut to their first rows first, then whole sections from the end, and the text says so. Foreign text
cannot form markup: what has a meaning is escaped.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from perfwright.model.verdict import Status
from perfwright.report.document import (
    Block,
    Callout,
    Card,
    Cell,
    Chart,
    Code,
    Document,
    Flame,
    KeyFigures,
    Paragraph,
    Section,
    Table,
    Tone,
)
from perfwright.report.wording import clean, shorten

LIMIT_BYTES = 60_000
ROWS_MAX = 40
_CODE_MAX = 4_000
_CELL_MAX = 200

_SIGNS = {Status.PASS: "✅", Status.FAIL: "❌", Status.INCONCLUSIVE: "⚠️"}
_LIGHTS = {Tone.GOOD: "🟢 ", Tone.BAD: "🔴 ", Tone.UNSURE: "⚪ "}
_MEANINGFUL = re.compile(r"([\\`*_\[\]<>|#~!&])")
_MENTION = re.compile(r"(?<!\w)@(?=\w)")
_QUIET_AT = "@\u200b"

Draw = Callable[[Chart], str]
"""What stands for a chart: Markdown, or nothing."""


def render_markdown(
    document: Document, draw: Draw = lambda _: "", *, limit_bytes: int = LIMIT_BYTES
) -> str:
    """The whole text, shortened until it fits."""
    for rows_max in (ROWS_MAX, 10):
        text = _render(document, document.sections, rows_max, draw)
        if len(text.encode()) <= limit_bytes:
            return text
    kept = document.sections
    while kept and len(text.encode()) > limit_bytes:
        kept = kept[:-1]
        text = _render(document, kept, 10, draw)
    return text


def escape(text: str) -> str:
    """One line in which nothing is markup; a zero-width space after the `@` of a name at the
    beginning of a word keeps it from notifying."""
    line = " ".join(clean(text, keep="\n").split("\n"))
    return _MENTION.sub(_QUIET_AT, _MEANINGFUL.sub(r"\\\1", line))


def _render(document: Document, sections: tuple[Section, ...], rows_max: int, draw: Draw) -> str:
    head = [
        *_answer(document),
        " · ".join(f"{escape(name)}: {escape(value)}" for name, value in document.facts),
    ]
    body = [_section(section, rows_max, draw) for section in sections]
    left_out = len(document.sections) - len(sections)
    if left_out:
        body.append(f"_{left_out} more sections did not fit; the HTML report has them._")
    return (
        "\n\n".join(part for part in (*head, *body, f"_{escape(document.footer)}_") if part) + "\n"
    )


def _answer(document: Document) -> tuple[str, ...]:
    """Heading and verdict; where there is none, the subtitle says what this is."""
    verdict = document.verdict
    if verdict is None:
        return (f"# {escape(document.title)}", escape(document.subtitle))
    return (
        f"# {_SIGNS[verdict.status]} {verdict.shown} · {escape(document.title)}",
        f"**{escape(verdict.headline)}**",
        "\n".join(f"- {escape(reason)}" for reason in verdict.reasons),
    )


def _section(section: Section, rows_max: int, draw: Draw) -> str:
    blocks = [_block(block, rows_max, draw) for block in section.blocks]
    if not any(blocks):
        return ""
    lead = escape(section.lead) if section.lead else ""
    return "\n\n".join(part for part in (f"## {escape(section.title)}", lead, *blocks) if part)


def _block(block: Block, rows_max: int, draw: Draw) -> str:
    match block:
        case KeyFigures():
            return "\n".join(
                f"- {escape(f.label)}: **{escape(f.value)}** ({escape(f.detail)})"
                for f in block.figures
            )
        case Card():
            return _card(block)
        case Table():
            return _table(block, rows_max)
        case Chart():
            return draw(block)
        case Flame():
            return _table(block.table, rows_max)
        case Callout():
            return f"> {escape(block.text)}"
        case Paragraph():
            return escape(block.text)
        case Code():
            return _code(block)


def _card(card: Card) -> str:
    lines = (f"- {escape(label)}: {escape(text)}" for label, text in card.lines)
    fence = ("", "```sh", clean(card.command), "```") if card.command else ()
    return "\n".join((f"### {escape(card.title)} ({escape(card.tag)})", "", *lines, *fence))


def _table(table: Table, rows_max: int) -> str:
    titles = [
        escape(f"{column.title} {column.group.lower()}" if column.group else column.title)
        for column in table.columns
    ]
    rules = ["--:" if column.numeric else ":--" for column in table.columns]
    rows = table.rows
    shown = rows if len(rows) <= rows_max else (*rows[: rows_max - 1], rows[-1])
    lines = [titles, rules, *([_cell(cell) for cell in row] for row in shown)]
    grid = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    left_out = len(rows) - len(shown)
    notes = [escape(table.note)] if table.note else []
    if left_out:
        notes.append(f"_{left_out:,} more rows in the HTML report._")
    return "\n\n".join((f"**{escape(table.caption)}**", grid, *notes))


def _cell(cell: Cell) -> str:
    text = escape(shorten(cell.text, _CELL_MAX))
    return _LIGHTS.get(cell.tone, "") + text if cell.light else text


def _code(block: Code) -> str:
    """In a fence longer than any in the text."""
    text = clean(block.text, keep="\n\t")
    if len(text) > _CODE_MAX:
        text = text[:_CODE_MAX] + "\n… (cut; the HTML report has all of it)"
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    caption = clean(block.caption).replace("@", _QUIET_AT)
    if not block.folded:
        return f"**{escape(caption)}**\n\n{fence}{block.language}\n{text.rstrip()}\n{fence}"
    summary = html.escape(caption)  # inside HTML, where backslashes are text
    return (
        f"<details><summary>{summary}</summary>\n\n{fence}\n{text.rstrip()}\n{fence}\n\n</details>"
    )
