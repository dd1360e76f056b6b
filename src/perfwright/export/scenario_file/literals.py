"""Text of strangers as Python literals: what is written can only ever be a value.

    quoted('say "hi"')                                        'say "hi"'
    quoted("); import os\n")                                  "); import os\\n"
    template([("/items/", False), ('item["id"]', True)])      f"/items/{item['id']}"

Whatever is not printable (controls, direction marks, lone surrogates, odd spaces) is escaped, and
the quotes are those that `ruff format` would choose: double ones, unless single ones need fewer
backslashes. Columns are counted as ruff counts them, by how wide characters are drawn; where that
is a matter of opinion (combining marks, emoji) both ends of it are told.
"""

from __future__ import annotations

import math
import re
import unicodedata

WIDTH = 88
"""Columns of a line: ruff's default."""

_NAMED_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PRINTABLE_ASCII = re.compile(r"[ -~]*")


def quoted(text: str, *, ascii_only: bool = False) -> str:
    """A string literal that evaluates to `text`."""
    quote = _quote_for(text)
    return f"{quote}{_escaped(text, quote, ascii_only)}{quote}"


def quoted_bytes(data: bytes) -> str:
    return f"b{quoted(data.decode('latin-1'), ascii_only=True)}"


def quoted_pattern(pattern: str) -> str:
    """A regular expression as a raw string where one can hold it."""
    quote = "'" if '"' in pattern else '"'
    ends = len(pattern) - len(pattern.rstrip("\\"))
    is_plain = _PRINTABLE_ASCII.fullmatch(pattern) and quote not in pattern
    if "\\" in pattern and is_plain and ends % 2 == 0:
        return f"r{quote}{pattern}{quote}"
    return quoted(pattern)


def template(parts: list[tuple[str, bool]], *, ascii_only: bool = False) -> str:
    """An f-string of literal texts (False) and expressions (True).

    Expressions hold no backslash, and of quotes only double ones around simple names.
    """
    literal = "".join(text for text, is_expression in parts if not is_expression)
    quote, inner = ("'", '"') if '"' in literal and "'" not in literal else ('"', "'")
    written = []
    for text, is_expression in parts:
        if is_expression:
            written.append("{" + text.replace('"', inner) + "}")
        else:
            escaped = _escaped(text, quote, ascii_only).replace("\\" + quote, "\\x22")
            written.append(escaped.replace("{", "{{").replace("}", "}}"))
    return f"f{quote}{''.join(written)}{quote}"


def number(value: float) -> str:
    """A number literal; what no literal can say (infinite, not a number) becomes None."""
    if isinstance(value, float):
        return repr(value).replace("e+", "e") if math.isfinite(value) else "None"
    return hex(value) if value.bit_length() > 4096 else repr(value)


def rounded(value: float, digits: int = 4) -> str:
    """A number that people edit: so many significant digits, whole where it is whole."""
    if not math.isfinite(value):
        return "0"
    short = float(f"{value:.{digits}g}")
    return repr(int(short)) if short == int(short) and abs(short) < 1e15 else number(short)


def columns(text: str) -> tuple[int, int]:
    """How many columns `text` takes: at least, at most."""
    if text.isascii():
        return len(text), len(text)
    least = most = 0
    for char in text:
        low, high = _columns_of(char)
        least += low
        most += high
    return least, most


def _columns_of(char: str) -> tuple[int, int]:
    code = ord(char)
    if code < 0x530 and unicodedata.category(char)[0] in "LNPSZ":
        return 1, 1
    plain_cjk = 0x3041 <= code <= 0x30FF or 0x4E00 <= code <= 0x9FFF or 0xAC00 <= code <= 0xD7A3
    if plain_cjk and unicodedata.category(char)[0] == "L":
        return 2, 2
    return 0, 2


def _quote_for(text: str) -> str:
    return "'" if text.count('"') > text.count("'") else '"'


def _escaped(text: str, quote: str, ascii_only: bool) -> str:
    if text.isascii() and text.isprintable():
        return text.replace("\\", "\\\\").replace(quote, "\\" + quote)
    return "".join(_char(char, quote, ascii_only) for char in text)


def _char(char: str, quote: str, ascii_only: bool) -> str:
    if char in _NAMED_ESCAPES:
        return _NAMED_ESCAPES[char]
    if char == quote:
        return "\\" + quote
    code = ord(char)
    if char.isprintable() and (code < 128 or not ascii_only):
        return char
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
