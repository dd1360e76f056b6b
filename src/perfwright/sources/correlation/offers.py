"""What an answer offers: every value in it that has a name, with the way to get at it.

In the order in which they are preferred: JSON by pointer, headers, cookies, the final address,
hidden inputs and meta elements of HTML. Text without a name is for `patterns.py`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from urllib.parse import urlsplit

from perfwright.model.journey import Extraction
from perfwright.model.json_pointer import pointer_to
from perfwright.sources.correlation.exchanges import Answer
from perfwright.sources.correlation.extracting import escaped, parsed

_MOST_LEAVES = 200_000
_DEEPEST = 64
_NEVER = re.compile(
    "set-cookie|date|content-.*|expires|last-modified|age|server|vary|cache-control|connection"
    "|keep-alive|transfer-encoding|alt-svc|via",
    re.IGNORECASE,
)
_ELEMENT = re.compile(r"<(?:input|meta|button)\b[^<>]{1,250000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![\w:-])([\w:-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+)""")
_NAMES = ("name", "id", "property")
_VALUES = ("value", "content")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """`value`: as text. `key`: its name in the answer. `extraction.name` is yet to be given."""

    value: str
    key: str
    extraction: Extraction
    is_number: bool = False


def offers(answer: Answer, wanted: Container[str]) -> Iterator[Offer]:
    """Those whose values are wanted."""
    yield from _json_offers(answer.text, wanted)
    yield from (one for one in _named_offers(answer) if one.value in wanted)
    yield from _html_offers(answer.text, wanted)


def _named_offers(answer: Answer) -> Iterator[Offer]:
    for name, value in answer.headers:
        if _NEVER.fullmatch(name) is None:
            yield Offer(value=value, key=name, extraction=Extraction("", "header", name))
        if name.lower() == "location":
            for piece, key, pattern in _address_pieces(value):
                extraction = Extraction("", "header", name, pattern)
                yield Offer(value=piece, key=key, extraction=extraction)
    for name, value in answer.cookies:
        yield Offer(value=value, key=name, extraction=Extraction("", "cookie", name))
    for piece, key, pattern in _address_pieces(answer.url):
        yield Offer(value=piece, key=key, extraction=Extraction("", "url", pattern))


def _json_offers(text: str, wanted: Container[str]) -> Iterator[Offer]:
    """Iterative, so that depth is bounded by us and not by the interpreter."""
    waiting: list[tuple[object, tuple[str, ...]]] = [(parsed(text), ())]
    seen = 0
    while waiting and seen < _MOST_LEAVES:
        value, keys = waiting.pop()
        if isinstance(value, (dict, list)) and len(keys) < _DEEPEST:
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            waiting.extend((one, (*keys, str(key))) for key, one in reversed([*inner]))
        elif isinstance(value, (str, int)) and not isinstance(value, bool) and keys:
            seen += 1
            if str(value) in wanted:
                yield _leaf_offer(value, keys)


def _leaf_offer(value: str | int, keys: tuple[str, ...]) -> Offer:
    key = next((one for one in reversed(keys) if not one.isdigit()), "")
    extraction = Extraction("", "json", pointer_to(keys))
    return Offer(value=str(value), key=key, extraction=extraction, is_number=isinstance(value, int))


def _address_pieces(address: str) -> Iterator[tuple[str, str, str]]:
    """(value, name, pattern) of each segment that follows another, and of each parameter."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return
    segments = parts.path.split("/")
    for before, value in pairwise(segments):
        if before and value:
            yield value, before, f"/{escaped(before)}/([^/?#]+)"
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if value:
            yield value, name, f"[?&]{escaped(name)}=([^&#]+)"


def _html_offers(text: str, wanted: Container[str]) -> Iterator[Offer]:
    for element in _ELEMENT.finditer(text) if "<" in text else ():
        attributes = {one[1].lower(): one for one in _ATTRIBUTE.finditer(element[0])}
        named = next((attributes[name] for name in _NAMES if name in attributes), None)
        held = next((attributes[name] for name in _VALUES if name in attributes), None)
        if named is None or held is None or _bare(held[2]) not in wanted:
            continue
        if unescape(held[2]) != held[2]:  # it would be extracted as it is written
            continue
        pair = escaped(named[0])
        quote = held[2][0] if held[2][0] in "\"'" else ""
        inside = f"[^{quote}]*" if quote else r"[^\s<>]+"
        value = f"{held[1]}={quote}({inside}){quote}"
        ways = (f"{pair}[^<>]*?\\b{value}", f"{value}[^<>]*?{pair}")
        expression = ways[0] if named.start() < held.start() else ways[1]
        extraction = Extraction("", "regex", expression)
        yield Offer(value=_bare(held[2]), key=_bare(named[2]), extraction=extraction)


def _bare(value: str) -> str:
    return value[1:-1] if value[0] in "\"'" else value
