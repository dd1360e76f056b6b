"""A server program of Debian's under `guard.py`: started on a free port, awaited, surely ended."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from perfwright.lab.errors import LaunchError

_GUARD = Path(__file__).with_name("guard.py")
_LOG_TAIL_LINES = 20
_DEADLINE_S = 30.0


class Guarded:
    """`command`, running in `folder`, which is deleted at its end unless it is to `keep`.

    Waits until `is_up()`; LaunchError with the log's end if that takes 30 s or the server dies.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[object],
        *,
        folder: Path,
        is_up: Callable[[], bool],
        keep: bool = False,
        user: str = "",
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self._name = name
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the server
        self._guard = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", _GUARD),
                *(user, str(int(stop_signal)), folder, "keep" if keep else "delete"),
                *(str(part) for part in command),
            ],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        try:
            self._wait(is_up)
        except BaseException:
            self.stop()
            raise

    def _wait(self, is_up: Callable[[], bool]) -> None:
        ends_s = time.monotonic() + _DEADLINE_S
        while not is_up():
            if self._guard.poll() is not None:
                raise LaunchError(f"{self._name} ended at its start{self._said()}")
            if time.monotonic() > ends_s:
                raise LaunchError(f"{self._name} was not up in {_DEADLINE_S:g} s{self._said()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the server and wait for it; does nothing if it has ended."""
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _said(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").splitlines()
        return "\n" + "\n".join(lines[-_LOG_TAIL_LINES:])


def program(name: str, package: str) -> Path:
    """Where `name` is installed; LaunchError names Debian's `package`."""
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if found is None:
        raise LaunchError(f"{name} is not installed; apt-get install {package}")
    return Path(found)


def free_port() -> int:
    """A port of 127.0.0.1 that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody accepts connections on 127.0.0.1:`port`."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True
