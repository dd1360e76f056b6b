"""Names for the parameters of a URL template, from the constant before each: `/items/{item_id}`.

    /users/7/orders/2026-11-23     users/{user_id}/orders/{order_date}
    /blog/2026/11/blue-mug         blog/{year}/{month}/{blog_slug}
    /files/report-17.pdf           files/report-{report_id}.pdf

Names are identifiers in ASCII, unique within a template, and depend on the template alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from perfwright.analyze.workload.templates import Slot, Template

_MAX_NAME = 32
_KIND_ENDINGS = {
    "integer": "id", "uuid": "id", "hash": "id", "date": "date", "slug": "slug", "text": "text",
}  # fmt: skip
_NOT_NAMES = frozenset({"api", "v", "id", "ids", "by", "rest", "index", "www"})


@dataclass(frozen=True, slots=True)
class NamedSlot:
    """`name`: the parameter's. `kind`: integer, uuid, hash, date, slug, text."""

    name: str
    kind: str
    prefix: str
    suffix: str


def named(template: Template) -> tuple[str | NamedSlot, ...]:
    """The template's segments, each slot with the name that stands in braces."""
    pieces: list[str | NamedSlot] = []
    taken: set[str] = set()
    noun = ""
    dates: list[str] = []
    for segment in template:
        if isinstance(segment, str):
            noun = _singular(_word(segment)) or noun
            dates = []
            pieces.append(segment)
            continue
        name = _date_part(segment, dates)
        if name:
            dates.append(name)
        else:
            name = _name(segment, noun)
        name = free_name(name, taken)
        pieces.append(NamedSlot(name, segment.kind, segment.prefix, segment.suffix))
    return tuple(pieces)


def spelled(pieces: Sequence[str | NamedSlot]) -> str:
    """`/items/{item_id}`."""
    return "".join(
        f"/{piece}" if isinstance(piece, str) else f"/{piece.prefix}{{{piece.name}}}{piece.suffix}"
        for piece in pieces
    )


def identifier(text: str) -> str:
    """`text` in snake case, ASCII letters and digits; "" where nothing is left of it."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text[:200])
    words = re.sub(r"[^a-z0-9]+", "_", snake.lower()).strip("_")[:_MAX_NAME].strip("_")
    return words if words and not words[0].isdigit() else ""


def free_name(wanted: str, taken: set[str], joint: str = "_") -> str:
    """`wanted`, or with the first number that makes it free; it is taken then."""
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}{joint}{number}", number + 1
    taken.add(name)
    return name


def _name(slot: Slot, noun: str) -> str:
    own = _singular(_word(slot.prefix))
    ending = _KIND_ENDINGS[slot.kind]
    stem = own if len(own) > 1 else noun
    if slot.kind == "slug" and not stem:
        return "page"
    return f"{stem}_{ending}" if stem and stem != ending else ending


def _word(segment: str) -> str:
    word = identifier(re.sub(r"%[0-9A-Fa-f]{2}", " ", segment))
    return "" if word in _NOT_NAMES or re.fullmatch(r"v\d+(_\d+)*", word) else word


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if re.search(r"(ss|x|ch|sh)es$", word):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "ws")):
        return word[:-1]
    return word


def _date_part(slot: Slot, dates: Sequence[str]) -> str:
    """`year`, `month` or `day` for integers that are those; "" for others."""
    if slot.kind != "integer" or slot.prefix or slot.suffix or not slot.values:
        return ""
    if not all(len(value) <= 4 for value in slot.values):
        return ""
    low, high = min(map(int, slot.values)), max(map(int, slot.values))
    if not dates:
        return "year" if low >= 1970 and high <= 2099 else ""
    if dates == ["year"]:
        return "month" if low >= 1 and high <= 12 else ""
    return "day" if dates == ["year", "month"] and low >= 1 and high <= 31 else ""
