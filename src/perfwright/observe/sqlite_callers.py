"""Statements that Python processes have a SQLite file answer, read from their stacks.

    py-spy dump --locals   handler ─ list_orders ─ all(sql="SELECT … WHERE customer_id = ?")
                                                       │ its line calls `execute`
                                                       ▼
                                             one sample of that statement

SQLite runs inside the caller and keeps no statistics, but whoever is in a statement has its text in
a local variable of the frame that executes it. The process is not stopped; a look takes some 10 ms
of CPU. Only threads that run are counted, so the samples' share is the statement's time. The text's
values are dropped at once. Seen are at most four Python processes that hold the file open; an ORM
that keeps its SQL in C, or another language, is not seen. A look that fails is left out.
"""

from __future__ import annotations

import json
import linecache
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfwright.model.errors import ProbeError
from perfwright.model.statements import normalize
from perfwright.observe.procfs import entries, link
from perfwright.observe.profile_pyspy import remedy
from perfwright.observe.profile_tool import run_tool, tool_path
from perfwright.observe.runtimes import runtime_of
from perfwright.observe.sql_text import is_explainable

MOST_PROCESSES = 4
_LOOK_S = 2.0
_INNER_FRAMES = 3
"""A statement's rows are often read in a comprehension, a frame of its own."""
_EXECUTES = re.compile(r"execut|fetch|cursor|query|\bfor\b.+\bin\b", re.IGNORECASE)

Frame = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """The normalized statements that threads of one process were in."""

    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Executing:
    """`text`: the normalized statement; `depth`: how far from the innermost frame it was found."""

    depth: int
    text: str


class SqliteCallers:
    """`refused`: why the processes may not be read, "" while they may."""

    def __init__(self, path: Path) -> None:
        self._path = str(path.resolve())
        self._pids: list[int] = []
        self._turn = 0
        self._program = tool_path("py-spy", "pip install py-spy")
        self.refused = ""

    @property
    def processes(self) -> int:
        return len(self._pids)

    def find(self) -> None:
        """Looks for Python processes that hold the file open; one found before is kept while it
        lives, for some open it for moments only. Some 10 ms."""
        holding = [pid for pid in _others() if self._holds(pid)]
        alive = [pid for pid in self._pids if Path(f"/proc/{pid}").exists()]
        self._pids = list(dict.fromkeys((*alive, *holding)))[:MOST_PROCESSES]

    def look(self) -> Look | None:
        """What the next process is doing now; None where there is none, or it cannot be read."""
        if not self._pids:
            return None
        self._turn += 1
        pid = self._pids[self._turn % len(self._pids)]
        command = (self._program, "dump", "--pid", str(pid), "--nonblocking", "--json")
        try:
            ended = run_tool((*command, "--locals", "--locals"), timeout_s=_LOOK_S)
        except ProbeError:
            return None
        if ended.code != 0:
            if "ermi" in ended.complaint:
                self.refused = remedy(ended.complaint, pid)
            return None
        try:
            threads = json.loads(ended.output)
        except json.JSONDecodeError:
            return None
        running = (thread["frames"] for thread in threads if thread["active"])
        return Look(tuple(found.text for frames in running if (found := executing(frames))))

    def _holds(self, pid: int) -> bool:
        folder = f"/proc/{pid}/fd"
        return any(link(f"{folder}/{fd}") == self._path for fd in entries(folder)) and (
            runtime_of(pid).startswith("python")
        )


def _others() -> Iterator[int]:
    """All processes but ours."""
    return (int(name) for name in entries("/proc") if name.isdigit() and int(name) != os.getpid())


def executing(frames: list[Frame]) -> Executing | None:
    """What the innermost of py-spy's frames (innermost first) execute; None: something else."""
    for depth, frame in enumerate(frames[:_INNER_FRAMES]):
        for local in frame["locals"] or ():
            text = _text(local["repr"] or "")
            if is_explainable(text):
                return Executing(depth, normalize(text)) if _executes(frame) else None
    return None


def _executes(frame: Frame) -> bool:
    """Whether the frame's line has to do with a query; a source that is not here counts as so."""
    lines = [linecache.getline(frame["filename"], frame["line"] + off) for off in (-1, 0, 1)]
    return not any(lines) or any(_EXECUTES.search(line) for line in lines)


def _text(shown: str) -> str:
    """A string as it is, from how py-spy shows it: in quotes, single ones as \\", lines as \\n."""
    if not (shown.startswith('"') and shown.endswith('"')):
        return ""
    return shown[1:-1].replace('\\"', "'").replace("\\n", "\n")
