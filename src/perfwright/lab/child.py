"""A process of ours that says in JSON lines on its stdout what it does, and ends when we do.

    Child(command) ─► own process group ─► a line: ready ─► … a line for each order … ─► stop()
         └── no line by the deadline, or it died: LaunchError with the end of its stderr

It stops when `stop` is called: SIGTERM, then SIGKILL for its group after a grace. Should this
process be killed outright, the child sees its standard input end and stops by itself. Settings go
to it through a pipe: its command line tells nothing of them.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any, Self

from perfwright.lab.errors import LaunchError

_STDERR_TAIL_LINES = 20


class Child:
    """A running `python -m MODULE ARGUMENTS --settings-fd N`; `ready` is its first line. `name`
    is for messages. As a context manager it stops at the end. Raises LaunchError."""

    def __init__(
        self,
        name: str,
        module: str,
        arguments: Sequence[str],
        *,
        settings: Mapping[str, object],
        deadline_s: float,
    ) -> None:
        self._name = name
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = self._start(module, arguments, settings)
        self.pid = self._process.pid
        try:
            self.ready = self._line(deadline_s)
        except LaunchError as error:
            said = self._said()
            self.stop(grace_s=1.0)
            raise LaunchError(f"{error}\n{said}".rstrip()) from None
        except BaseException:
            self.stop(grace_s=1.0)
            raise

    def _start(
        self, module: str, arguments: Sequence[str], settings: Mapping[str, object]
    ) -> subprocess.Popen[bytes]:
        settings_read, settings_write = os.pipe()
        try:
            return subprocess.Popen(
                [sys.executable, "-m", module, f"--settings-fd={settings_read}", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
                pass_fds=[settings_read],
            )
        finally:
            os.close(settings_read)
            with os.fdopen(settings_write, "w") as pipe:
                json.dump(settings, pipe)

    def ask(self, order: str, *, deadline_s: float) -> Mapping[str, Any]:
        """Send one line and wait for the line that answers it. LaunchError when none comes."""
        assert self._process.stdin is not None
        self._process.stdin.write(order.encode() + b"\n")
        self._process.stdin.flush()
        return self._line(deadline_s)

    def stop(self, *, grace_s: float = 6.0) -> None:
        """End the process and wait for it; does nothing if it has ended."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(grace_s)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)  # its own group: start_new_session
                self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _line(self, deadline_s: float) -> Mapping[str, Any]:
        assert self._process.stdout is not None
        ends_s = time.monotonic() + deadline_s
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(0.0, ends_s - time.monotonic())):
                    raise LaunchError(f"the {self._name} said nothing within {deadline_s:g} s")
                part = os.read(self._process.stdout.fileno(), 4096)
                if not part:
                    code = self._process.wait()
                    raise LaunchError(f"the {self._name} ended at its start with exit code {code}")
                line += part
        answer: Mapping[str, Any] = json.loads(line)
        return answer

    def _said(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-_STDERR_TAIL_LINES:])
