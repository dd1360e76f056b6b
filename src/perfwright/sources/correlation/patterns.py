"""The last resort: a regular expression made of what stands around a value in a text.

    …  "nonce":"9f8e7d6c5b"  …   ─►   "nonce":"([A-Za-z0-9_-]+)

The shortest piece of text before the value (on its line, without other values that look random)
whose first match in the whole text is the value itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from perfwright.sources.correlation.distinctive import is_distinctive
from perfwright.sources.correlation.extracting import escaped

_WIDEST = 120
_MOST_WORDS = 10
_LETTERS = re.compile("[A-Za-z]{2}")
_WORD = re.compile(r"[A-Za-z0-9_-]+")
_RUN = re.compile(r"[A-Za-z0-9_\-.~+/=]+")
_MOST_PLACES = 8


def pattern_for(text: str, value: str) -> str | None:
    """A regular expression whose first match in `text` has `value` as its first group."""
    at = text.find(value)
    for _ in range(_MOST_PLACES):
        if at < 0:
            return None
        group = _group(value, text[at + len(value) : at + len(value) + 1])
        for before in _contexts(text[max(0, at - _WIDEST) : at]):
            expression = escaped(before) + group
            match = re.search(expression, text)
            if match is not None and match[1] == value:
                return expression
        at = text.find(value, at + 1)
    return None


def _group(value: str, after: str) -> str:
    if _WORD.fullmatch(value) and not (after and _WORD.fullmatch(after)):
        return "([A-Za-z0-9_-]+)"
    if after and after not in value:
        return f"([^{escaped(after)}]+)"
    return f"(.{{{len(value)}}})"


def _contexts(before: str) -> Iterator[str]:
    """What stays the same next time, shortest first: whole words, nothing of an earlier line,
    nothing random."""
    before = re.split(r"[\r\n]", before)[-1]
    for run in reversed([*_RUN.finditer(before)]):
        if is_distinctive(run[0]) and run.end() < len(before):
            before = before[run.end() :]
            break
    starts = reversed([word.start() for word in _WORD.finditer(before)])
    words = (before[start:] for start in starts if _LETTERS.search(before, start))
    yield from islice(words, _MOST_WORDS)
