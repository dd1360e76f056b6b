"""One worker process as its parent sees it: spawned, never forked, spoken to over a pipe.

A worker tells something every second. One that is silent for `_SILENT_S` although its time is up is
held by a scenario's code (`while True: pass`); it is asked where, and ended a little later.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from multiprocessing import Pipe

from perfwright.load.messages import Command, Locate, Located, Report

_END_WITHIN_S = 5.0
_SILENT_S = 10.0
_ANSWER_WITHIN_S = 2.0


class FleetMember:
    """Its `connection` can be waited on; `lost` says in a sentence how it died, if it did.
    `held_at`: where a worker that was silent said that its loop is."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.lost: str | None = None
        self.done = False
        self.held_at = ""
        self._heard_s = time.monotonic()
        self._asked = False
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
            if not isinstance(report, Located):
                self._heard_s = time.monotonic()
            return report
        except (EOFError, OSError):
            self._process.wait()
            code = self._process.returncode
            how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
            self.lost = f"worker {self.number} (pid {self.pid}) {how}"
            return None

    def end_if_held(self, over_s: float) -> bool:
        """Whether it had to be ended. `over_s`: when (monotonic) its time was up."""
        silent_s = time.monotonic() - max(self._heard_s, over_s)
        if silent_s > _SILENT_S and not self._asked:
            self._asked = True
            self.tell(Locate())
        elif silent_s > _SILENT_S + _ANSWER_WITHIN_S:
            self._process.kill()
            self._process.wait()
            held_at = self.held_at or "code that Python cannot interrupt"
            where = f"worker {self.number} (pid {self.pid})"
            self.lost = f"{where} was ended, as {held_at} still held its loop after the end"
            return True
        return False

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
