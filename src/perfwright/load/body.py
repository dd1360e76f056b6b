"""A request's body, from the arguments that requests and httpx users know: data and files.

    data=…    a dict or pairs                           application/x-www-form-urlencoded
              str, bytes                                as they are
              pathlib.Path                              the file, mapped once for all users
    files=…   {"field": Path | bytes | (name, content[, type])} with data's fields
                                                        multipart/form-data (RFC 7578)

`json=` is written by the kernel.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from perfwright.model.errors import UsageError

Data = Mapping[str, Any] | Iterable[tuple[str, Any]] | str | bytes | Path
FileSpec = Path | bytes | tuple[str, Path | bytes] | tuple[str, Path | bytes, str]

_BOUNDARY = "perfwright-7d1f9c0e5b8a4263"


def encode(
    data: Data | None, files: Mapping[str, FileSpec] | None
) -> tuple[bytes | Path | None, str | None]:
    """The body and its Content-Type."""
    if files is not None:
        return _multipart(data, files), f"multipart/form-data; boundary={_BOUNDARY}"
    if data is None or isinstance(data, (bytes, Path)):
        return data, None
    if isinstance(data, str):
        return data.encode(), "text/plain; charset=utf-8"
    pairs = data.items() if isinstance(data, Mapping) else data
    return urlencode(list(pairs), doseq=True).encode(), "application/x-www-form-urlencoded"


def _multipart(data: Data | None, files: Mapping[str, FileSpec]) -> bytes:
    if isinstance(data, (str, bytes, Path)):
        raise UsageError("body: with files=, data= holds form fields: give it as a dict")
    parts = []
    fields = data.items() if isinstance(data, Mapping) else data or ()
    for name, value in fields:
        parts.append(_part(f'name="{_quoted(name)}"', None, str(value).encode()))
    for field, spec in files.items():
        filename, content, content_type = _file(field, spec)
        disposition = f'name="{_quoted(field)}"; filename="{_quoted(filename)}"'
        parts.append(_part(disposition, content_type, content))
    return b"".join(parts) + f"--{_BOUNDARY}--\r\n".encode()


def _file(field: str, spec: FileSpec) -> tuple[str, bytes, str]:
    filename, content, *rest = spec if isinstance(spec, tuple) else (_name(field, spec), spec)
    guessed = rest[0] if rest else mimetypes.guess_type(filename)[0]
    data = content.read_bytes() if isinstance(content, Path) else content
    return filename, data, guessed or "application/octet-stream"


def _name(field: str, content: Path | bytes) -> str:
    return content.name if isinstance(content, Path) else field


def _part(disposition: str, content_type: str | None, content: bytes) -> bytes:
    kind = f"Content-Type: {content_type}\r\n" if content_type else ""
    head = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n{kind}\r\n"
    return head.encode() + content + b"\r\n"


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
