"""The beginning of a file, by which its format is told."""

from __future__ import annotations

import bz2
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from perfwright.model.errors import DataError

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
    except (OSError, EOFError) as error:
        raise DataError(f"import: cannot read {file}: {error}") from error
    if not text.strip():
        raise DataError(f"import: {file} is empty")
    return Head(path=file, text=text.removeprefix("\ufeff"))


def unpacked(file: Path) -> BinaryIO:
    """The file opened for reading, through gzip or bzip2 where it is packed. OSError."""
    with file.open("rb") as stream:
        magic = stream.read(4)
    if magic[:2] == b"\x1f\x8b":
        return gzip.open(file, "rb")  # type: ignore[return-value]
    if magic[:3] == b"BZh":
        return bz2.open(file, "rb")  # type: ignore[return-value]
    return file.open("rb")
