"""The recording on disk: whole after every entry, never overwritten, private."""

from __future__ import annotations

import json
import resource
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from perfwright.model.errors import StoreError, UsageError
from perfwright.serve.recorder.har_file import HarFile


def test_it_is_a_whole_document_after_every_entry(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.har"
    with HarFile(path) as file:
        assert entries(path) == []
        for number in range(3):
            pages = [{"id": str(number), "title": "x" * (20 - 10 * number)}]
            file.append({"n": number, "text": "ä\ud800"}, pages)
            assert [one["n"] for one in entries(path)] == [*range(number + 1)]
            assert json.loads(path.read_bytes())["log"]["pages"] == pages


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    with HarFile(tmp_path / "a.har"):
        assert stat.S_IMODE((tmp_path / "a.har").stat().st_mode) == 0o600


def test_an_older_recording_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.har").write_text("precious")
    with pytest.raises(UsageError, match=r"a\.har exists; name another"):
        HarFile(tmp_path / "a.har")
    assert (tmp_path / "a.har").read_text() == "precious"


def test_a_full_disk_leaves_what_was_recorded(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    with HarFile(path) as file:
        file.append({"n": 0}, [])
        with file_size_limit(2000), pytest.raises(StoreError, match="cannot write"):
            file.append({"n": 1, "text": "x" * 5000}, [])
        assert [one["n"] for one in entries(path)] == [0]
        file.append({"n": 2}, [])
    assert [one["n"] for one in entries(path)] == [0, 2]


@contextmanager
def file_size_limit(size_bytes: int) -> Iterator[None]:
    """Writing past it fails, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def entries(path: Path) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(path.read_bytes())["log"]["entries"]
    return listed
