"""One worker process as its parent sees it: spawned, never forked, spoken to over a pipe."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from multiprocessing import Pipe

from perfwright.load.messages import Command, Report

_END_WITHIN_S = 5.0


class FleetMember:
    """Its `connection` can be waited on; `lost` says in a sentence how it died, if it did."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.lost: str | None = None
        self.done = False
        self.connection, theirs = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "perfwright.load.worker", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno() if _has_fileno() else subprocess.DEVNULL,
        )
        theirs.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, command: Command) -> None:
        """A worker that is gone hears nothing; `hear` tells of its end."""
        with contextlib.suppress(OSError):
            self.connection.send(command)

    def hear(self) -> Report | None:
        """The next report; None (and `lost` set) when the worker died."""
        try:
            report: Report = self.connection.recv()
            return report
        except (EOFError, OSError):
            self._process.wait()
            code = self._process.returncode
            how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
            self.lost = f"worker {self.number} (pid {self.pid}) {how}"
            return None

    def close(self) -> None:
        """Ends the process; gently first."""
        self.connection.close()
        try:
            self._process.wait(_END_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _has_fileno() -> bool:
    try:
        sys.stderr.fileno()
    except (OSError, ValueError):
        return False
    return True
