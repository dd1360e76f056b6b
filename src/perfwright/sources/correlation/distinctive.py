"""Whether a text can be recognised when it is seen again: random enough that two answers would not
hold the same one by chance.

    yes   d41d8cd98f00b204, 3f2b…-uuid, eyJhbGciOi…, cus_9s8d7fK2, 8731942, ORD-000123
    no    1, true, 200, iphone15, wool-scarf, en-US, 2026-11-23, 1.2.3, style.min.css, a@b.example
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 200_000
"""Characters; longer texts are content, not values (ASP.NET's view states are long)."""

_LEAST = 6
_LEAST_DIGITS = 5
_LEAST_MIXED = 8
_LEAST_LETTERS = 20
_LEAST_TURNS = 3
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ORDINARY = re.compile(
    r"\d{4}-\d\d(?:-\d\d)?(?:[T ][\d:.,+Z-]*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}"  # dates
    r"|\d{1,2}:\d\d(?::\d\d)?|v?\d+(?:\.\d+)+|[+-]?\d+\.\d+"  # times, versions, decimals
    r"|[^\s@]+@[^\s@]+\.[a-z]+"  # addresses
    r"|[\w.+-]+/[\w.+-]+"  # media types
    r"|[\w./-]*\.(?:js|mjs|css|html?|php|aspx?|jsp|json|xml|png|jpe?g|gif|svg|webp|ico|woff2?|map)",
    re.IGNORECASE,
)
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4}){6,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_TURN = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])|(?<=[a-z])(?=[A-Z])")
_SPACE = re.compile(r"\s")
_DIGIT = re.compile(r"\d")
_LONG_NUMBER = re.compile(r"\d{5}")
_RUNS = (
    re.compile(r"[A-Za-z0-9_\-.~+/=]+"),
    re.compile(r"[A-Za-z0-9_-]+"),
    re.compile(r"[A-Za-z0-9]+"),
)


def is_distinctive(text: str) -> bool:
    """Whether a text is long and random enough to be told from others."""
    if text.isascii() and text.isdigit():
        return len(text) >= _LEAST_DIGITS and len(set(text)) > 1
    if not _LEAST <= len(text) <= LONGEST or _SPACE.search(text):
        return False
    if _UUID.fullmatch(text):
        return True
    turns = sum(1 for _ in _TURN.finditer(text[:256]))
    is_base64 = turns >= 2 * _LEAST_TURNS and _BASE64.fullmatch(text) is not None
    is_address = text.startswith(("/", "http:", "https:"))
    if not is_base64 and (is_address or (len(text) < 64 and _ORDINARY.fullmatch(text))):
        return False
    if _LONG_NUMBER.search(text):
        return True
    if len(text) < _LEAST_MIXED:
        return False
    if _DIGIT.search(text):
        return turns >= _LEAST_TURNS
    return len(text) >= _LEAST_LETTERS and turns >= 2 * _LEAST_TURNS


def pieces(text: str) -> Iterator[str]:
    """The text itself and the runs in it that may be values: with, then without, punctuation."""
    if len(text) > LONGEST:
        return
    seen = {text}
    yield text
    for run in _RUNS:
        for match in run.finditer(text):
            if match[0] not in seen:
                seen.add(match[0])
                yield match[0]


def core(text: str) -> str:
    """The longest run of letters and digits in it: what an index of words knows it by."""
    return max(_RUNS[-1].findall(text), key=len, default="")
