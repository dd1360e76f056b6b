"""A run folder after the worst: killed writers, full disks, stores that cannot be written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.runs import RUN_ID, demo_frames, demo_manifest
from support.stores import open_run

from perfwright.model.errors import StoreError
from perfwright.store.reader import Store
from perfwright.store.writer import RunWriter

WRITES_THEN_WAITS = """
import sys
from pathlib import Path
from support.runs import demo_frames
from support.stores import open_run
writer = open_run(Path(sys.argv[1]), demo_frames(seconds=3), run_id=sys.argv[2])
print("written", flush=True)
sys.stdin.read()
"""
FILLS_THE_DISK = """
import resource, sys
from pathlib import Path
from perfwright.model.errors import StoreError
from support.runs import demo_frames
from support.stores import open_run
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
try:
    open_run(Path(sys.argv[1]), demo_frames())
except StoreError as error:
    print(error)
"""


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A Python of our kind, started to run `code`."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def writing_process(store: Path, run_id: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has written three seconds of a run and holds it open until we let go."""
    with python(WRITES_THEN_WAITS, store, run_id) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        yield process
        process.kill()


def test_a_killed_run_is_readable_and_marked_interrupted(tmp_path: Path) -> None:
    with writing_process(tmp_path, RUN_ID) as process:
        assert Store(tmp_path).find(RUN_ID).manifest.state == "running"
        process.send_signal(signal.SIGKILL)
        process.wait()
    run = Store(tmp_path).find(RUN_ID)
    assert run.manifest.state == "interrupted"
    assert list(run.frames()) == demo_frames(seconds=3)
    assert list(run.path.glob("*.jsonl")) == [], "the first read compacts"


def test_two_processes_write_to_one_store_at_once(tmp_path: Path) -> None:
    first, second = "20261122-170501-aaaa", "20261122-170501-bbbb"
    with writing_process(tmp_path, first), writing_process(tmp_path, second):
        assert {m.run_id: m.state for m in Store(tmp_path).list()} == {
            first: "running",
            second: "running",
        }
    for run_id in (first, second):
        assert list(Store(tmp_path).find(run_id).frames()) == demo_frames(seconds=3)


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    writer = open_run(tmp_path, demo_frames(seconds=2))
    with (writer.path / "samples.jsonl").open("a") as file:
        file.write('{"second":2,"metric":"process.cpu')
    assert list(Store(tmp_path).find(RUN_ID).frames()) == demo_frames(seconds=2)
    writer.stop(demo_manifest(state="finished"))
    assert list(Store(tmp_path).find(RUN_ID).frames()) == demo_frames(seconds=2)


def test_a_second_that_was_written_in_part_is_left_out(tmp_path: Path) -> None:
    writer = open_run(tmp_path, demo_frames(seconds=3))
    load = writer.path / "load.jsonl"
    whole = [line for line in load.read_text().splitlines() if '"second":2' not in line]
    load.write_text("".join(f"{line}\n" for line in whole))
    assert list(Store(tmp_path).find(RUN_ID).frames()) == demo_frames(seconds=2)
    writer.stop(demo_manifest(state="finished"))


def test_a_full_disk_is_named_and_what_was_written_stays(tmp_path: Path) -> None:
    with python(FILLS_THE_DISK, tmp_path) as process:
        message, _ = process.communicate()
    assert "measures.jsonl: file too large; choose another folder with --store DIR" in message
    run = Store(tmp_path).find(RUN_ID)
    frames = list(run.frames())
    assert run.manifest.state == "interrupted"
    assert frames
    assert frames == demo_frames()[: len(frames)]


def test_a_device_without_space_says_to_free_some(tmp_path: Path) -> None:
    writer = open_run(tmp_path, demo_frames(seconds=1))
    (writer.path / "run.json.tmp").symlink_to("/dev/full")
    with pytest.raises(StoreError, match=r"run\.json: no space left on device; free some space"):
        writer.stop(demo_manifest(state="finished"))
    run = Store(tmp_path).find(RUN_ID)
    assert run.manifest.state == "interrupted"
    assert list(run.frames()) == demo_frames(seconds=1)


def test_a_store_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "store").touch()
    with pytest.raises(StoreError, match=r"cannot make .*a file is in the way.*--store DIR"):
        RunWriter(tmp_path / "store").start(demo_manifest())


@pytest.fixture
def ordinary_user(tmp_path: Path) -> Iterator[Path]:
    """A store with an interrupted run, which this test's user, never root, may not write to."""
    with writing_process(tmp_path, RUN_ID):
        pass
    for path in (tmp_path, *tmp_path.parents):
        if path.stat().st_uid == os.geteuid() and path.name.startswith(("pytest-", "test_")):
            path.chmod(0o755)
    for folder in (tmp_path / "runs", tmp_path / "runs" / RUN_ID):
        folder.chmod(0o555)
    was_root = os.geteuid() == 0
    if was_root:
        os.seteuid(65534)
    yield tmp_path
    if was_root:
        os.seteuid(0)
    for folder in (tmp_path / "runs", tmp_path / "runs" / RUN_ID):
        folder.chmod(0o755)


def test_a_store_without_permission_is_named(ordinary_user: Path) -> None:
    with pytest.raises(StoreError, match=r"permission denied; choose a folder you may write to"):
        RunWriter(ordinary_user).start(demo_manifest(run_id="another"))


def test_an_interrupted_run_can_be_read_where_it_cannot_be_compacted(ordinary_user: Path) -> None:
    run = Store(ordinary_user).find("latest")
    assert list(run.frames()) == demo_frames(seconds=3)
    assert (run.path / "load.jsonl").exists()
