"""The process probe measures real processes whose truth the test knows."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from support.cgroups import QuotaRefused, quota
from support.postgres import PostgresCluster
from support.programs import BURN, CONNECTED, DEAF, PREFORK, program

from perfwright.model import metrics
from perfwright.model.errors import ProbeError
from perfwright.model.watched import Reading
from perfwright.observe.process import ProcessProbe
from perfwright.observe.process_table import process_table
from perfwright.observe.procfs import since_boot_s
from perfwright.observe.sockets import tcp_table

CHILDREN = """
import resource, subprocess, sys
burn = "import time\\nwhile time.process_time() < 0.4: pass"
for line in sys.stdin:
    subprocess.run([sys.executable, "-c", burn])
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(used.ru_utime + used.ru_stime)
"""

THREADS = """
import sys, threading
def spin():
    while not over.is_set():
        pass
over = threading.Event()
threads = [threading.Thread(target=over.wait) for _ in range(5)]
for thread in threads:
    thread.start()
for line in sys.stdin:
    worker = threading.Thread(target=spin, name="spinner")
    worker.start()
    print(worker.native_id)
    sys.stdin.readline()
    print("still")
"""

WRITER = """
import os, sys
with open(sys.argv[1], "wb", buffering=0) as file:
    for line in sys.stdin:
        for _ in range(100):
            file.write(bytes(10_000))
        os.fsync(file.fileno())
        print("done")
"""

UNIX = """
import socket, sys
held = []
for path in sys.argv[1:]:
    held.append(socket.socket(socket.AF_UNIX))
    held[-1].connect(path)
print("connected")
sys.stdin.read()
"""

HOLDER = """
import sys
held = []
for line in sys.stdin:
    held.append(bytearray(b"x" * int(line)))
    print("done")
