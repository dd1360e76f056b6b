"""SQLite databases that processes use: files they hold open, were told of, or keep beside them.

A file is one if it begins with SQLite's magic (sqlite.org/fileformat2.html). Programs that open it
anew for each query hold it for moments only, so the command line, the environment and the working
folder are looked at too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from perfwright.observe.procfs import command_line, entries, environment, link

_MAGIC = b"SQLite format 3\0"
_SUFFIXES = (".db", ".sqlite", ".sqlite3", ".db3")
_BESIDE = re.compile(r"-(?:wal|shm|journal)$")
_NAMED = re.compile(r"(?:sqlite(?:\+\w+)?:(?://(?:/(?=[^/]))?)?|[\s=]|^)([^\s:=?'\"]+)")


def sqlite_files(pids: Iterable[int]) -> tuple[str, ...]:
    """Absolute paths, those held open first; a working folder counts only if nothing else was
    found."""
    found: dict[str, None] = {}
    processes = list(pids)
    for pid in processes:
        found |= dict.fromkeys(path for path in _open(pid) if is_sqlite(path))
        found |= dict.fromkeys(path for path in _told(pid) if is_sqlite(path))
    if not found:
        beside = {path for pid in processes for path in _in_folder(pid)}
        found |= dict.fromkeys(sorted(path for path in beside if is_sqlite(path)))
    return tuple(found)


def is_sqlite(path: str) -> bool:
    try:
        if not Path(path).is_file():
            return False
        with Path(path).open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def _open(pid: int) -> Iterator[str]:
    folder = f"/proc/{pid}/fd"
    for fd in entries(folder):
        path = link(f"{folder}/{fd}")
        if path.startswith("/") and not path.startswith(("/dev/", "/proc/")):
            yield _BESIDE.sub("", path)


def _told(pid: int) -> Iterator[str]:
    folder = link(f"/proc/{pid}/cwd")
    for text in (*command_line(pid), *environment(pid).values()):
        if "sqlite" in text or text.endswith(_SUFFIXES):
            for path in _NAMED.findall(text):
                yield str(Path(folder or "/", path))


def _in_folder(pid: int) -> Iterator[str]:
    folder = link(f"/proc/{pid}/cwd")
    for name in entries(folder) if folder else ():
        if name.endswith(_SUFFIXES):
            yield str(Path(folder, name))
