"""A HAR document as entries, in the order in which they began.

http://www.softwareishard.com/blog/har-12-spec/ and what its writers make of it: a byte order mark
(Fiddler), base64 bodies (Chrome), times of -1, entries out of order (Firefox), no bodies at all.
Every field is looked at here, once: an entry holds texts and finite numbers only. DataError where
the file is no HAR; entries without a usable URL are counted, not refused.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import math
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from perfwright.model.errors import DataError

_LARGEST_BYTES = 1 << 29
_GZIP = b"\x1f\x8b"
_TEXTUAL = re.compile(r"text/|json|xml|javascript|html|urlencoded|graphql|^$")
_CHARSET = re.compile(r"charset=\"?([\w-]+)", re.IGNORECASE)
_BARRIERS = re.compile(r"[\x00-\x20]")

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What a request carried. `parts`: (name, value, file name, content type), where the writer
    took a form apart."""

    mime: str
    text: str
    parts: tuple[tuple[str, str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`began_s`: since the epoch. `status` 0: no answer. `kind`: the browser's word for what it was
    loaded as ("document", "xhr", "stylesheet"; "" if unknown). `text` None: no body recorded."""

    page: str
    began_s: float
    took_s: float
    method: str
    url: SplitResult
    headers: Pairs
    posted: Posted | None
    status: int
    answer_headers: Pairs
    mime: str
    text: str | None
    redirect: str
    kind: str

    @property
    def ended_s(self) -> float:
        return self.began_s + self.took_s

    @property
    def origin(self) -> str:
        """Without a user's name and password, which an address may hold."""
        return f"{self.url.scheme}://{self.url.netloc.rpartition('@')[2]}".lower()

    def header(self, name: str) -> str:
        return _first(self.headers, name)

    def answer_header(self, name: str) -> str:
        return _first(self.answer_headers, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """`titles`: of pages, by their ids. `unusable`: entries that had no URL to speak of."""

    name: str
    creator: str
    entries: tuple[Entry, ...]
    titles: Mapping[str, str]
    unusable: int


def recording_of(source: Path | bytes) -> Recording:
    """Raises DataError: unreadable, too large, torn, no HAR, or nothing in it."""
    name = source.name if isinstance(source, Path) else "recording"
    log = _mapping(_mapping(_document(_content(source, name), name)).get("log"))
    listed = log.get("entries")
    if not isinstance(listed, list):
        raise DataError(
            f"{name}: no HAR: it has no list log.entries; save it from the browser's network panel"
            " with “Save all as HAR”, or from the proxy as HAR 1.2"
        )
    entries = [one for one in map(_entry, listed) if one is not None]
    if not entries:
        raise DataError(f"{name}: log.entries holds no request; record some and save it again")
    pages = [_mapping(page) for page in _list(log.get("pages"))]
    return Recording(
        name=name,
        creator=_text(_mapping(log.get("creator")).get("name")),
        entries=tuple(sorted(_dated(entries), key=lambda entry: entry.began_s)),
        titles={_text(page.get("id")): _text(page.get("title")) for page in pages},
        unusable=len(listed) - len(entries),
    )


def _dated(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Those without a time get that of the one before them (the first ones: of the first known)."""
    known_s = next((entry.began_s for entry in entries if entry.began_s > 0), 0.0)
    for entry in entries:
        known_s = entry.began_s if entry.began_s > 0 else known_s
        yield entry if entry.began_s > 0 else dataclasses.replace(entry, began_s=known_s)


def _content(source: Path | bytes, name: str) -> bytes:
    try:
        if isinstance(source, Path):
            with source.open("rb") as file:
                content = file.read(_LARGEST_BYTES + 1)
        else:
            content = source
        if content.startswith(_GZIP):
            content = zlib.decompressobj(wbits=31).decompress(content, _LARGEST_BYTES + 1)
    except (OSError, zlib.error) as error:
        raise DataError(f"{name}: cannot be read: {error}") from error
    if len(content) > _LARGEST_BYTES:
        raise DataError(f"{name}: larger than {_LARGEST_BYTES >> 20} MB; record less at a time")
    return content


def _document(content: bytes, name: str) -> object:
    try:
        encoding = json.detect_encoding(content)
        return json.loads(content.decode(encoding, errors="replace").removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        torn = error.pos >= len(error.doc.rstrip()) - 1 or "Unterminated" in error.msg
        why = "it ends in the middle (was it saved whole?)" if torn else error.msg
        raise DataError(
            f"{name}: line {error.lineno}, column {error.colno}: no whole JSON document: {why};"
            " save the recording again"
        ) from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name}: no JSON document: {error}; save the recording again") from None


def _entry(value: object) -> Entry | None:
    entry = _mapping(value)
    request, response = _mapping(entry.get("request")), _mapping(entry.get("response"))
    try:
        url = urlsplit(_BARRIERS.sub("", _text(request.get("url"))))
        if not url.scheme or (url.scheme in ("http", "https") and not url.hostname):
            return None
        _ = url.port
    except ValueError:
        return None
    content = _mapping(response.get("content"))
    answer_headers = _answer_headers(response)
    mime = _text(content.get("mimeType")) or _first(answer_headers, "content-type")
    return Entry(
        page=_text(entry.get("pageref")),
        began_s=_moment_s(entry.get("startedDateTime")),
        took_s=max(0.0, _number(entry.get("time"))) / 1e3,
        method=re.sub(r"[^A-Z]", "", _text(request.get("method")).upper()) or "GET",
        url=url._replace(fragment=""),
        headers=_pairs(request.get("headers")),
        posted=_posted(_mapping(request.get("postData"))),
        status=max(0, int(_number(response.get("status")))),
        answer_headers=answer_headers,
        mime=mime.lower(),
        text=_body(content, mime.lower()),
        redirect=_text(response.get("redirectURL")),
        kind=_text(entry.get("_resourceType")).lower(),
    )


def _answer_headers(response: Mapping[str, Any]) -> Pairs:
    """Several cookies in one header, as Chrome writes them, line by line, come apart."""
    headers = _pairs(response.get("headers"))
    told = [(name, part) for name, value in headers for part in value.split("\n")]
    if not any(name.lower() == "set-cookie" for name, _ in told):
        cookies = _pairs(response.get("cookies"))
        told += [("Set-Cookie", f"{name}={value}") for name, value in cookies]
    return tuple(told)


def _posted(post: Mapping[str, Any]) -> Posted | None:
    parts = tuple(
        (
            _text(part.get("name")),
            _text(part.get("value")),
            _text(part.get("fileName")),
            _text(part.get("contentType")),
        )
        for part in map(_mapping, _list(post.get("params")))
    )
    text = _text(post.get("text"))
    if post.get("encoding") == "base64":
        text = _decoded(text, "") or ""
    return Posted(mime=_text(post.get("mimeType")), text=text, parts=parts) if post else None


def _body(content: Mapping[str, Any], mime: str) -> str | None:
    text = content.get("text")
    if not isinstance(text, str) or not _TEXTUAL.search(mime):
        return None
    return _decoded(text, mime) if content.get("encoding") == "base64" else text


def _decoded(text: str, mime: str) -> str | None:
    charset = _CHARSET.search(mime)
    try:
        content = base64.b64decode(text)
        return content.decode(charset[1] if charset else "utf-8", errors="replace")
    except (binascii.Error, LookupError, ValueError):
        return None


def _moment_s(value: object) -> float:
    """0 where there is none."""
    try:
        moment = datetime.fromisoformat(_text(value).strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return 0.0
    try:
        return float(value) if math.isfinite(value) else 0.0
    except OverflowError:
        return 0.0


def _pairs(value: object) -> Pairs:
    several = map(_mapping, _list(value))
    return tuple((_text(one.get("name")), _text(one.get("value"))) for one in several)


def _first(pairs: Pairs, name: str) -> str:
    """By a name in small letters."""
    return next((value for key, value in pairs if key.lower() == name), "")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
