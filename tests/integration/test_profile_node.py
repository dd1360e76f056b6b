"""A profile of a real Node.js process, none the worse for it; and who is never signalled."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from perfwright.analyze import stacks
from perfwright.model.errors import ProbeError
from perfwright.model.watched import Component
from perfwright.observe.profile_node import NodeProfiler, is_surely_node

NODE = shutil.which("node") or shutil.which("nodejs")
PROGRAM = """
function total(n) { let sum = 0; for (let i = 0; i < n; i++) sum += i * i % 7; return sum; }
function tick() { const end = Date.now() + 8; while (Date.now() < end) total(1e5); }
setInterval(tick, 10);
console.log("ready");
"""


@pytest.mark.skipif(NODE is None, reason="needs Debian's package nodejs")
def test_a_hot_function_is_named_and_the_inspector_is_closed_again(tmp_path: Path) -> None:
    (tmp_path / "shop.js").write_text(PROGRAM)
    command = [str(NODE), "shop.js"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as node:
        try:
            assert node.stdout is not None and node.stdout.readline() == "ready\n"
            component = Component(subject="port:3000", runtime="node", pids=(node.pid,))
            profiler = NodeProfiler(component)
            taken = profiler.profile("knee", 1.0)
            again = profiler.profile("knee", 0.5)
            assert node.poll() is None
        finally:
            node.kill()
    hot = stacks.functions(stacks.select(taken.stacks, mode="cpu"))
    assert sum(one.self_ratio for one in hot if one.function in ("total", "tick")) >= 0.8
    assert hot[0].place.startswith("shop.js:")
    assert again.stacks


def test_a_process_that_may_die_of_the_signal_never_gets_it() -> None:
    code = "import signal, sys; signal.signal(signal.SIGUSR1, print); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as catches:
        assert catches.stdout is not None and catches.stdout.readline()
        assert not is_surely_node(catches.pid)
        catches.kill()
    ourselves = Component(subject="pid:1", runtime="node", pids=(os.getpid(),))
    assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL
    with pytest.raises(ProbeError, match="no process that is surely node"):
        NodeProfiler(ourselves).profile("low", 1.0)
