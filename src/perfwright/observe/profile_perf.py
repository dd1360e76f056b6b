"""Profiles of native code by Linux perf: what is on a CPU, 99 times a second, kernel and user side.

`cpu-clock` samples by a timer: it needs no hardware counters, so it works in virtual machines.
Stacks are unwound from the debug frames (`.eh_frame`) that every distribution's programs carry,
of 4 kB of stack. ProbeError, with what to set, where perf is missing or refused; without root the
kernel's part is left out and a note says so.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from pathlib import Path, PurePosixPath

from perfwright.model.errors import ProbeError
from perfwright.model.watched import Component, Reading
from perfwright.observe.procfs import link, read_text
from perfwright.observe.profile_frames import Sampling, counted, frame_text, joined_stack
from perfwright.observe.profile_pids import busiest
from perfwright.observe.profile_tool import Ended, run_tool, tool_path

_RATE = 99
_PROCESSES = 64
_START_S = 10.0
_SCRIPT_S = 30.0
_HEAD = re.compile(r"(?P<name>\S.*?)\s+(?P<pid>\d+)/(?P<tid>\d+)")
_FRAME = re.compile(r"\s+[0-9a-f]+ (?P<symbol>.*) \((?P<file>.*)\)")
_USER_ONLY = (
    "without root only user code is profiled; `sysctl kernel.perf_event_paranoid=1` adds the kernel"
)
_REFUSED = re.compile("not permitted|limited|denied|no permission", re.IGNORECASE)


class PerfProfiler:
    """Profiles all processes of one component together."""

    def __init__(self, component: Component) -> None:
        self.name = f"perf of {component.subject}"
        self._component = component

    def profile(self, moment: str, duration_s: float) -> Reading:
        """Stacks of mode cpu."""
        program = tool_path("perf", "apt install linux-perf (linux-tools-generic on Ubuntu)")
        pids = busiest(self._component, lambda _: True, _PROCESSES)
        if not pids:
            raise ProbeError(f"{self.name}: it has no process that we can see")
        user_only = not _may_see_kernel()
        with tempfile.TemporaryDirectory(prefix="perfwright-") as folder:
            text = self._recorded(program, pids, duration_s, user_only, Path(folder) / "data")
        sampling = Sampling(
            moment=moment,
            subject=self._component.subject,
            mode="cpu",
            rate_per_s=_RATE,
            duration_s=duration_s,
        )
        own = link(f"/proc/{pids[0]}/exe") if self._component.runtime == "native" else ""
        notes = (f"{self.name}: {_USER_ONLY}",) if user_only else ()
        return Reading(stacks=counted(read_script(text, own), sampling), notes=notes)

    def _recorded(
        self, program: str, pids: tuple[int, ...], duration_s: float, user_only: bool, data: Path
    ) -> str:
        record = (
            program, "record", "--quiet", "--freq", str(_RATE),
            "--event", "cpu-clock:u" if user_only else "cpu-clock",
            "--call-graph", "dwarf,4096", "--max-size", "64M",
            "--pid", ",".join(map(str, pids)), "--output", str(data),
            "--", "sleep", f"{duration_s:g}",
        )  # fmt: skip
        recorded = run_tool(record, timeout_s=duration_s + _START_S)
        if not data.exists() or data.stat().st_size == 0:
            raise ProbeError(f"{self.name}: {_remedy(recorded)}")
        fields = ("--fields", "comm,pid,tid,ip,sym,dso", "--no-inline", "--force")
        script = run_tool((program, "script", "--input", str(data), *fields), timeout_s=_SCRIPT_S)
        if script.code != 0 and not script.output:
            raise ProbeError(f"{self.name}: perf cannot read its own data: {script.complaint}")
        return script.output


def read_script(text: str, own: str) -> Counter[tuple[str, str]]:
    """`perf script`'s samples, separated by empty lines, by thread and stack. `own`: the path of
    the program that is the application itself, if it is one of ours."""
    counts: Counter[tuple[str, str]] = Counter()
    for sample in text.split("\n\n"):
        lines = sample.strip("\n").splitlines()
        head = _HEAD.match(lines[0]) if lines else None
        frames = [match for match in map(_FRAME.fullmatch, lines[1:]) if match]
        if head is None or not frames:
            continue
        stack = joined_stack(
            frame_text(frame["symbol"], _file(frame["file"], own)) for frame in reversed(frames)
        )
        counts[f"{head['pid']}/{head['tid']} {head['name']}", stack] += 1
    return counts


def _file(path: str, own: str) -> str:
    if path.startswith("["):
        return path.strip("[]").partition(".")[0]  # [kernel.kallsyms]
    name = PurePosixPath(path).name
    return f"./{name}" if path == own else name


def _may_see_kernel() -> bool:
    if os.geteuid() == 0:
        return True
    allowed = read_text("/proc/sys/kernel/perf_event_paranoid").strip()
    return allowed.lstrip("-").isdigit() and int(allowed) <= 1


def _remedy(ended: Ended) -> str:
    if _REFUSED.search(ended.errors + ended.output):
        return (
            "perf is not permitted: run as root, or `sysctl kernel.perf_event_paranoid=1` and run "
            "as the process's user; in a container, start it with --cap-add PERFMON"
        )
    return ended.complaint
