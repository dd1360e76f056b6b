"""Profiles of JVMs by their own flight recorder, started and read through `jcmd` and `jfr`.

    jcmd PID JFR.start ─ … ─ JFR.dump ─ JFR.stop ─► jfr print --json --events jdk.ExecutionSample
                       └ thread dumps ┘ (`jvm_threads.py`: what threads wait for)

With the JDK's `profile` settings running Java threads are sampled every 10 ms (at most 16 threads
at a time: of more, loads are understated). ProbeError where jcmd is missing or refused: it must run
as the JVM's user, or as root; a JVM that gives no thread dumps is noted.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from perfwright.model.errors import ProbeError
from perfwright.model.watched import Component, Reading, joined
from perfwright.observe.jvm_threads import dumped_stacks, thread_dump
from perfwright.observe.profile_frames import Sampling, counted, joined_stack
from perfwright.observe.profile_jvm_frames import java_frame
from perfwright.observe.profile_pids import busiest
from perfwright.observe.profile_tool import Ended, run_tool, tool_path
from perfwright.observe.repeated_looks import wall_profile
from perfwright.observe.runtimes import runtime_of

_RATE = 100
_COMMAND_S = 15.0
_PRINT_S = 60.0
_RECORDING = "perfwright"
_REMEDY = "install a JDK, whose tools they are (apt install openjdk-17-jdk-headless)"


class JvmProfiler:
    """Profiles the busiest JVM of one component."""

    def __init__(self, component: Component) -> None:
        self.name = f"flight recorder of {component.subject}"
        self._component = component

    def profile(self, moment: str, duration_s: float) -> Reading:
        """Stacks of the modes cpu and wall."""
        jcmd, jfr = tool_path("jcmd", _REMEDY), tool_path("jfr", _REMEDY)
        pids = busiest(self._component, lambda pid: runtime_of(pid).startswith("jvm"), 1)
        if not pids:
            raise ProbeError(f"{self.name}: it has no JVM that we can see")
        with tempfile.TemporaryDirectory(prefix="perfwright-") as folder:
            Path(folder).chmod(0o777)  # it is the JVM, perhaps another user's, that writes there
            file = Path(folder) / "recording.jfr"
            waits = self._record(jcmd, pids[0], moment, duration_s, file)
            print_command = (jfr, "print", "--json", "--stack-depth", "64", "--events",
                             "jdk.ExecutionSample", str(file))  # fmt: skip
            events = self._checked(run_tool(print_command, timeout_s=_PRINT_S)).output
        sampling = Sampling(
            moment=moment,
            subject=self._component.subject,
            mode="cpu",
            rate_per_s=_RATE,
            duration_s=duration_s,
        )
        ran = Reading(stacks=counted(jfr_stacks(json.loads(events), pids[0]), sampling))
        return joined((ran, waits))

    def _record(self, jcmd: str, pid: int, moment: str, duration_s: float, file: Path) -> Reading:
        """Records into `file`; the thread dumps taken meanwhile."""

        def command(*words: str) -> Ended:
            return self._checked(run_tool((jcmd, str(pid), *words), timeout_s=_COMMAND_S))

        command("JFR.start", f"name={_RECORDING}", "settings=profile", "maxsize=64m")
        try:
            until_s = time.monotonic() + duration_s
            waits = self._waits(pid, moment, duration_s)
            time.sleep(max(0.0, until_s - time.monotonic()))
            command("JFR.dump", f"name={_RECORDING}", f"filename={file}")
        finally:
            command("JFR.stop", f"name={_RECORDING}")
        return waits

    def _waits(self, pid: int, moment: str, duration_s: float) -> Reading:
        try:
            return Reading(
                stacks=wall_profile(
                    lambda: dumped_stacks(thread_dump(pid), pid),
                    moment=moment,
                    subject=self._component.subject,
                    duration_s=duration_s,
                )
            )
        except ProbeError as error:
            return Reading(notes=(f"{self.name}: what its threads wait for is unseen: {error}",))

    def _checked(self, ended: Ended) -> Ended:
        if ended.code != 0:
            raise ProbeError(
                f"{self.name}: {ended.complaint}; jcmd must run as the JVM's user or as root"
            )
        return ended


def jfr_stacks(document: dict[str, Any], pid: int) -> Counter[tuple[str, str]]:
    """Execution samples by thread and stack."""
    counts: Counter[tuple[str, str]] = Counter()
    for event in document["recording"]["events"]:
        values = event["values"]
        trace, thread = values.get("stackTrace"), values.get("sampledThread") or {}
        if trace and trace["frames"]:
            name = f"{pid}/{thread.get('osThreadId', 0)} {thread.get('javaName') or ''}".rstrip()
            counts[name, joined_stack(_frame(frame) for frame in reversed(trace["frames"]))] += 1
    return counts


def _frame(frame: dict[str, Any]) -> str:
    method = frame["method"]
    name = str(method["type"]["name"]).replace("/", ".")
    return java_frame(name, method["name"], int(frame["lineNumber"]))
