"""The beginning of a file, by which its format is told; and its whole, unpacked.

gzip and bzip2 are told by their first bytes, not by the file's name.
"""

from __future__ import annotations

import bz2
import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from perfwright.model.errors import DataError

UNREADABLE = (OSError, EOFError, zlib.error)
"""What reading an unpacked file may raise."""
_HEAD_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The first 64 kB of a file, unpacked and decoded as UTF-8 (what is not becomes U+FFFD)."""

    path: Path
    text: str

    @property
    def first_line(self) -> str:
        return self.text.partition("\n")[0].rstrip("\r")


def head_of(file: Path) -> Head:
    """DataError: there is no such file, or it cannot be read."""
    try:
        with unpacked(file) as stream:
            text = stream.read(_HEAD_BYTES).decode("utf-8", errors="replace")
    except UNREADABLE as error:
        raise DataError(f"import: cannot read {file}: {error}") from error
    if not text.strip():
        raise DataError(f"import: {file} is empty")
    return Head(path=file, text=text.removeprefix("\ufeff"))


def unpacked(file: Path) -> BinaryIO:
    """OSError, EOFError (the archive is torn), zlib.error: from here, or while it is read."""
    if is_gzip(file):
        return gzip.open(file, "rb")  # type: ignore[return-value]
    if is_bzip2(file):
        return bz2.open(file, "rb")  # type: ignore[return-value]
    return file.open("rb")


def is_gzip(file: Path) -> bool:
    return _magic(file)[:2] == b"\x1f\x8b"


def is_bzip2(file: Path) -> bool:
    return _magic(file)[:3] == b"BZh"


def _magic(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(4)
