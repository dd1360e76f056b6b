"""The statements that a Python service has under way, read from its own variables.

    every 0.2 s   py-spy dump --locals ─► innermost call: execute(sql="SELECT …") ─► who asked

SQLite lives inside the process that uses it and counts nothing: neither statements nor times. But
whoever executes one holds its text in a local variable, so looking often enough at the running
calls tells which statement the time goes into, from which line, and whether that line is in a loop
(by the source, where it can be read). Each look costs about 20 ms of CPU, and stops nothing.

Given as stacks of mode `sql`, whose innermost frame is the statement: `SELECT … (sql/MARK)`, MARK
its fingerprint, with `/loop` behind it where it is sent from a loop. Plans come along. Of all
variables only such texts are kept, and those without their values (`model/statements.py`). Only the
busiest process is looked at, and only at the knee: that is where the time goes.
"""

from __future__ import annotations

import ast
import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from perfwright.model.errors import ProbeError
from perfwright.model.stage import LOW
from perfwright.model.statements import fingerprint, normalize
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
from perfwright.observe.profile_tool import run_tools, tool_path
from perfwright.observe.runtimes import runtime_of
from perfwright.observe.sql_text import is_explainable
from perfwright.observe.sqlite_explain import explain_sqlite
from perfwright.observe.sqlite_files import sqlite_files

_EVERY_S = 0.2
_LOOK_S = 3.0
_WHOLE_TEXTS = "-" + 8 * "l"
"""So many times --locals: texts of up to 8,192 characters."""
_MOST_TEXT = 1_000
_WITHIN = 2
_DRIVEN = re.compile(r"[?:]|%s|%\(|\bFROM\b|\bINTO\b|\bSET\b", re.IGNORECASE)
_INNER = ("<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One frame of a look, with the text that it may be executing ("" if none)."""

    function: str
    file: str
    line: int
    statement: str


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
        texts: dict[str, str] = {}
        looks, refused = 0, ""
        until_s = time.monotonic() + duration_s
        while time.monotonic() < until_s:
            threads, complaint = _look(pids[0])
            looks, refused = looks + (not complaint), complaint or refused
            for thread, calls in threads:
                if stack := _stack(calls, link(f"/proc/{pids[0]}/cwd"), texts):
                    found[thread, stack] += 1
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
        plans = tuple(
            plan for file in sqlite_files(pids)[:1] for plan in explain_sqlite(file, texts.values())
        )
        return Reading(stacks=counted(found, sampling), plans=plans)


def _is_python(pid: int) -> bool:
    return runtime_of(pid).startswith("python")


def _look(pid: int) -> tuple[list[tuple[str, list[_Call]]], str]:
    """Each thread's calls, innermost first; or why it was refused."""
    program = tool_path("py-spy", "pip install py-spy")
    command = (
        program, "dump", "--nonblocking", "--json", "--full-filenames", _WHOLE_TEXTS, "--pid",
        str(pid),
    )  # fmt: skip
    (ended,) = run_tools([command], timeout_s=_LOOK_S)
    if ended.code != 0:
        return [], ended.complaint
    try:
        threads: list[dict[str, Any]] = json.loads(ended.output)
    except ValueError:
        return [], "what it printed was cut off"
    return [(_thread_name(pid, one), _calls(one)) for one in threads], ""


def _thread_name(pid: int, thread: dict[str, Any]) -> str:
    return f"{pid}/{thread.get('os_thread_id')} {thread.get('thread_name') or ''}".rstrip()


def _calls(thread: dict[str, Any]) -> list[_Call]:
    return [
        _Call(
            function=str(frame["name"]),
            file=str(frame["filename"]),
            line=int(frame["line"]),
            statement=next(_statements(frame.get("locals") or ()), ""),
        )
        for frame in thread.get("frames", ())
    ]


def _statements(variables: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The variables that hold SQL. Texts come in double quotes, quotes inside them escaped."""
    for variable in variables:
        shown = str(variable.get("repr") or "")
        text = shown[1:-1].replace('\\"', "'").replace("\\n", "\n")
        if shown.startswith('"') and is_explainable(text) and _DRIVEN.search(text):
            yield text


def _stack(calls: Sequence[_Call], cwd: str, texts: dict[str, str]) -> str:
    """The stack with the statement as its innermost frame; "" where none is under way."""
    at = next((i for i, call in enumerate(calls) if call.function not in _INNER), 0)
    holder = next((i for i in range(at, min(at + _WITHIN, len(calls))) if calls[i].statement), None)
    if holder is None:
        return ""
    text = normalize(calls[holder].statement)
    mark = fingerprint(text)
    texts.setdefault(mark, calls[holder].statement)
    frames = [
        frame_text(call.function, short_path(call.file, cwd), call.line)
        for call in reversed(calls[holder:])
    ]
    own = [call for call in calls[holder:] if short_path(call.file, cwd).startswith(("./", "/"))]
    looped = any(_in_loop(call.file, call.line) or call.function in _INNER for call in own[:4])
    leaf = f"{text[:_MOST_TEXT]} (sql/{mark}{'/loop' if looped else ''})"
    return joined_stack([*frames, leaf.replace(";", ":")])


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
