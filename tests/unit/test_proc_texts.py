"""What the kernel writes in /proc is read right, also where a kernel writes less."""

from __future__ import annotations

import pytest

from perfwright.observe.host_files import (
    parse_cpu,
    parse_disks,
    parse_interfaces,
    parse_memory,
    parse_protocols,
    parse_running,
)
from perfwright.observe.process_files import parse_io, parse_unique_bytes
from perfwright.observe.process_table import ProcessStat, ancestors, parse_stat, with_descendants
from perfwright.observe.procfs import TICKS_PER_S
from perfwright.observe.psi import parse_pressure
from perfwright.observe.sockets import TcpSocket, parse_tcp
from perfwright.observe.unix_sockets import bound_sockets

STAT = (
    b"4711 (a) (b c) S 12 4711 4711 0 -1 4194304 100 0 0 0 250 50 7 3 20 0 5 0 36000 3133440 382 "
    b"18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 42 0 0 0 0 0 0 0 0 0\n"
)


def test_a_process_name_may_hold_parentheses_and_spaces() -> None:
    assert parse_stat(STAT) == ProcessStat(
        pid=4711,
        parent=12,
        name="a) (b c",
        state="S",
        own_ticks=300,
        children_ticks=10,
        threads=5,
        born_s=36000 / TICKS_PER_S,
        resident_pages=382,
        blocked_ticks=42,
    )


def test_a_process_that_ended_has_no_line() -> None:
    assert parse_stat(b"") is None


def process(pid: int, parent: int) -> ProcessStat:
    stat = parse_stat(STAT)
    assert stat is not None
    return ProcessStat(
        pid=pid,
        parent=parent,
        name=stat.name,
        state="S",
        own_ticks=0,
        children_ticks=0,
        threads=1,
        born_s=0.0,
        resident_pages=0,
        blocked_ticks=0,
    )


FAMILY = {
    pid: process(pid, parent) for pid, parent in [(1, 0), (2, 1), (3, 2), (4, 3), (5, 2), (6, 1)]
}


def test_descendants_are_found_at_any_depth() -> None:
    assert with_descendants(FAMILY, [2], without=()) == {2, 3, 4, 5}


def test_what_is_left_out_is_left_out_with_all_below_it() -> None:
    assert with_descendants(FAMILY, [2, 99], without={3}) == {2, 5}
    assert with_descendants(FAMILY, [3], without={3}) == {3, 4}


def test_ancestors_go_up_to_the_first_process() -> None:
    assert ancestors(FAMILY, 4) == {3, 2, 1}


def test_cpu_time_is_split_by_mode() -> None:
    text = "cpu  100 20 30 800 40 5 5 10 7 0\ncpu0 1 1 1 1 1 1 1 1 1 1\nprocs_running 3\n"
    cpu = parse_cpu(text)
    assert cpu is not None
    ticks = [value * TICKS_PER_S for value in (cpu.user, cpu.system, cpu.iowait, cpu.steal)]
    assert ticks == [120, 30, 40, 10]
    assert cpu.softirq * TICKS_PER_S == 10
    assert cpu.busy * TICKS_PER_S == pytest.approx(170)
    assert cpu.total * TICKS_PER_S == pytest.approx(1010)
    assert parse_running(text) == 3


def test_files_that_are_hidden_give_nothing() -> None:
    assert parse_cpu("") is None
    assert parse_running("") is None
    assert parse_memory("") == parse_protocols("") == parse_interfaces("") == {}
    assert parse_disks("", {"sda"}) == {}
    assert parse_pressure("") == {}
    assert parse_io(b"") is None
    assert parse_unique_bytes(b"") is None
    assert parse_tcp(b"", b"").states == {}


def test_only_whole_disks_that_are_used_are_told_of() -> None:
    text = """\
   8       0 sda 1000 5 2000 3000 500 5 4000 7000 1 6000 10100 100 0 0 100 10 200
   8       1 sda1 999 5 2000 3000 500 5 4000 7000 0 6000 10000
   7       0 loop0 5 0 5 5 5 0 5 5 0 5 5
   8      16 sdb 0 0 0 0 0 0 0 0 0 0 0
"""
    (disk,) = parse_disks(text, {"sda", "loop0", "sdb"}).values()
    assert disk.operations == 1610
    assert disk.waited_s == pytest.approx(10.3)
    assert disk.busy_s == 6
    assert (disk.read_bytes, disk.written_bytes) == (2000 * 512, 4000 * 512)