"""


def values(reading: Reading, metric: str) -> dict[str, float]:
    return {sample.label: sample.value for sample in reading.samples if sample.metric == metric}


def thorough(spec: str) -> ProcessProbe:
    """A probe that looks at everything each time."""
    return ProcessProbe(spec, share=1.0, memory_every_s=0.0)


class Timed:
    """The time between two looks at a process, from inside and from outside of them: on a busy
    machine a look takes a while, and the true time is in between."""

    def __init__(self, spec: str) -> None:
        outside_s = since_boot_s()
        self._probe = thorough(spec)
        self._probe.open(0)
        self._begun_s = outside_s, since_boot_s()

    def look(self) -> Reading:
        ended_s = since_boot_s()
        reading = look(self._probe, 0)
        outside_s, inside_s = self._begun_s
        self._least_s, self._most_s = ended_s - inside_s, since_boot_s() - outside_s
        return reading

    def agrees(self, rate: float, total: float) -> bool:
        """Whether the rate comes to the total, within 10%."""
        return rate * self._least_s <= 1.1 * total and rate * self._most_s >= 0.9 * total


@contextmanager
def opened(spec: str) -> Iterator[tuple[ProcessProbe, Reading]]:
    probe = thorough(spec)
    first = probe.open(0)
    yield probe, first
    probe.close()


def look(probe: ProcessProbe, second: int) -> Reading:
    """Reads in a new round: what probes share of a round is looked up anew."""
    process_table()
    tcp_table()
    return probe.read(second)


def test_cpu_in_use_is_what_the_process_says_it_used() -> None:
    with program(BURN) as burner:
        burner.tell("0")
        before_s = float(burner.hear())
        watched = Timed(f"pid:{burner.pid}")
        burner.tell("0.6")
        used_s = float(burner.hear()) - before_s
        reading = watched.look()
    cores = values(reading, metrics.PROCESS_CPU)
    assert watched.agrees(cores[""], used_s)
    assert cores[f"pid:{burner.pid}"] == cores[""]
    (label,) = values(reading, metrics.THREAD_CPU)
    assert label.startswith(f"{burner.pid}/{burner.pid} ")


def test_children_that_came_and_went_between_two_reads_count() -> None:
    with program(CHILDREN) as parent:
        watched = Timed(f"pid:{parent.pid}")
        parent.tell()
        used_s = float(parent.hear())
        reading = watched.look()
    cores = values(reading, metrics.PROCESS_CPU)
    assert watched.agrees(cores[""] - cores[f"pid:{parent.pid}"], used_s)


def test_threads_are_told_by_state_and_the_busy_one_by_id() -> None:
    with program(THREADS) as threaded, opened(f"pid:{threaded.pid}") as (probe, _):
        threaded.tell()
        spinner = threaded.hear()
        threaded.tell()  # it answers: time has gone by while the spinner spun
        threaded.hear()
        reading = look(probe, 0)
    counts = values(reading, metrics.PROCESS_THREADS)
    assert counts[""] == 7
    assert counts["running"] + counts["sleeping"] + counts["disk"] == 7
    assert any(spinner in label for label in values(reading, metrics.THREAD_CPU))
    assert values(reading, metrics.CONTEXT_SWITCHES).keys() == {"voluntary", "involuntary"}
    assert values(reading, metrics.PROCESS_RUN_DELAY)[""] >= 0


def test_what_is_written_is_counted_in_bytes_and_calls(tmp_path: Path) -> None:
    with program(WRITER, str(tmp_path / "file")) as writer:
        watched = Timed(f"pid:{writer.pid}")
        writer.tell()
        writer.hear()
        reading = watched.look()
    assert watched.agrees(values(reading, metrics.PROCESS_SYSCALLS)["write"], 101)
    assert values(reading, metrics.PROCESS_IO)["write"] >= 0


def test_a_quota_shows_as_limit_and_throttling() -> None:
    try:
        with quota(0.2) as group, program(BURN) as burner:
            (group / "cgroup.procs").write_text(str(burner.pid))
            with opened(f"pid:{burner.pid}") as (probe, _):
                burner.tell("0.1")  # five periods at a fifth of a core
                burner.hear()
                reading = probe.read(0)
            burner.end()
    except QuotaRefused as error:
        pytest.skip(f"this machine allows no CPU quota: {error}")
    assert values(reading, metrics.CGROUP_CPU_LIMIT) == {"": 0.2}
    assert 0 < values(reading, metrics.CGROUP_THROTTLED)[""] <= 1


def test_a_process_that_a_signal_stopped_is_told_apart_from_an_idle_one() -> None:
    with program(BURN) as idle, program(BURN) as stopped:
        os.kill(stopped.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, stopped.pid, os.WSTOPPED)
        for process, ratio in ((idle, 0.0), (stopped, 1.0)):
            with opened(f"pid:{process.pid}") as (probe, _):
                assert values(look(probe, 0), metrics.PROCESS_STOPPED) == {"": ratio}
        os.kill(stopped.pid, signal.SIGCONT)


def test_memory_that_is_taken_shows_as_resident_and_unique() -> None:
    size = 50_000_000
    with program(HOLDER) as holder:
        with opened(f"pid:{holder.pid}") as (probe, _):
            before = values(look(probe, 0), metrics.PROCESS_MEMORY)[""]
        holder.tell(str(size))
        holder.hear()
        with opened(f"pid:{holder.pid}") as (probe, _):
            reading = look(probe, 1)
    assert values(reading, metrics.PROCESS_MEMORY)[""] - before == pytest.approx(size, rel=0.05)
    unique = values(reading, metrics.PROCESS_MEMORY_UNIQUE)[""]
    assert size <= unique <= values(reading, metrics.PROCESS_MEMORY)[""]
    assert (
        values(reading, metrics.OPEN_FILES_LIMIT)[""] > values(reading, metrics.OPEN_FILES)[""] > 2
    )


def test_a_prefork_server_is_watched_whole_and_worker_by_worker() -> None:
    with program(PREFORK, "127.0.0.1", "0") as server:
        port, *workers = server.hear().split()
        with opened(f"port:{port}") as (probe, first):
            reading = look(probe, 0)
    (component,) = first.components
    assert component.subject == probe.name == f"port:{port}"
    assert component.pids == tuple(sorted([server.pid, *map(int, workers)]))
    assert component.runtime.startswith("python 3.")
    assert component.port == int(port)
    shown = values(reading, metrics.PROCESS_CPU).keys()
    assert shown == {"", f"pid:{server.pid}", *(f"pid:{pid}" for pid in workers)}
    assert {sample.subject for sample in reading.samples} == {f"port:{port}"}


def test_connections_that_nobody_accepts_show_as_a_queue() -> None:
    with program(DEAF) as deaf, ExitStack() as held:
        port = int(deaf.hear())
        for _ in range(4):  # a backlog of three takes four
            held.enter_context(socket.create_connection(("127.0.0.1", port)))
        with opened(f"port:{port}") as (probe, _):
            reading = look(probe, 0)
    assert values(reading, metrics.ACCEPT_QUEUE) == {"": 4}
    assert values(reading, metrics.CONNECTIONS_FROM) == {"": 4}


def test_connections_are_counted_by_peer() -> None:
    with ExitStack() as held:
        listeners = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        ports = [str(listener.getsockname()[1]) for listener in listeners]
        client = held.enter_context(program(CONNECTED, ports[0], ports[0], ports[1]))
        own_port = client.hear()
        held.enter_context(socket.create_connection(("127.0.0.1", int(own_port))))
        probe, _ = held.enter_context(opened(f"pid:{client.pid}"))
        reading = look(probe, 0)
    peers = {f"port:{ports[0]}": 2, f"port:{ports[1]}": 1}
    assert values(reading, metrics.CONNECTIONS_TO) == peers
    assert values(reading, metrics.CONNECTIONS_FROM) == {"": 1}


def test_connections_over_a_unix_socket_count_for_who_serves_it(
    postgres: PostgresCluster, tmp_path: Path
) -> None:
    with ExitStack() as held:
        alone = held.enter_context(socket.socket(socket.AF_UNIX))
        alone.bind(str(tmp_path / "alone"))
        alone.listen()
        database = str(postgres.folder / f".s.PGSQL.{postgres.port}")
        client = held.enter_context(program(UNIX, database, database, str(tmp_path / "alone")))
        assert client.hear() == "connected"
        probe, _ = held.enter_context(opened(f"pid:{client.pid}"))
        reading = look(probe, 0)
    peers = values(reading, metrics.CONNECTIONS_TO)
    assert peers.pop(f"port:{postgres.port}") == 2
    assert list(peers.values()) == [1]


def test_a_server_that_is_restarted_is_watched_again() -> None:
    with program(PREFORK, "127.0.0.1", "0") as server:
        port = server.hear().split()[0]
        with opened(f"port:{port}") as (probe, _):
            server.end()
            ended = look(probe, 0)
            nothing = look(probe, 1)
            with program(PREFORK, "127.0.0.1", port) as again:
                again.hear()
                back = look(probe, 2)
            closed = probe.close()
    assert [(one.kind, one.subject) for one in ended.occurrences] == [("ended", f"port:{port}")]
    assert ended.samples == nothing.samples == ()
    assert nothing.occurrences == ()
    assert [one.kind for one in back.occurrences] == ["started"]
    assert again.pid in closed.components[0].pids


def test_a_process_that_its_parent_has_not_waited_for_has_ended() -> None:
    with program(BURN) as burner, opened(f"pid:{burner.pid}") as (probe, _):
        os.kill(burner.pid, signal.SIGKILL)
        os.waitid(os.P_PID, burner.pid, os.WEXITED | os.WNOWAIT)
        assert [one.kind for one in look(probe, 0).occurrences] == ["ended"]


def test_a_process_is_found_by_the_name_of_its_script(tmp_path: Path) -> None:
    script = tmp_path / "oddly_named.py"
    script.write_text("print('up', flush=True); input()")
    source = f"import os, sys; os.execv(sys.executable, [sys.executable, {str(script)!r}])"
    with program(source) as named:
        assert named.hear() == "up"
        for name in ("oddly_named.py", str(script)):
            with opened(f"name:{name}") as (_, first):
                assert first.components[0].pids == (named.pid,)


def test_who_only_passed_the_socket_on_is_not_its_server() -> None:
    source = "import sys; print('up'); sys.stdin.read()"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.set_inheritable(True)
        with program(source, keep=listener.fileno()) as heir:
            heir.hear()
            with opened(f"port:{listener.getsockname()[1]}") as (_, first):
                assert first.components[0].pids == (heir.pid,)


@pytest.mark.parametrize("spec", ["port:http", "port:0", "port:70000", "pid:", "name:", "pid:-3"])
def test_a_spec_that_names_no_process_says_how_to_write_one(spec: str) -> None:
    with pytest.raises(ProbeError, match="write --watch port:8000"):
        ProcessProbe(spec)


@pytest.mark.parametrize("spec", ["pid:4194304", "name:no-such-program"])
def test_what_does_not_run_cannot_be_watched(spec: str) -> None:
    with pytest.raises(ProbeError, match="is the target up"):
        ProcessProbe(spec).open(0)


def test_a_port_where_nobody_listens_cannot_be_watched(unused_port: int) -> None:
    with pytest.raises(ProbeError, match="is the target up"):
        ProcessProbe(f"port:{unused_port}").open(0)
