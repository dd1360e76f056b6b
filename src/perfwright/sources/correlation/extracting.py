"""What an extraction gives on a recorded answer: the check that every proposal must pass.

A JSON pointer is RFC 6901's; headers ignore case, and of several the first counts.
"""

from __future__ import annotations

import json
import re
from typing import Any

from perfwright.model.journey import Extraction
from perfwright.sources.correlation.exchanges import Answer

_MISSING = object()
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
    document = parsed(text)
    at: Any = document
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(at, dict):
            at = at.get(key, _MISSING)
        elif isinstance(at, list) and key.isdigit() and int(key) < len(at):
            at = at[int(key)]
        else:
            return None
    is_value = isinstance(at, (str, int, float)) and not isinstance(at, bool)
    return at if is_value else None


def parsed(text: str) -> Any:
    """The JSON document that a text is, else None."""
    if text[:64].lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def pointer_to(keys: tuple[str, ...]) -> str:
    """RFC 6901: `("a/b", "0")` → `/a~1b/0`."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)


def escaped(text: str) -> str:
    """As `re.escape`, but only what needs it, so that people can read it."""
    return _SPECIAL.sub(r"\\\1", text)
