"""Writing files so that a crash leaves the old one or the new one, and locks that die with us.

Every failure is a StoreError that names the path, what happened and the remedy.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from perfwright.model.errors import StoreError, os_reason

_REMEDIES = {
    errno.ENOSPC: "free some space there, or choose another folder with --store DIR",
    errno.EDQUOT: "free some of your quota there, or choose another folder with --store DIR",
    errno.EROFS: "it is read-only; choose a folder you may write to with --store DIR",
    errno.EACCES: "choose a folder you may write to with --store DIR",
    errno.EPERM: "choose a folder you may write to with --store DIR",
    errno.ENOTDIR: "a file is in the way; choose a folder with --store DIR",
    errno.EEXIST: "a file is in the way; choose a folder with --store DIR",
}


def store_error(action: str, path: Path, error: OSError) -> StoreError:
    """What could not be done to which path, why, and what to do about it."""
    remedy = _REMEDIES.get(error.errno or 0, "choose another folder with --store DIR")
    return StoreError(f"store: cannot {action} {path}: {os_reason(error)}; {remedy}")


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Replace `path` by `document`, whole or not at all, on disk when this returns."""
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    temporary = path.with_name(f"{path.name}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
        publish(temporary, path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise store_error("write", path, error) from error


def publish(temporary: Path, path: Path) -> None:
    """Give a finished temporary file its name, once its bytes are on disk."""
    _fsync(temporary)
    temporary.replace(path)
    _fsync(path.parent)


def hold_lock(path: Path) -> int:
    """Create `path` and lock it for as long as the returned descriptor (or this process) lives."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock; a lock file that is not there is not held."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise store_error("read", path, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Wait for our turn among those who change `folder`; the folder itself is the lock."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
