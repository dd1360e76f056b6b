"""`perfwright` as people start it: a process of its own in a folder of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "perfwright")
TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Finished:
    code: int
    out: str
    err: str

    @property
    def passed(self) -> bool:
        """Nothing failed; on a busy machine the generator may have been late: inconclusive."""
        codes = {"pass": 0, "inconclusive": 97}
        return codes.get(self.document["verdict"]["status"]) == self.code

    @property
    def document(self) -> Any:
        """What `--json` printed."""
        assert self.out, self.err
        return json.loads(self.out)


def perfwright(folder: Path, *words: str) -> Finished:
    """The command, run in `folder` to its end."""
    done = subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@contextmanager
def started(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The command, running; killed at the end if it is not over by then."""
    with subprocess.Popen(
        [*COMMAND, *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_seconds(process: subprocess.Popen[str], seconds: int) -> None:
    """Until the live view has told of so many seconds of the run."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.lstrip().startswith(f"{seconds}s "):
            return
    raise AssertionError(f"the run ended before second {seconds}")


def finished(process: subprocess.Popen[str]) -> Finished:
    out, err = process.communicate(timeout=TIMEOUT_S)
    return Finished(process.returncode, out, err)
