"""The folder of a plan: written beside its place and moved there whole, and never over what people
have edited.

    staging: .NAME.partial-XXXX/ ──(all written)──► NAME/        a plan is there, or it is not

`model.json` remembers a digest of every file that was written (of itself too: of all but its list
of digests). A file that no longer has its digest was edited; one without any is not ours. Both are
left alone unless `force` says otherwise. Files of other names (a store of runs) stay.

UsageError names what is in the way, and the remedy.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from perfwright.analyze.planning.shell import SCRIPT
from perfwright.model.errors import UsageError, os_reason
from perfwright.store.files import publish

MODEL = "model.json"
MARKDOWN = "TEST_PLAN.md"
HTML = "test_plan.html"
_OURS = (SCRIPT, MODEL, MARKDOWN, HTML)
_SHOWN_MAX = 4


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """A folder beside `out`, gone at the end."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.partial-", dir=out.parent))
    except OSError as error:
        raise _cannot_write(out, error) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check_free(out: Path, *, force: bool) -> None:
    """UsageError where a plan could not be put into `out` without losing somebody's work."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out: {out} is a file; name a folder")
    if force or not out.is_dir():
        return
    digests = _remembered(out)
    edited = [name for name in _files(out) if digests.get(name) != _digest(out, name)]
    if edited:
        names = ", ".join(edited[:_SHOWN_MAX]) + (" and more" if len(edited) > _SHOWN_MAX else "")
        raise UsageError(
            f"--out: {out} has files that were edited or made by others ({names}); name another "
            "folder, or add --force to overwrite them"
        )


def write_model(staged: Path, document: Mapping[str, Any]) -> None:
    """`model.json`, with the digests of all that `staged` holds."""
    names = [name for name in _files(staged) if name != MODEL]
    digests = {name: _sha256((staged / name).read_bytes()) for name in names}
    digests[MODEL] = _document_digest(document)
    text = json.dumps({**document, "files": digests}, indent=1, ensure_ascii=False) + "\n"
    (staged / MODEL).write_bytes(encoded(text))


def publish_plan(staged: Path, out: Path, *, force: bool) -> tuple[Path, ...]:
    """Moves the files to `out` and returns where they are; of an earlier plan, data files that are
    no longer needed go."""
    check_free(out, force=force)
    names = _files(staged)
    try:
        if not out.exists():
            staged.chmod(0o777 & ~_umask())
            publish(staged, out)
        else:
            _replace(staged, out, names)
    except OSError as error:
        raise _cannot_write(out, error) from error
    return tuple(out / name for name in names)


def encoded(text: str) -> bytes:
    """UTF-8; half a surrogate, which no file can hold, becomes its escape."""
    return text.encode("utf-8", errors="backslashreplace")


def _replace(staged: Path, out: Path, names: Sequence[str]) -> None:
    old = [name for name in _remembered(out) if name.startswith("data/") and name not in names]
    (out / "data").mkdir(exist_ok=True)
    for name in sorted(names, key=lambda name: name == MODEL):  # what vouches for them, last
        publish(staged / name, out / name)
    for name in old:
        if name in _files(out):
            (out / name).unlink(missing_ok=True)
    with suppress(OSError):
        (out / "data").rmdir()  # where it is empty


def _files(folder: Path) -> list[str]:
    """What a plan has, with `/` between; nothing else that happens to lie there."""
    tables = sorted(f"data/{path.name}" for path in (folder / "data").glob("*.csv"))
    return [*(name for name in _OURS if (folder / name).is_file()), *tables]


def _remembered(out: Path) -> dict[str, str]:
    """Digests by file; empty where there is no readable model.json."""
    try:
        document = json.loads((out / MODEL).read_bytes())
        files = document["files"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    if not isinstance(files, dict):
        return {}
    return {str(name): str(digest) for name, digest in files.items()}


def _digest(out: Path, name: str) -> str:
    content = (out / name).read_bytes()
    if name != MODEL:
        return _sha256(content)
    try:
        document = json.loads(content)
        document.pop("files")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
    return _document_digest(document)


def _document_digest(document: Mapping[str, Any]) -> str:
    return _sha256(encoded(json.dumps(document, sort_keys=True, ensure_ascii=False)))


def _sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _umask() -> int:
    import os

    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _cannot_write(out: Path, error: OSError) -> UsageError:
    return UsageError(f"--out: cannot write {out}: {os_reason(error)}; name another folder")
