"""The host probe tells of this machine what the kernel counts, in the units that it promises."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest
from support.programs import BURN, program

from perfwright.model import metrics
from perfwright.model.watched import Reading
from perfwright.observe.host import HostProbe
from perfwright.observe.psi import REMEDY
from perfwright.observe.sockets import tcp_table


@pytest.fixture
def probe() -> Iterator[HostProbe]:
    made = HostProbe("host")
    opened = made.open(0)
    assert opened.notes in ((), (REMEDY,))
    yield made
    made.close()


def values(reading: Reading, metric: str) -> dict[str, float]:
    return {sample.label: sample.value for sample in reading.samples if sample.metric == metric}


def test_everything_is_of_the_second_and_the_host(probe: HostProbe) -> None:
    reading = probe.read(7)
    assert {(sample.second, sample.subject) for sample in reading.samples} == {(7, "host")}


def test_cpu_is_split_by_mode_and_a_burner_shows(probe: HostProbe) -> None:
    with program(BURN) as burner:
        burner.tell("0.3")
        burner.hear()
        reading = probe.read(0)
    cpu = values(reading, metrics.CPU_UTILIZATION)
    assert cpu.keys() == {"", "user", "system", "iowait", "steal", "softirq"}
    busy = sum(cpu[mode] for mode in ("user", "system", "steal", "softirq"))
    assert cpu[""] == pytest.approx(busy)
    assert 0 < cpu["user"] <= 1
    assert values(reading, metrics.CPU_COUNT) == {"": os.cpu_count()}
    assert values(reading, metrics.RUN_QUEUE)[""] >= 0


def test_memory_is_a_share_and_bytes(probe: HostProbe) -> None:
    reading = probe.read(0)
    assert 0 < values(reading, metrics.MEMORY_UTILIZATION)[""] < 1
    assert values(reading, metrics.MEMORY_AVAILABLE)[""] > 1_000_000


def test_bytes_over_loopback_are_counted(probe: HostProbe) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as sender,
        listener.accept()[0] as taken,
    ):
        sender.sendall(b"x" * 100_000)
        assert len(taken.recv(100_000, socket.MSG_WAITALL)) == 100_000
        reading = probe.read(0)
    moved = values(reading, metrics.NETWORK_IO)
    assert moved["lo.receive"] > 0
    assert moved["lo.transmit"] == pytest.approx(moved["lo.receive"], rel=0.01)
    assert "lo" not in values(reading, metrics.NETWORK_UTILIZATION), "loopback has no speed"


def test_sockets_are_counted_by_state(probe: HostProbe) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()),
    ):
        tcp_table()  # a new round: what probes share is looked up anew
        states = values(probe.read(0), metrics.SOCKETS)
    assert states["established"] >= 2
    assert states["listen"] >= 1


def test_ratios_stay_within_0_and_1(probe: HostProbe) -> None:
    probe.read(0)
    reading = probe.read(1)
    shares = (metrics.CPU_UTILIZATION, metrics.PRESSURE, metrics.DISK_UTILIZATION)
    found = [sample.value for sample in reading.samples if sample.metric in shares]
    assert found
    assert all(0 <= value <= 1 for value in found)
