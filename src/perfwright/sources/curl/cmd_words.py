"""Splits what Chrome copies "as cURL (cmd)" into commands of words; nothing is run.

curl ^"https://shop.test/cart^" ^          ^ escapes, and at a line's end goes on
  --data-raw ^"^{\\^"id\\^":1^}^"            then C's rules: "…" quotes, \\" is a quote
"""

from __future__ import annotations

import re

from perfwright.model.journey import Text
from perfwright.sources.drafting.texts import text_of

_SIGNS = re.compile(r"\^[ \t]*\r?\n|\s\^\"|\^%\^")
_BACKSLASHES = re.compile(r"(\\+)(\")?")


def is_cmd(text: str) -> bool:
    return _SIGNS.search(text) is not None


def commands_of(text: str) -> list[tuple[Text, ...]]:
    return [words for line in _lines(text.replace("\r\n", "\n")) if (words := _words(line))]


def _lines(text: str) -> list[str]:
    """Commands, with carets resolved; quotes without a caret protect carets and newlines."""
    lines: list[list[str]] = [[]]
    quoted = False
    at = 0
    while at < len(text):
        character = text[at]
        if character == "^" and not quoted:
            follows = text[at + 1 : at + 2]
            if follows == "\n" and text[at + 2 : at + 3] == "\n":
                lines[-1].append("\n")
                at += 3
                continue
            lines[-1].append(" " if follows == "\n" else follows)
            at += 2
            continue
        if character == '"' and text[at - 1 : at] != "\\":
            quoted = not quoted
        if character in "\n&" and not quoted:
            lines.append([])
        else:
            lines[-1].append(character)
        at += 1
    return ["".join(line) for line in lines]


def _words(line: str) -> tuple[Text, ...]:
    words: list[Text] = []
    word: list[str] | None = None
    quoted = False
    at = 0
    while at < len(line):
        character = line[at]
        backslashes = _BACKSLASHES.match(line, at)
        if backslashes is not None and backslashes[2]:
            count = len(backslashes[1])
            word = [*(word or []), "\\" * (count // 2)]
            at += count
            if count % 2:
                word.append('"')
                at += 1
            continue
        if character == '"':
            quoted = not quoted
            word = word or []
        elif character in " \t" and not quoted:
            if word is not None:
                words.append(text_of(word))
            word = None
        else:
            word = word or []
            word.append(character)
        at += 1
    if word is not None:
        words.append(text_of(word))
    return tuple(words)
