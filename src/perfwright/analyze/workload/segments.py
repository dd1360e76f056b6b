"""What one segment of a path looks like: its kind, and the constant text around what varies.

    42            integer            item-42.html      integer between "item-" and ".html"
    2026-11-23    date               blue-mug.html     word, ending ".html"
    3f2504e0-…    uuid               5f3e9c1a0b7d…     hash

The look alone decides nothing but what can be no constant (a UUID, a long hash, very long text);
`templates.py` decides the rest by counting. Text is never decoded more than once: percent-escapes
of unreserved characters are undone (RFC 3986, section 6.2.2.2; the point's are not, lest `%2e%2e`
become a step up), all others stay as they came.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

MAX_SEGMENTS = 24
"""A path with more is cut: its tail is one segment."""
LONG_TEXT_CHARACTERS = 80
_SHORTEST_HASH = 16
_LONG_NUMBER = 20

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{16,128}", re.IGNORECASE)
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_TOKEN = re.compile(r"(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9_-]{20,}={0,2}")
_DATE = re.compile(r"(?:19|20)\d\d[-_.]?(?:0[1-9]|1[0-2])(?:[-_.]?(?:0[1-9]|[12]\d|3[01]))?")
_DIGITS = re.compile(r"\d+")
_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}$")
_SLUG_JOINT = re.compile(r"[-_+~%]|\d")
_SESSION_ID = re.compile(r";(?:jsessionid|sid|phpsessid)=[^/;]*", re.IGNORECASE)
_UNRESERVED = re.compile(r"%(?:2D|5F|7E|3[0-9]|[46][1-9A-F]|[57][0-9A])", re.IGNORECASE)
_PLAIN = re.compile(r"[!-~]*")
_SAFE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"<>\\^`')


@dataclass(frozen=True, slots=True)
class Look:
    """`kind`: integer, date, uuid, hash, text or word. What varies stands between `prefix` and
    `suffix`; `skeleton`: the segment with its numbers taken out, "" where it has none."""

    kind: str
    prefix: str = ""
    suffix: str = ""
    skeleton: str = ""

    @property
    def is_no_constant(self) -> bool:
        return self.kind in ("uuid", "hash", "text")


def clean_path(path: str) -> str | None:
    """`path` in printable ASCII, session ids taken out; None where it is no path of a server."""
    if not path.startswith("/"):
        return None
    if not _PLAIN.fullmatch(path):
        path = quote(path.encode("utf-8", "replace"), safe=_SAFE)
    if "%" in path:
        path = _UNRESERVED.sub(lambda escape: chr(int(escape[0][1:], 16)), path)
    if ";" in path:
        path = _SESSION_ID.sub("", path)
    return path


def segments_of(path: str) -> list[str]:
    """Of a cleaned path: `/items/42` → `["items", "42"]`; a slash at the end gives a last ""."""
    return path[1:].split("/", MAX_SEGMENTS - 1)


@lru_cache(maxsize=1 << 16)
def look_of(segment: str) -> Look:
    if len(segment) > LONG_TEXT_CHARACTERS:
        return Look("text")
    if segment.isdigit():
        if len(segment) >= _LONG_NUMBER:
            return Look("hash")
        return Look("date" if len(segment) == 8 and _DATE.fullmatch(segment) else "integer")
    ending = _EXTENSION.search(segment) if "." in segment else None
    suffix = ending[0] if ending else ""
    stem = segment[: len(segment) - len(suffix)]
    if len(stem) >= _SHORTEST_HASH:
        for kind, pattern in (("uuid", _UUID), ("hash", _HEX), ("hash", _ULID), ("hash", _TOKEN)):
            if pattern.fullmatch(stem):
                return Look(kind, "", suffix)
    numbers = list(_DIGITS.finditer(stem))
    if not numbers:
        return Look("word", "", suffix)
    first, last = numbers[0].start(), numbers[-1].end()
    kind = "word"
    if len(numbers) == 1:
        kind = "integer"
    elif _DATE.fullmatch(stem[first:last]):
        kind = "date"
    skeleton = _DIGITS.sub("0", stem) + suffix
    return Look(kind, stem[:first], stem[last:] + suffix, skeleton)


def seems_slug(segment: str) -> bool:
    """Whether it looks like a title or name made of several words: `blue-mug`, `mug2`."""
    return len(segment) > 24 or _SLUG_JOINT.search(segment) is not None


def decoded(text: str) -> str | None:
    """Percent-escapes undone once; None where they are no UTF-8."""
    if "%" not in text:
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return None
