"""Blocks of the document model as semantic HTML. All text is foreign and gets escaped.

Tables scroll inside their own box, have a caption and row headings; charts are labelled images
whose spec sits beside them as JSON (a data block: nothing in it is ever executed).
"""

from __future__ import annotations

import html
import itertools
import json
from collections.abc import Mapping
from typing import Any

from perfwright.report.document import (
    Block,
    Callout,
    Card,
    Cell,
    Chart,
    Code,
    Column,
    Flame,
    KeyFigures,
    Paragraph,
    Section,
    Table,
    Tone,
)
from perfwright.report.wording import clean

_LONG = 32
"""Characters from which a text gets a wider column."""


def escape(text: str, *, keep: str = "") -> str:
    """Safe as text and inside quoted attributes."""
    return html.escape(clean(text, keep=keep), quote=True)


def section_html(section: Section) -> str:
    lead = f'<p class="lead">{escape(section.lead)}</p>\n' if section.lead else ""
    blocks = "\n".join(
        block_html(block, f"{section.key}-{number}")
        for number, block in enumerate(section.blocks, 1)
    )
    heading = f"{section.key}-heading"
    return (
        f'<section id="{section.key}" aria-labelledby="{heading}">\n'
        f'<h2 id="{heading}">{escape(section.title)}</h2>\n{lead}'
        f'<div class="blocks">\n{blocks}\n</div>\n</section>'
    )


def block_html(block: Block, key: str) -> str:
    """One block; `key` is unique in the page."""
    match block:
        case KeyFigures():
            return _figures(block)
        case Card():
            return _card(block)
        case Table():
            return _table(block, key)
        case Chart():
            return _chart(block)
        case Flame():
            return _flame(block, key)
        case Callout():
            text = escape(block.text)
            return f'<p class="callout panel {block.tone}"><span>{text}</span></p>'
        case Paragraph():
            return f"<p>{escape(block.text)}</p>"
        case Code():
            return _code(block)


def _figures(block: KeyFigures) -> str:
    rows = "\n".join(
        f"<div><dt>{escape(figure.label)}</dt>"
        f'<dd class="value {figure.tone}">{escape(figure.value)}</dd>'
        f'<dd class="detail">{escape(figure.detail)}</dd></div>'
        for figure in block.figures
    )
    return f'<dl class="figures panel">\n{rows}\n</dl>'


def _card(card: Card) -> str:
    lines = "\n".join(_line(label, text) for label, text in card.lines)
    figure = _chart(card.figure) if card.figure else ""
    command = f'<pre tabindex="0"><code>{escape(card.command)}</code></pre>' if card.command else ""
    return (
        f'<article class="card panel" id="{card.key}">\n'
        f"<h3>{escape(card.title)} <small>{escape(card.tag)}</small></h3>\n"
        f"<dl>\n{lines}\n</dl>\n{command}{figure}\n</article>"
    )


def _line(label: str, text: str) -> str:
    shown = escape(text, keep="\n")
    return f"<div><dt>{escape(label)}</dt><dd>{shown}</dd></div>"


def _table(table: Table, key: str) -> str:
    caption = f"{key}-caption"
    rows = "\n".join(_row(table, row) for row in table.rows)
    note = f'<p class="note">{escape(table.note)}</p>\n' if table.note else ""
    kind = key.rsplit("-", 1)[0]
    return (
        f'<div class="table panel {kind}">\n'
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{caption}">\n<table>\n'
        f'<caption id="{caption}"><span>{escape(table.caption)}</span></caption>\n'
        f"<thead>\n{_heads(table.columns)}\n</thead>\n<tbody>\n{rows}\n</tbody>\n"
        f"</table>\n</div>\n{note}</div>"
    )


def _heads(columns: tuple[Column, ...]) -> str:
    """One row of headings, and one above it where neighbouring columns share a group."""
    titles = "".join(
        f'<th scope="col"{_class("num" if column.numeric else "")}>{escape(column.title)}</th>'
        for column in columns
    )
    if not any(column.group for column in columns):
        return f"<tr>{titles}</tr>"
    spans = [
        (group, len(list(of))) for group, of in itertools.groupby(columns, key=lambda c: c.group)
    ]
    groups = "".join(
        f'<th scope="colgroup" colspan="{width}">{escape(group)}</th>'
        if group
        else f'<td colspan="{width}"></td>'
        for group, width in spans
    )
    return f"<tr>{groups}</tr>\n<tr>{titles}</tr>"


def _row(table: Table, row: tuple[Cell, ...]) -> str:
    head, *rest = row
    cells = "".join(
        f"<td{_class(_cell_class(column, cell))}>{_cell(cell)}</td>"
        for column, cell in zip(table.columns[1:], rest, strict=True)
    )
    summed = _class("sum" if row is table.rows[-1] and table.has_sum else "")
    return f'<tr{summed}><th scope="row"{_class(_tone(head))}>{_cell(head)}</th>{cells}</tr>'


def _cell_class(column: Column, cell: Cell) -> str:
    classes = ["num" if column.numeric else "", _tone(cell)]
    if cell.light:
        classes.append("light")
    if not column.numeric and len(cell.text) > _LONG:
        classes.append("long")
    return " ".join(filter(None, classes))


def _cell(cell: Cell) -> str:
    text = escape(cell.text)
    return f"<code>{text}</code>" if cell.code else text


def _tone(cell: Cell) -> str:
    return "" if cell.tone is Tone.PLAIN else cell.tone.value


def _class(names: str) -> str:
    return f' class="{names}"' if names else ""


def _chart(chart: Chart) -> str:
    toggle = '<label hidden><input type="checkbox">log scale</label>' if chart.log_scale else ""
    width = "wide" if chart.wide else "half"
    return (
        f'<figure id="chart-{chart.key}" class="panel {width}" data-chart>\n'
        f"<figcaption><h3>{escape(chart.title)}</h3>{toggle}</figcaption>\n"
        f'<div class="chart" role="img" aria-label="{escape(chart.description)}"></div>\n'
        f'<script type="application/json">{_data(chart.spec)}</script>\n</figure>'
    )


def _flame(flame: Flame, key: str) -> str:
    """The graph stays hidden until its script has drawn it; the table is there in any case."""
    return (
        f'<figure id="flame-{flame.key}" class="panel" data-flame>\n'
        f"<figcaption><h3>{escape(flame.title)}</h3></figcaption>\n"
        '<div class="flame-controls" hidden></div>\n'
        f'<div class="flame" role="tree" aria-label="{escape(flame.description)}" hidden></div>\n'
        '<p class="told" aria-live="polite" hidden></p>\n'
        f'<script type="application/json">{_data(flame.data)}</script>\n'
        f"{_table(flame.table, key)}\n</figure>"
    )


def _data(value: Mapping[str, Any]) -> str:
    """JSON that cannot end the element that it stands in."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _code(block: Code) -> str:
    caption, text = escape(block.caption), escape(block.text, keep="\n\t")
    opened = "" if block.folded else " open"
    return (
        f'<details class="code panel"{opened}><summary>{caption}</summary>'
        f'<pre tabindex="0"><code>{text}</code></pre></details>'
    )
