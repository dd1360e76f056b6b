"""The little of JavaScript that can be read without running it: comments, literals, paths.

data.items[0]["id"]     /items/0/id      (a JSON pointer, RFC 6901)
"""

from __future__ import annotations

import re

from perfwright.model.json_pointer import pointer_to

_TOKEN = re.compile(
    r"""("(?:\\.|[^"\\\n]){0,20000}"|'(?:\\.|[^'\\\n]){0,20000}'|`(?:\\.|[^`\\]){0,20000}`)"""
    r"|//[^\n]*|/\*.*?\*/",
    re.DOTALL,
)
_BRACKET = re.compile(r"""[()]|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""")
_STEP = re.compile(
    r"""\??\.?\[\s*(?:(\d{1,9})|"([^"\\]*)"|'([^'\\]*)')\s*\]|\??\.([A-Za-z_$][\w$]*)"""
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}

STRING = r"""("(?:\\.|[^"\\\n]){0,2000}"|'(?:\\.|[^'\\\n]){0,2000}'|`[^`$\\]{0,2000}`)"""
"""A string literal, as one group; a template only if nothing is put in."""
PATH = (
    r"""((?:\??\.?\[\s*(?:\d{1,9}|"[^"\\\n]{0,200}"|'[^'\\\n]{0,200}')\s*\]"""
    r"""|\??\.[A-Za-z_$][\w$]{0,100}){0,20})"""
)
"""Steps into an object, as one group."""
NAME = r"([A-Za-z_$][\w$]{0,100})"


def without_comments(script: str) -> str:
    """The script with each comment as one blank; comment marks inside of strings stay."""
    return _TOKEN.sub(lambda match: match[1] or " ", script)


def string_of(literal: str) -> str:
    """What a string literal says."""
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), literal[1:-1])


def closed_at(script: str, begin: int) -> int:
    """Where the bracket around `begin` closes, at most 20,000 characters on."""
    depth = 1
    for match in _BRACKET.finditer(script, begin, begin + 20_000):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0:
            return match.start()
    return min(begin + 20_000, len(script))


def literal_value(literal: str) -> str | int | float | bool | None:
    """ValueError: it is no plain literal."""
    literal = literal.strip()
    if re.fullmatch(STRING, literal):
        return string_of(literal)
    if literal in ("true", "false"):
        return literal == "true"
    if literal == "null":
        return None
    if re.fullmatch(r"-?\d{1,15}", literal):
        return int(literal)
    if re.fullmatch(r"-?\d{1,15}\.\d{1,15}", literal):
        return float(literal)
    raise ValueError(f"{literal!r} is no literal")


def pointer_of(path: str) -> str:
    """Steps as a JSON pointer; "" is the whole document."""
    steps = _STEP.finditer(path)
    return pointer_to(next(g for g in step.groups() if g is not None) for step in steps)
