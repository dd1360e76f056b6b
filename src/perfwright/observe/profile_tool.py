"""Runs the programs that take profiles, and sees to it that none of them outlives its time.

Each runs in a session of its own, so that whatever it starts ends with it: at its time limit, when
waiting for it fails, and when this process ends. (Killed outright, we leave tools behind that end
by themselves, for each is told its duration.)
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from perfwright.model.errors import ProbeError

_running: set[subprocess.Popen[str]] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a program said; `code` -9: it had to be killed."""

    code: int
    output: str
    errors: str

    @property
    def complaint(self) -> str:
        """Its first line of complaint."""
        lines = (line.strip() for line in (self.errors or self.output).splitlines())
        return next((line for line in lines if line), f"exit code {self.code}")


def tool_path(name: str, remedy: str) -> str:
    """Where the program is: beside our own Python, or on the PATH. ProbeError with `remedy`."""
    ours = Path(sys.executable).parent / name
    found = str(ours) if ours.exists() else shutil.which(name)
    if found is None:
        raise ProbeError(f"{name} is not installed: {remedy}")
    return found


def run_tools(commands: Sequence[Sequence[str]], *, timeout_s: float) -> list[Ended]:
    """Run them all at once and wait for all, within `timeout_s` together. Few lines of output are
    expected of each, but for a single one."""
    deadline_s = time.monotonic() + timeout_s
    started: list[subprocess.Popen[str]] = []
    try:
        for command in commands:
            started.append(_start(command))
        return [_wait(process, deadline_s) for process in started]
    finally:
        for process in started:
            _end(process)


def run_tool(command: Sequence[str], *, timeout_s: float) -> Ended:
    """Run one and wait for it."""
    return run_tools([command], timeout_s=timeout_s)[0]


def _start(command: Sequence[str]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    _running.add(process)
    return process


def _wait(process: subprocess.Popen[str], deadline_s: float) -> Ended:
    try:
        output, errors = process.communicate(timeout=max(0.1, deadline_s - time.monotonic()))
    except subprocess.TimeoutExpired:
        _kill_session(process)
        output, errors = process.communicate()
        errors = f"did not end in time\n{errors}"
    _kill_session(process)  # what it started and left; at once, before its number is another's
    return Ended(code=process.returncode, output=output, errors=errors)


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        _kill_session(process)
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    _running.discard(process)


def _kill_session(process: subprocess.Popen[str]) -> None:
    """All of its session: what the program started too, even where it has itself ended."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


@atexit.register
def _end_all() -> None:
    for process in list(_running):
        if process.poll() is None:
            _kill_session(process)
