"""Profiles of Python processes by py-spy (https://github.com/benfred/py-spy), from outside.

    cpu   threads that run                     ≤ 100/s
    gil   the one that holds Python's lock     ≤ 100/s
    wall  all, with the native call inside     ≤ 20/s

All three are taken at once, each by a py-spy of its own.
`cpu` and `gil` read the memory of the running process without stopping it: stopping it a hundred
times a second would wake its threads and so show them busier than they are, at its cost. A sample
that catches a stack in the act of changing fails; failed ones are taken off the rate. `wall` needs
the native frames (a lock taken in C shows no Python frame), and those need the process stopped for
a millisecond or more: hence 20 times a second at most. Both `cpu` and `wall` read all threads, at a
cost that grows with their number, so that the rates fall where threads are many.

At most four processes are profiled, the busiest. ProbeError, with the remedy, where ptrace is
refused; a process that has ended meanwhile is left out.
"""

from __future__ import annotations

import platform
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from perfwright.model.errors import ProbeError
from perfwright.model.watched import Component, Reading, StackCount
from perfwright.observe.procfs import link, read_text
from perfwright.observe.profile_frames import (
    Sampling,
    counted,
    frame_text,
    joined_stack,
    short_path,
)
from perfwright.observe.profile_pids import busiest
from perfwright.observe.profile_tool import Ended, run_tools, tool_path
from perfwright.observe.runtimes import runtime_of

