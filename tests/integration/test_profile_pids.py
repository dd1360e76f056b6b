"""Which processes a profile is taken of."""

from __future__ import annotations

import subprocess
import sys

from perfwright.model.watched import Component
from perfwright.observe.profile_pids import busiest, listening_ports

MASTER = """
import socket, subprocess, sys
told = "print('up', flush=True); input()"
server = "import socket; s = socket.create_server(('127.0.0.1', 0)); " + told
busy = "sum(range(10_000_000)); " + told
children = [
    subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for code in (busy, server)
]
for child in children:
    child.stdout.readline()
print(*(child.pid for child in children), flush=True)
input()
"""


def test_workers_count_the_busiest_first_and_a_server_of_its_own_does_not() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", MASTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as master:
        assert master.stdout is not None
        worker, server = map(int, master.stdout.readline().split())
        component = Component(subject="port:8000", pids=(master.pid,))
        found = busiest(component, lambda _: True, 9)
        first = busiest(component, lambda _: True, 1)
        ports = listening_ports((worker, server))
        master.kill()  # its children's input ends, and so do they
    assert found == (worker, master.pid)
    assert first == (worker,)
    assert len(ports) == 1


def test_a_component_that_has_ended_has_none() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    assert busiest(Component(subject="pid:1", pids=(ended.pid,)), lambda _: True, 9) == ()
    assert listening_ports((ended.pid,)) == ()
