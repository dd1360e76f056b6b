"""Which files a log is: names, globs, folders, standard input; unpacked, where they are packed.

    "access.log*"  ──► access.log.1, access.log.2.gz ──► LogFile(name, path of its plain text)

gzip, bzip2, xz and zstd are told by their first bytes, and unpacked into the scratch folder. Lines
that came in parts through a container's log are joined there (`wrappers.py`). What of a torn file
could be read is kept, with a note. So is the beginning of one that unpacks to more than
`MOST_UNPACKED` times its size (a bomb; access logs come to 10 to 40 times).
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

from perfwright.model.errors import DataError, os_reason
from perfwright.sources.access_logs.lines import execute_on_lines, head_lines
from perfwright.sources.access_logs.spans import are_spans, write_span_lines
from perfwright.sources.access_logs.sql import literal, read_lines
from perfwright.sources.access_logs.wrappers import NOT_WRAPPED, Wrapper, join_parts, wrapper_of

if TYPE_CHECKING:
    import duckdb

MOST_UNPACKED = 150
STDIN = "-"
_MAGIC_OF_GLOBS = frozenset("*?[]\\")
"""In the name of a file that is there: DuckDB would look for others."""
_SMALL_BYTES = 256 * 1024 * 1024
_PIECE_BYTES = 1 << 20
_HEAD_BYTES = 4096
_ZSTD = b"\x28\xb5\x2f\xfd"
_OPENERS: tuple[tuple[bytes, Callable[..., IO[bytes]]], ...] = (
    (b"\x1f\x8b", gzip.open),  # type: ignore[assignment]
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\x00", lzma.open),
)
_TORN = (OSError, EOFError, zlib.error, lzma.LZMAError)
_MEDIAN_LINE_BYTES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """`name`: as people know it. `path`: its plain text. `asked_for`: by its own name, rather than
    found in a folder. `note`: what happened to it on the way. `wrapper`: of its lines."""

    name: str
    path: Path
    asked_for: bool = True
    note: str = ""
    wrapper: Wrapper = NOT_WRAPPED


def log_files(
    paths: Sequence[str | Path], scratch: Path, connection: duckdb.DuckDBPyConnection
) -> list[LogFile]:
    """All files, unpacked. DataError: there is none of a name, or it cannot be read."""
    if not paths:
        raise DataError("access log: no file was named; name one, or - for standard input")
    found: dict[Path | str, bool] = {}
    for path in paths:
        for file, asked_for in _found(str(path)):
            found[file] = found.get(file, False) or asked_for
    return [
        _unpacked(file, asked_for, scratch / f"unpacked-{place}", connection)
        for place, (file, asked_for) in enumerate(found.items())
    ]


def unpacked_head(head: bytes) -> bytes:
    """What the beginning of a packed file holds; of another, or a broken one, itself."""
    with TemporaryDirectory() as folder:
        packed, plain = Path(folder) / "packed", Path(folder) / "plain"
        packed.write_bytes(head)
        if head.startswith(_ZSTD):
            import duckdb

            with duckdb.connect() as connection:
                _unpack_zstd(packed, plain, connection)
        elif opener := _opener(head):
            with opener(packed, "rb") as stream:
                _unpack(stream, len(head), plain)
        else:
            return head
        return plain.read_bytes() or head


def _found(name: str) -> Iterator[tuple[Path | str, bool]]:
    path = Path(name)
    if name == STDIN:
        yield STDIN, True
    elif path.is_dir():
        inside = sorted(one for one in path.iterdir() if one.is_file())
        if not inside:
            raise DataError(f"access log: the folder {name} holds no file")
        yield from ((one, False) for one in inside)
    elif path.exists():
        yield path, True
    else:
        matching = _matching(name)
        if not matching:
            raise DataError(f"access log: there is no file {name!r}; give the path of a log")
        yield from ((one, True) for one in matching)


def _matching(pattern: str) -> list[Path]:
    """The files of a pattern like `logs/access.log*`; none where it has no wildcard."""
    wild = next((i for i, char in enumerate(pattern) if char in "*?["), None)
    if wild is None or "\0" in pattern:
        return []
    root, _, rest = pattern[:wild].rpartition("/")
    base = Path(root or ("/" if pattern.startswith("/") else "."))
    return sorted(one for one in base.glob(rest + pattern[wild:]) if one.is_file())


def _unpacked(
    file: Path | str, asked_for: bool, plain: Path, connection: duckdb.DuckDBPyConnection
) -> LogFile:
    """`plain`: where to put its text, if it is packed."""
    try:
        name = "stdin" if isinstance(file, str) else str(file)
        if isinstance(file, str) or not file.is_file():
            file = _spooled(file, plain.with_name(f"{plain.name}-spooled"))
        with file.open("rb") as stream:
            magic = stream.read(8)
        text = plain
        if magic.startswith(_ZSTD):
            note = _unpack_zstd(file, plain, connection)
        elif opener := _opener(magic):
            with opener(file, "rb") as packed:
                note = _unpack(packed, file.stat().st_size, plain)
        else:
            if _MAGIC_OF_GLOBS & set(str(file)):
                text.symlink_to(file.resolve())
            else:
                text = file
            note = ""
        if are_spans(_beginning(text)):
            lines = plain.with_name(f"{plain.name}-spans")
            note = " ".join(filter(None, (note, write_span_lines(text, lines))))
            text = lines
        text, wrapper = _whole(text, plain.with_name(f"{plain.name}-joined"), connection)
    except OSError as error:
        raise DataError(f"access log: cannot read {file}: {os_reason(error)}") from error
    return LogFile(
        name=name,
        path=text,
        asked_for=asked_for,
        note=f"{name}: {note}" if note else "",
        wrapper=wrapper,
    )


def _whole(text: Path, joined: Path, connection: duckdb.DuckDBPyConnection) -> tuple[Path, Wrapper]:
    """What wraps its lines, and the file in which none is in parts."""
    wrapper = wrapper_of(head_lines(text))
    if not wrapper.goes_on:
        return text, wrapper
    execute_on_lines(
        connection,
        text,
        lambda source: (
            "CREATE OR REPLACE TEMP TABLE parts AS"
            f" SELECT line FROM {source} WHERE {wrapper.goes_on} LIMIT 1"
        ),
        joined.parent,
    )
    if connection.execute("FROM parts").fetchone() is None:
        return text, wrapper
    join_parts(text, wrapper, joined)
    return joined, wrapper


def _spooled(file: Path | str, copy: Path) -> Path:
    """What can be read only once (standard input, a pipe), as a file."""
    with copy.open("wb") as target:
        if isinstance(file, str):
            shutil.copyfileobj(sys.stdin.buffer, target, _PIECE_BYTES)
        else:
            with file.open("rb") as stream:
                shutil.copyfileobj(stream, target, _PIECE_BYTES)
    return copy


def _beginning(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(_HEAD_BYTES)


def _opener(magic: bytes) -> Callable[..., IO[bytes]] | None:
    """None: it is not packed."""
    return next((one for head, one in _OPENERS if magic.startswith(head)), None)


def _unpack(packed: IO[bytes], packed_bytes: int, plain: Path) -> str:
    """Returns a note where it did not go to the end."""
    most = max(_SMALL_BYTES, MOST_UNPACKED * packed_bytes)
    written = 0
    with plain.open("wb") as target:
        try:
            # `read1`: what came before the tear is not lost with it.
            while piece := packed.read1(_PIECE_BYTES):  # type: ignore[attr-defined]
                written += target.write(piece)
                if written > most:
                    return _bomb(most)
        except _TORN as error:
            return f"it is torn ({error}); what could be unpacked, {written:,} bytes, was read."
    return ""


def _unpack_zstd(file: Path, plain: Path, connection: duckdb.DuckDBPyConnection) -> str:
    import duckdb

    most = max(_SMALL_BYTES, MOST_UNPACKED * file.stat().st_size)
    lines = most // _MEDIAN_LINE_BYTES
    for encoding in ("utf-8", "latin-1"):
        source = read_lines(file, compression="zstd", strict=False, encoding=encoding)
        try:
            counted = connection.execute(
                f"COPY (SELECT line FROM {source} LIMIT {lines}) TO {literal(str(plain))}"
                " (FORMAT csv, HEADER false, DELIMITER '\x01', QUOTE '', ESCAPE '')"
            ).fetchone()
        except duckdb.Error as error:
            failed = error
        else:
            return _bomb(most) if counted and counted[0] == lines else ""
    told = str(failed).partition("\n")[0]
    raise DataError(f"access log: cannot unpack {file}: {told}")


def _bomb(most: int) -> str:
    return (
        f"it unpacks to more than {MOST_UNPACKED} times its size; only the first"
        f" {most / 1e6:,.0f} MB were read."
    )