def test_an_old_kernel_counts_no_discards() -> None:
    text = "   8       0 sda 1000 5 2000 3000 500 5 4000 7000 1 6000 10000\n"
    assert parse_disks(text, {"sda"})["sda"].operations == 1500


def test_protocol_counters_have_their_names_a_line_above() -> None:
    text = "Tcp: ActiveOpens RetransSegs MaxConn\nTcp: 5 7 -1\nTcpExt: ListenOverflows\nTcpExt: 3\n"
    counters = parse_protocols(text)
    assert counters["Tcp.RetransSegs"] == 7
    assert counters["TcpExt.ListenOverflows"] == 3


def test_idle_interfaces_are_left_out() -> None:
    text = """\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs
    lo:   10 1 0 0 0 0 0 0   10 1 0 0 0 0 0 0
  eth0:1000 9 0 0 0 0 0 0 2000 9 0 0 0 0 0 0
  ifb0: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
"""
    assert parse_interfaces(text) == {"lo": (10, 10), "eth0": (1000, 2000)}


def test_pressure_counts_seconds() -> None:
    text = (
        "some avg10=96.52 avg60=78.53 avg300=29.44 total=2319302691\n"
        "full avg10=0.00 avg60=0.00 avg300=0.00 total=500000\n"
    )
    assert parse_pressure(text) == {"some": 2319.302691, "full": 0.5}


def test_what_was_deleted_before_it_was_written_is_not_counted() -> None:
    text = (
        b"rchar: 1\nwchar: 2\nsyscr: 10\nsyscw: 20\n"
        b"read_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 4096\n"
    )
    assert parse_io(text) == (10, 20, 4096, 4096)


def test_unique_memory_is_what_is_private() -> None:
    text = b"Rss: 100 kB\nShared_Clean: 50 kB\nPrivate_Clean: 3 kB\nPrivate_Dirty: 4 kB\n"
    assert parse_unique_bytes(text) == 7 * 1024


TCP = b"""\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F40 00000000:0000 0A 00000000:00000003 00:00000000 00000000    33        0 1584 1
   1: 0100007F:1F40 0100007F:A3D6 01 00000000:00000000 02:00000017 00000000     0        0 6405 2
   2: 0100007F:1F40 0100007F:A3D8 06 00000000:00000000 03:00000017 00000000     0        0 0 3
"""
TCP6 = b"""\
  sl  local_address                         remote_address                        st
   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A \
00000000:00000000 00:00000000 00000000     0        0 77 1
   1: 0000000000000000FFFF00000100007F:0050 0000000000000000FFFF00000200000A:C000 01 \
00000000:00000000 00:00000000 00000000     0        0 78 1
   2: B80D0120000000000000000001000000:C001 B80D0120000000000000000002000000:1538 01 \
00000000:00000000 00:00000000 00000000     0        0 79 1
"""


def test_sockets_are_read_in_both_families() -> None:
    table = parse_tcp(TCP, TCP6)
    assert table.listening == (
        TcpSocket("127.0.0.1", 8000, "0.0.0.0", 0, 3, 33, 1584),
        TcpSocket("::", 80, "::", 0, 0, 0, 77),
    )
    assert table.established == (
        TcpSocket("127.0.0.1", 8000, "127.0.0.1", 41942, 0, 0, 6405),
        TcpSocket("127.0.0.1", 80, "10.0.0.2", 49152, 0, 0, 78),
        TcpSocket("2001:db8::1", 49153, "2001:db8::2", 5432, 0, 0, 79),
    )
    assert table.states == {"listen": 2, "established": 3, "time_wait": 1}


def test_who_listens_everywhere_listens_on_each_address() -> None:
    table = parse_tcp(TCP, TCP6)
    assert table.is_local("127.0.0.1", 8000)
    assert not table.is_local("127.0.0.2", 8000)
    assert table.is_local("127.0.0.2", 80)
    assert not table.is_local("127.0.0.1", 81)


def test_unix_sockets_are_known_by_their_path() -> None:
    text = """\
Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 100 /run/pg/.s.PGSQL.5432
0000000000000000: 00000003 00000000 00000000 0001 03 101 /run/pg/.s.PGSQL.5432
0000000000000000: 00000003 00000000 00000000 0001 03 102
0000000000000000: 00000002 00000000 00000000 0002 01 103 /run/log
"""
    bound, listening = bound_sockets(text)
    assert bound == {100: "/run/pg/.s.PGSQL.5432", 101: "/run/pg/.s.PGSQL.5432"}
    assert listening == {"/run/pg/.s.PGSQL.5432": 100}
