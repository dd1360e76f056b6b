"""What an extraction gives on a recorded answer: the check that every proposal must pass.

Headers ignore case, and of several the first counts.
"""

from __future__ import annotations

import json
import re
from typing import Any

from perfwright.model.journey import Extraction
from perfwright.model.json_pointer import value_at
from perfwright.sources.correlation.exchanges import Answer

_SPECIAL = re.compile(r"([\\.^$*+?{}\[\]|()])")


def value_of(extraction: Extraction, answer: Answer) -> str | int | float | None:
    """The value, a JSON number as such; None where the answer does not hold it."""
    found = _found(extraction, answer)
    if found is None or not extraction.pattern:
        return found
    match = re.search(extraction.pattern, str(found))
    return match[1] if match else None


def _found(extraction: Extraction, answer: Answer) -> str | int | float | None:
    wanted = extraction.expression
    if extraction.source == "json":
        return _leaf(answer.text, wanted)
    if extraction.source == "header":
        named = (value for name, value in answer.headers if name.lower() == wanted.lower())
        return next(named, None)
    if extraction.source == "cookie":
        return dict(answer.cookies).get(wanted)
    match = re.search(wanted, answer.url if extraction.source == "url" else answer.text)
    return match[1] if match else None


def _leaf(text: str, pointer: str) -> str | int | float | None:
    try:
        found = value_at(parsed(text), pointer)
    except LookupError:
        return None
    is_value = isinstance(found, (str, int, float)) and not isinstance(found, bool)
    return found if is_value else None


def parsed(text: str) -> Any:
    """The JSON document that a text is, else None."""
    if text[:64].lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def escaped(text: str) -> str:
    """As `re.escape`, but only what needs it, so that people can read it."""
    return _SPECIAL.sub(r"\\\1", text)
