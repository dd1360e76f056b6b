"""Programs that take profiles: none outlives its time, nor the wait for it."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from perfwright.model.errors import ProbeError
from perfwright.model.watched import Component, Reading
from perfwright.observe.profile_tool import run_tool, run_tools, tool_path
from perfwright.observe.profilers import FirstThatWorks

HANGS = ("sh", "-c", "sleep 98765 & echo started; sleep 98765")


def nothing_is_left() -> bool:
    started = [p for p in psutil.process_iter(["cmdline"]) if "98765" in (p.info["cmdline"] or ())]
    _, alive = psutil.wait_procs(started, timeout=5)  # a killed process takes a moment to go
    return not alive


def test_a_program_that_hangs_ends_with_all_that_it_started() -> None:
    ended = run_tool(HANGS, timeout_s=0.5)
    assert (ended.code, ended.output) == (-9, "started\n")
    assert ended.complaint == "did not end in time"
    assert nothing_is_left()


def test_what_a_program_left_behind_ends_with_it() -> None:
    ended = run_tool(("sh", "-c", "sleep 98765 >/dev/null 2>&1 & echo done"), timeout_s=10)
    assert (ended.code, ended.output) == (0, "done\n")
    assert nothing_is_left()


def test_a_program_that_cannot_start_takes_the_others_with_it() -> None:
    with pytest.raises(FileNotFoundError):
        run_tools([HANGS, ("/no/such/program",)], timeout_s=10)
    assert nothing_is_left()


def test_programs_end_with_us_though_nobody_waits_for_them() -> None:
    code = (
        "import threading, time\n"
        "from perfwright.observe.profile_tool import _running, run_tool\n"
        f"threading.Thread(target=run_tool, args=({HANGS!r},), kwargs={{'timeout_s': 60}},"
        " daemon=True).start()\n"
        "while not _running: time.sleep(0.01)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
    assert nothing_is_left()


def test_a_tool_that_is_not_there_is_named_with_the_way_to_get_it() -> None:
    with pytest.raises(ProbeError, match="nosuch is not installed: apt install nosuch"):
        tool_path("nosuch", "apt install nosuch")


class Refused:
    name = "pprof of port:1"

    def profile(self, moment: str, duration_s: float) -> Reading:
        raise ProbeError(f"{self.name}: refused {moment} for {duration_s:g} s")


class Works:
    name = "perf of port:1"

    def profile(self, moment: str, duration_s: float) -> Reading:
        component = Component(subject=f"{moment} {duration_s:g}")
        return Reading(components=(component,))


def test_the_next_profiler_takes_over_where_one_is_refused_and_the_run_says_why() -> None:
    taken = FirstThatWorks((Refused(), Works())).profile("low", 3.0)
    assert taken.components[0].subject == "low 3"
    assert taken.notes == ("pprof of port:1: refused low for 3 s",)
    with pytest.raises(ProbeError, match="refused knee"):
        FirstThatWorks((Refused(), Refused())).profile("knee", 1.0)