_PROCESSES = 4
_RATES = {"cpu": (100, 20, 1000), "gil": (100, 25, 200), "wall": (20, 6, 200)}
"""At most, at least, and stacks read a second: samples a second by mode."""
_START_S = 15.0
"""What py-spy may take to read symbols before, and to write after."""
_MODES = {
    "cpu": ("--nonblocking",),
    "gil": ("--gil", "--nonblocking"),
    "wall": ("--idle", "--native" if platform.machine() == "x86_64" else "--nonblocking"),
}
"""py-spy reads native frames on this architecture only."""
_THREAD = re.compile(r"thread \((\w+)\)(?:: (.*))?")
_FRAME = re.compile(r"(.*) \((.*?)(?::(\d+))?\)")
_WAITS = re.compile(
    r"(select \(selectors\.py|wait \(threading\.py|_worker \(concurrent/\S*):\d+\)$"
)
"""Innermost lines that do nothing but wait: caught just awake, they used no CPU."""
_ROOTS = ("<module> (", "Thread._bootstrap (", "_bootstrap (")
_DONE = re.compile(r"Samples: (\d+) Errors: (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Take:
    pid: int
    mode: str
    rate: int
    duration_s: int
    file: Path

    def command(self, program: str) -> tuple[str, ...]:
        return (
            program, "record", "--format", "raw", "--full-filenames", "--threads",
            "--rate", str(self.rate), "--duration", str(self.duration_s),
            "--pid", str(self.pid), "--output", str(self.file), *_MODES[self.mode],
        )  # fmt: skip


class PySpyProfiler:
    """Profiles the Python processes of one component."""

    def __init__(self, component: Component) -> None:
        self.name = f"py-spy of {component.subject}"
        self._component = component

    def profile(self, moment: str, duration_s: float) -> Reading:
        """Stacks in the modes cpu, gil and wall, of whole seconds."""
        program = tool_path("py-spy", "pip install py-spy")
        pids = busiest(self._component, _is_python, _PROCESSES)
        if not pids:
            raise ProbeError(f"{self.name}: it has no Python process that we can see")
        seconds = max(1, round(duration_s))
        with tempfile.TemporaryDirectory(prefix="perfwright-") as folder:
            takes = _takes(pids, seconds, Path(folder))
            ended = run_tools(
                [take.command(program) for take in takes], timeout_s=seconds + _START_S
            )
            pairs = list(zip(takes, ended, strict=True))
            stacks = [self._stacks(moment, take, one) for take, one in pairs if one.code == 0]
        failed = [remedy(one.complaint, take.pid) for take, one in pairs if one.code != 0]
        if len(failed) == len(takes):
            raise ProbeError(f"{self.name}: {failed[0]}")
        notes = tuple(f"{self.name}: {told}" for told in dict.fromkeys(failed))
        return Reading(stacks=tuple(stack for some in stacks for stack in some), notes=notes)

    def _stacks(self, moment: str, take: _Take, ended: Ended) -> tuple[StackCount, ...]:
        ticks = take.rate * take.duration_s
        done = _DONE.search(ended.errors + ended.output)
        failed = min(int(done[2]), ticks - 1) if done else 0
        sampling = Sampling(
            moment=moment,
            subject=self._component.subject,
            mode=take.mode,
            rate_per_s=(ticks - failed) / take.duration_s,
            duration_s=take.duration_s,
        )
        text = take.file.read_text(encoding="utf-8", errors="replace")
        counts = read_raw(text, take.pid, link(f"/proc/{take.pid}/cwd"))
        if "--nonblocking" in _MODES[take.mode]:
            counts = mended(counts)
        if "--idle" not in _MODES[take.mode]:
            counts = Counter({key: n for key, n in counts.items() if not _WAITS.search(key[1])})
        return counted(counts, sampling)


def read_raw(text: str, pid: int, cwd: str) -> Counter[tuple[str, str]]:
    """py-spy's raw format (`thread (TID): name;frame;frame COUNT`) by thread and stack."""
    counts: Counter[tuple[str, str]] = Counter()
    for line in text.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        thread = _THREAD.fullmatch(frames[0])
        if not count.isdigit() or thread is None or len(frames) < 2:
            continue
        name = f"{pid}/{thread[1]} {thread[2] or ''}".rstrip()
        counts[name, joined_stack(_tidy(frames[1:], cwd))] += int(count)
    return counts


def mended(counts: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """Stacks torn on their way to the root, because the process ran on while they were read, joined
    to the outer part of a whole stack of their thread that goes through the same function."""
    outer: dict[tuple[str, str], str] = {}
    for (thread, stack), _ in counts.most_common():
        frames = stack.split(";")
        if frames[0].startswith(_ROOTS):
            for depth, frame in enumerate(frames):
                outer.setdefault((thread, _without_line(frame)), ";".join(frames[:depth]))
    whole: Counter[tuple[str, str]] = Counter()
    for (thread, stack), count in counts.items():
        first = stack.partition(";")[0]
        before = "" if first.startswith(_ROOTS) else outer.get((thread, _without_line(first)), "")
        whole[thread, f"{before};{stack}" if before else stack] += count
    return whole


def _without_line(frame: str) -> str:
    return frame.rpartition(":")[0]


def _tidy(frames: Sequence[str], cwd: str) -> list[str]:
    """Python's frames, and the named native ones inside the last of them."""
    parsed = [match.groups() for match in map(_FRAME.fullmatch, frames) if match]
    python = [_is_source(file) for _, file, _ in parsed]
    last = max((at for at, is_python in enumerate(python) if is_python), default=-1)
    return [
        frame_text(function, short_path(file, cwd), int(line or 0))
        if python[at]
        else frame_text(function, PurePosixPath(file).name, int(line or 0))
        for at, (function, file, line) in enumerate(parsed)
        if python[at] or (at > last and not function.startswith("0x"))
    ]


def _is_source(file: str) -> bool:
    path = PurePosixPath(file)
    if path.name.startswith(("python", "pypy")) and path.suffix != ".py":
        return False  # the interpreter's own code
    return file.startswith("<") or path.suffix in (".py", ".pyx", ".pyw", "")


def _takes(pids: Sequence[int], duration_s: int, folder: Path) -> list[_Take]:
    return [
        _Take(
            pid=pid,
            mode=mode,
            rate=_rate(mode, pid, len(pids)),
            duration_s=duration_s,
            file=folder / f"{mode}-{pid}",
        )
        for mode in _MODES
        for pid in pids
    ]


def _rate(mode: str, pid: int, processes: int) -> int:
    """Samples a second, so that the stacks read a second stay within what they may cost."""
    most, least, stacks_per_s = _RATES[mode]
    status = read_text(f"/proc/{pid}/status")
    threads = int(status.partition("Threads:")[2].split()[0]) if "Threads:" in status else 1
    read_at_once = 1 if mode == "gil" else threads
    return max(least, min(most, stacks_per_s // (read_at_once * processes)))


def _is_python(pid: int) -> bool:
    return runtime_of(pid).startswith("python")


def _refused(complaint: str) -> bool:
    return "ermi" in complaint  # Permission denied, Operation not permitted


def remedy(complaint: str, pid: int) -> str:
    """What to do about py-spy's complaint."""
    if not _refused(complaint):
        return f"py-spy cannot read process {pid}: {complaint}"
    return (
        f"py-spy may not read process {pid}: run as root, or as its user with "
        "`sysctl kernel.yama.ptrace_scope=0`; in a container, start it with --cap-add SYS_PTRACE"
    )
