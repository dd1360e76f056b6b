"""A profile of a native program that is busy in one function, by perf."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import psutil
import pytest

from perfwright.analyze import stacks
from perfwright.model.errors import ProbeError
from perfwright.model.watched import Component
from perfwright.observe.profile_perf import PerfProfiler
from perfwright.observe.runtimes import runtime_of

PROGRAM = """
volatile unsigned long sum;
__attribute__((noinline)) void add_up(void) { for (int i = 0; i < 1000; i++) sum += i * sum; }
int main(void) { for (;;) add_up(); }
"""


@pytest.mark.skipif(shutil.which("perf") is None, reason="needs Debian's package linux-perf")
@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_the_hot_native_function_is_named_and_nothing_outlives_the_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "busy.c").write_text(PROGRAM)
    subprocess.run(["cc", "-O1", "-o", "busy", "busy.c"], cwd=tmp_path, check=True)
    with subprocess.Popen([tmp_path / "busy"]) as busy:
        try:
            runtime = runtime_of(busy.pid)
            component = Component(subject="pid:1", runtime=runtime, pids=(busy.pid,))
            taken = PerfProfiler(component).profile("low", 1.0)
        except ProbeError as error:
            assert "kernel.perf_event_paranoid=1" in str(error)
            pytest.skip(str(error))  # a container that forbids it
        finally:
            busy.kill()
    hottest = stacks.functions(stacks.select(taken.stacks, mode="cpu"))[0]
    assert (hottest.name, hottest.is_own) == ("add_up (busy)", True)
    assert hottest.self_ratio >= 0.8
    left = {child.name() for child in psutil.Process().children(recursive=True)}
    assert not left & {"perf", "sleep"}
    assert list(tmp_path.glob("perfwright-*")) == []
