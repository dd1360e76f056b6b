"""What a source is, told by its content: an access log or a document, plain or compressed.

    - or a file ──head──► har | postman (or its environment) | openapi | jmx | curl | log
    a folder, a glob ─────────────────────────────────────────► log

Standard input is kept in a scratch file first, so that it can be looked at and then read. What is
none of these is a DataError that shows how the file begins.
"""

from __future__ import annotations

import bz2
import shutil
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal

from perfwright.model.errors import DataError, UsageError, os_reason

SourceKind = Literal["log", "har", "postman", "environment", "openapi", "jmx", "curl"]

STDIN = "-"
HEAD_BYTES = 1 << 18
"""Whole lines of a log, even of addresses of 100 kB."""
_SHOWN_MAX = 60
_ZSTD = b"\x28\xb5\x2f\xfd"
"""Unpacked by the log's reader alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`given`: as the person wrote it. `path`: a file to read; of a log also a glob or a folder."""

    given: str
    path: str
    kind: SourceKind


def recognised(given: Sequence[str], *, scratch: Path, forced_log: bool) -> tuple[Source, ...]:
    """Each source with its kind. `forced_log`: a log format was given, so whatever is no document
    is a log. UsageError: no such file. DataError: nothing that can be planned from."""
    if list(given).count(STDIN) > 1:
        raise UsageError("SOURCE: standard input (-) can be read once only")
    return tuple(_source(one, scratch, forced_log) for one in given)


def _source(given: str, scratch: Path, forced_log: bool) -> Source:
    path = _spooled(scratch) if given == STDIN else Path(given)
    if path.is_dir() or (not path.exists() and any(char in given for char in "*?[")):
        return Source(given=given, path=given, kind="log")
    if not path.exists():
        raise UsageError(f"SOURCE: there is no file {given!r} (looked from {Path.cwd()})")
    head = _head(path, given)
    if head.startswith(_ZSTD):
        return Source(given=given, path=str(path), kind="log")
    if not head.strip():
        raise DataError(f"SOURCE: {given!r} is empty; there is nothing to plan from")
    kind = _kind(head)
    if kind is None and not forced_log:
        raise DataError(
            f"SOURCE: {given!r} is no access log, HAR, OpenAPI or Postman document, JMeter plan or "
            f"cURL command; it begins with {_shown(head)}. If it is a log, say how its lines look: "
            "--log-format '%h %l %u %t \"%r\" %>s %b'"
        )
    return Source(given=given, path=str(path), kind=kind or "log")


def _spooled(scratch: Path) -> Path:
    path = scratch / "stdin"
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return path


def _head(path: Path, given: str) -> bytes:
    """The first bytes, unpacked where they are compressed."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        return _unpacked(head)
    except OSError as error:
        raise UsageError(f"SOURCE: cannot read {given!r}: {os_reason(error)}") from error


def _unpacked(head: bytes) -> bytes:
    """At most `HEAD_BYTES` of what a compressed beginning holds; a broken one stays as it is."""
    openers: tuple[tuple[bytes, Callable[[bytes], bytes]], ...] = (
        (b"\x1f\x8b", _gunzipped),
        (b"BZh", lambda packed: bz2.BZ2Decompressor().decompress(packed, HEAD_BYTES)),
    )
    for magic, unpack in openers:
        if head.startswith(magic):
            try:
                return unpack(head) or head
            except (OSError, EOFError, ValueError, zlib.error):
                return head
    return head


def _gunzipped(packed: bytes) -> bytes:
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS).decompress(packed, HEAD_BYTES)


def _recognisers() -> Iterator[tuple[SourceKind, Callable[[bytes], bool]]]:
    """The order is from what says clearly what it is to what has to be tried; imported one by one,
    so that a log does not load what documents need."""
    for kind, module, function in _READERS:
        yield kind, getattr(import_module(f"perfwright.sources.{module}"), function)


_READERS: tuple[tuple[SourceKind, str, str], ...] = (
    ("har", "har", "is_har"),
    ("postman", "postman", "is_postman"),
    ("environment", "postman", "is_postman_environment"),
    ("openapi", "openapi", "is_openapi"),
    ("jmx", "jmx", "is_jmx"),
    ("curl", "curl", "is_curl"),
    ("log", "access_logs", "is_access_log"),
)


def _kind(head: bytes) -> SourceKind | None:
    for kind, is_one in _recognisers():
        if is_one(_whole_lines(head) if kind == "log" else head):
            return kind
    return None


def _whole_lines(head: bytes) -> bytes:
    """Without the last line where the head may have cut it: half a line is of no format."""
    end = head.rfind(b"\n") + 1
    return head[:end] if end and len(head) >= HEAD_BYTES else head


def _shown(head: bytes) -> str:
    return repr(head[:_SHOWN_MAX].decode("utf-8", errors="replace"))
