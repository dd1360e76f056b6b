"""JMeter's `${…}`: variables and functions taken apart, nothing evaluated.

    /items/${id}?n=${__Random(1,10)}     "/items/", id, "?n=", a number made anew
    ${__P(host,localhost)}               the environment's HOST, else "localhost"
    ${__groovy(1 + 1)}                   not translated: the environment's GROOVY, told in a note

https://jmeter.apache.org/usermanual/functions.html. A backslash before `$`, `,` or itself takes
its meaning; text after an unclosed `${` is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FUNCTION = re.compile(r"(__\w+)\s*(?:\((.*)\))?\s*", re.DOTALL)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reference:
    """`${name}`."""

    name: str


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """`${name(arguments)}`; `source` is what stands between the braces."""

    name: str
    arguments: tuple[str, ...]
    source: str


Part = str | Reference | FunctionCall


def parts_of(text: str) -> list[Part]:
    closed = _closed_braces(text)
    parts: list[Part] = []
    literal: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in ("$", ",", "\\"):
            literal.append(text[at + 1])
            at += 2
        elif text.startswith("${", at) and (end := closed.get(at + 1)) is not None:
            parts.append("".join(literal))
            literal = []
            parts.append(_part(text[at + 2 : end]))
            at = end + 1
        else:
            stop = _next_special(text, at + 1)
            literal.append(text[at:stop])
            at = stop
    parts.append("".join(literal))
    return [part for part in parts if part != ""]


def _next_special(text: str, at: int) -> int:
    found = [place for mark in ("\\", "${") if (place := text.find(mark, at)) >= 0]
    return min(found, default=len(text))


def _closed_braces(text: str) -> dict[int, int]:
    """Where each brace that opens is closed; braces after a backslash do not count."""
    closed: dict[int, int] = {}
    waiting: list[int] = []
    for match in _BRACE.finditer(text):
        if match[0] == "{":
            waiting.append(match.start())
        elif match[0] == "}" and waiting:
            closed[waiting.pop()] = match.start()
    return closed


def _part(source: str) -> Part:
    name = source.strip()
    function = _FUNCTION.fullmatch(name)
    if function is None:
        return Reference(name) if name else f"${{{source}}}"
    return FunctionCall(function[1], _arguments(function[2] or ""), source.strip())


def _arguments(text: str) -> tuple[str, ...]:
    """Split at commas that stand in no braces and brackets; escapes stay for later."""
    if not text.strip():
        return ()
    arguments = [""]
    depth = 0
    escaped = False
    for character in text:
        if escaped or character == "\\":
            escaped = not escaped
        elif character == "," and depth <= 0:
            arguments.append("")
            continue
        else:
            depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(character, 0)
        arguments[-1] += character
    return tuple(argument.strip() for argument in arguments)
