"""Which lines of a Python service send the statements that it has under way, and whether in a loop.

    every 0.2 s   py-spy dump --locals ─► all(sql="SELECT …") ◄─ history (orders.py:60), in a loop

SQLite counts nothing, and no statistics of any database know who asked. `sqlite_callers.py` finds
the statement in the frame that executes it; the frames around that one are who sent it, and their
source, where it can be read, tells a loop. Given as stacks of mode `sql`, whose innermost frame is
the statement: `SELECT … (sql/MARK)`, MARK its fingerprint, with `/loop` behind it where it is sent
from one. Plans come along. A look takes some 10 ms of CPU and stops nothing; only the busiest
process is looked at, and only at the knee: that is where the time goes.
"""

from __future__ import annotations

import ast
import json
import linecache
import time
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

from perfwright.model.errors import ProbeError
from perfwright.model.stage import LOW
from perfwright.model.statements import fingerprint
from perfwright.model.watched import Component, Reading
from perfwright.observe.procfs import link
from perfwright.observe.profile_frames import (
    Sampling,
    counted,
    frame_text,
    joined_stack,
    short_path,
)
from perfwright.observe.profile_pids import busiest
from perfwright.observe.profile_tool import run_tool, tool_path
from perfwright.observe.runtimes import runtime_of
from perfwright.observe.sqlite_callers import Frame, executing
from perfwright.observe.sqlite_explain import explain_sqlite
from perfwright.observe.sqlite_files import sqlite_files

_EVERY_S = 0.2
_LOOK_S = 3.0
_MOST_TEXT = 1_000
_CALLERS = 4
"""So many of the application's frames around a statement may hold the loop that sends it."""


class StatementLooks:
    """Looks at one component's running statements; worth it where it uses a SQLite file."""

    def __init__(self, component: Component) -> None:
        self.name = f"statements of {component.subject}"
        self._component = component

    def profile(self, moment: str, duration_s: float) -> Reading:
        """Stacks of mode `sql`, and plans. ProbeError: py-spy is missing, or refused each look."""
        pids = busiest(self._component, _is_python, 1)
        if moment == LOW or not pids:
            return Reading()
        found: Counter[tuple[str, str]] = Counter()
        texts: set[str] = set()
        looks, refused = 0, ""
        until_s = time.monotonic() + duration_s
        while time.monotonic() < until_s:
            threads, complaint = _look(pids[0])
            looks, refused = looks + (not complaint), complaint or refused
            for thread in threads:
                if stack := _stack(thread["frames"], link(f"/proc/{pids[0]}/cwd"), texts):
                    found[f"{pids[0]}/{thread['os_thread_id']}", stack] += 1
            time.sleep(_EVERY_S)
        if not looks and refused:
            raise ProbeError(f"{self.name}: {refused}")
        sampling = Sampling(
            moment=moment,
            subject=self._component.subject,
            mode="sql",
            rate_per_s=looks / duration_s,
            duration_s=duration_s,
        )
        files = sqlite_files(pids)[:1]
        plans = tuple(plan for file in files for plan in explain_sqlite(file, sorted(texts)))
        return Reading(stacks=counted(found, sampling), plans=plans)


def _is_python(pid: int) -> bool:
    return runtime_of(pid).startswith("python")


def _look(pid: int) -> tuple[list[dict[str, Any]], str]:
    """Each thread that runs, as py-spy tells it; or why it was refused."""
    program = tool_path("py-spy", "pip install py-spy")
    command = (program, "dump", "--pid", str(pid), "--nonblocking", "--json")
    try:
        ended = run_tool((*command, "--full-filenames", *4 * ("--locals",)), timeout_s=_LOOK_S)
        threads: list[dict[str, Any]] = json.loads(ended.output) if ended.code == 0 else []
    except (ProbeError, ValueError) as error:
        return [], str(error)
    return [thread for thread in threads if thread["active"]], (
        ended.complaint if ended.code else ""
    )


def _stack(frames: list[Frame], cwd: str, texts: set[str]) -> str:
    """The stack with the statement as its innermost frame; "" where none is under way."""
    found = executing(frames)
    if found is None:
        return ""
    texts.add(found.text)
    around = frames[found.depth :]
    own = [one for one in around if short_path(one["filename"], cwd).startswith(("./", "/"))]
    looped = _sends_in_loop(around[0]) or any(
        _in_loop(one["filename"], one["line"]) for one in own[:_CALLERS] if one is not around[0]
    )
    mark = f"{fingerprint(found.text)}{'/loop' if looped else ''}"
    leaf = f"{found.text[:_MOST_TEXT]} (sql/{mark})".replace(";", ":")
    names = (
        frame_text(one["name"], short_path(one["filename"], cwd), one["line"])
        for one in reversed(around)
    )
    return joined_stack([*names, leaf])


def _sends_in_loop(holder: Frame) -> bool:
    """Whether the frame that executes it does so again and again, and not only reads its rows."""
    line = linecache.getline(holder["filename"], holder["line"]).strip()
    return (
        "execut" in line
        and not line.startswith(("for ", "async for "))
        and " for " not in line
        and _in_loop(holder["filename"], holder["line"])
    )


@lru_cache(maxsize=4096)
def _in_loop(file: str, line: int) -> bool:
    """Whether the line's call is made in a `for` loop or a comprehension of its function."""
    return any(first <= line <= last for first, last in _loops(file))


@lru_cache(maxsize=256)
def _loops(file: str) -> tuple[tuple[int, int], ...]:
    """Lines that `for` loops and comprehensions repeat; none where the source cannot be read."""
    try:
        tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError):
        return ()
    return tuple(_repeated_lines(node) for node in ast.walk(tree) if isinstance(node, _REPEATING))


_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_REPEATING = ast.For | ast.AsyncFor | _COMPREHENSIONS


def _repeated_lines(node: ast.AST) -> tuple[int, int]:
    """A loop's body without what it iterates over; a comprehension's element."""
    if isinstance(node, ast.For | ast.AsyncFor):
        return node.body[0].lineno, node.body[-1].end_lineno or node.body[-1].lineno
    element = node.value if isinstance(node, ast.DictComp) else getattr(node, "elt", node)
    first: int = getattr(element, "lineno", 0)
    return first, getattr(element, "end_lineno", None) or first
