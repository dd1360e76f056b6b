"""At the machine's limits: memory, open files, local ports."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from support.apart import apart

MB = 1 << 20


def test_a_body_of_2_gb_passes_through_little_memory(calibration):
    code = """
        import sys
        async def visit(user):
            answer = await user.get("/bytes/2000000000", name="big")
            return answer.status
        run = once(visit, target=sys.argv[1])
        # Not ru_maxrss: an exec keeps what the parent had.
        memory = open("/proc/self/status").read()
        peak = int(memory.split("VmHWM:")[1].split()[0]) * 1024
        result = run.value, run.step("big").bytes_received, peak
    """
    status, received_bytes, peak_bytes = apart(code, calibration)
    assert status == 200
    assert received_bytes > 2_000_000_000
    assert peak_bytes < 200 * MB


def test_too_many_open_files_is_an_outcome_that_says_what_to_do(calibration):
    code = """
        import sys
        from perfwright.plan.shapes import users
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
        async def visit(user):
            await user.get("/", name="visit")
            await user.think(0.5)
        run = load(visit, target=sys.argv[1], load=users(60).hold("0.3s"))
        result = run.step("visit").error_kinds, run.step("visit").statuses, [
            kept.message for kept in run.tally.exemplars if kept.outcome == "too_many_files"]
    """
    kinds, statuses, messages = apart(code, calibration)
    assert kinds.keys() == {"too_many_files"}
    assert statuses["200"] + kinds["too_many_files"] == 60
    assert statuses["200"] > 10
    assert "ulimit -n" in messages[0]


_FEW_PORTS = """
ip link set lo up && echo '40000 40007' > /proc/sys/net/ipv4/ip_local_port_range && exec "$@"
"""


def _can_make_networks() -> bool:
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return False
    probe = ["unshare", "--net", "sh", "-c", _FEW_PORTS, "sh", "true"]
    return subprocess.run(probe, capture_output=True).returncode == 0


@pytest.mark.skipif(not _can_make_networks(), reason="needs the right to make a network namespace")
def test_running_out_of_local_ports_is_an_outcome_that_says_what_to_do():
    code = """
        from perfwright.plan.shapes import users
        from support.raw_server import answering, raw_server
        async def visit(user):
            await user.get("/", name="visit")
            await user.think(0.5)
        answers = [b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n"] * 2
        with raw_server(answering(*answers), port=9000) as server:
            run = load(visit, target=server.url, load=users(20).hold("0.3s"))
        result = run.step("visit").error_kinds, [
            kept.message for kept in run.tally.exemplars if kept.outcome == "no_ports"]
    """
    kinds, messages = apart(code, before=("unshare", "--net", "sh", "-c", _FEW_PORTS, "sh"))
    assert kinds == {"no_ports": 12}
    assert "ip_local_port_range" in messages[0]
