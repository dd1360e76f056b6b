"""The lab's servers end with whoever started them, leave nothing, and say what is missing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from perfwright.lab.errors import LaunchError
from perfwright.lab.servers import postgres
from perfwright.lab.servers.guarded import listens, program
from perfwright.lab.servers.redis import RedisServer

DEADLINE_S = 20.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """For temporary files, and unlike pytest's own open to PostgreSQL's user."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_servers_end_with_the_command_even_if_it_is_killed(
    folder: Path, number: signal.Signals
) -> None:
    command = ["-m", "perfwright", "lab", "shop", "--fault=cache.ineffective", "--port=0", "--json"]
    with subprocess.Popen(
        [sys.executable, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(folder)},
    ) as process:
        assert process.stdout is not None
        text = b""
        for line in process.stdout:
            text += line
            if line == b"}\n":
                break
        said = json.loads(text)
        ports = [urlsplit(said[name]).port or 0 for name in ("url", "db", "redis")]
        assert all(listens(port) for port in ports)
        process.send_signal(number)
    ends_s = time.monotonic() + DEADLINE_S
    while (any(map(listens, ports)) or servers_folders(folder)) and time.monotonic() < ends_s:
        time.sleep(0.02)
    assert not any(map(listens, ports))
    assert servers_folders(folder) == []


def servers_folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith(("pg-", "redis-"))]


def test_a_fix_asked_for_on_standard_input_is_answered() -> None:
    command = ["-m", "perfwright", "lab", "shop", "--fault=db.missing_index", "--db=sqlite"]
    with subprocess.Popen(
        [sys.executable, *command, "--port=0", "--orders=10"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"http://")
        process.stdin.write(b"fix\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"fixed\n"
        process.terminate()


def test_a_server_that_does_not_start_is_named_with_what_it_said() -> None:
    with pytest.raises(LaunchError, match=r"(?s)Redis ended at its start.*no-such-setting"):
        RedisServer({"no-such-setting": "1"})


def test_a_program_that_is_missing_is_named_with_its_package() -> None:
    with pytest.raises(LaunchError, match="apt-get install some-package"):
        program("no-such-program", "some-package")


def test_a_missing_postgresql_is_named_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_INSTALLED", tmp_path)
    with pytest.raises(LaunchError, match="apt-get install postgresql"):
        postgres.start_postgres({}, key="none", fill=lambda _: None)
