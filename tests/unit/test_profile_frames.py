"""What profilers have in common: short paths, bounded stacks, and each tool's text read."""

from __future__ import annotations

import gzip
import json
from collections import Counter

import pytest

from perfwright.model.errors import ProbeError
from perfwright.model.watched import Component
from perfwright.observe.jvm_threads import dumped_stacks
from perfwright.observe.pprof_proto import Line, read_profile
from perfwright.observe.pprof_proto import Profile as GoProfile
from perfwright.observe.profile_frames import OTHER, Sampling, counted, joined_stack, short_path
from perfwright.observe.profile_jvm import jfr_stacks
from perfwright.observe.profile_node import node_stacks
from perfwright.observe.profile_perf import read_script
from perfwright.observe.profile_pprof import go_stacks
from perfwright.observe.profile_pyspy import mended, read_raw
from perfwright.observe.profilers import profilers_for

SAMPLING = Sampling(moment="low", subject="port:1", mode="cpu", rate_per_s=99.0, duration_s=5.0)


@pytest.mark.parametrize(
    ("path", "short"),
    [
        ("/srv/shop/app/main.py", "./app/main.py"),
        ("/srv/other/main.py", "/srv/other/main.py"),
        ("/srv/shop/.venv/lib/python3.11/site-packages/click/core.py", "click/core.py"),
        ("/usr/lib/python3/dist-packages/flask/app.py", "flask/app.py"),
        ("/usr/lib/python3.12/threading.py", "threading.py"),
        ("/srv/shop/node_modules/express/lib/router.js", "express/lib/router.js"),
        ("/opt/venv/bin/uvicorn", "uvicorn"),
        ("<frozen runpy>", "<frozen runpy>"),
        ("main.py", "./main.py"),
    ],
)  # fmt: skip
def test_paths_are_as_short_as_evidence_reads_well(path: str, short: str) -> None:
    assert short_path(path, "/srv/shop") == short


def test_rare_stacks_are_put_together_and_none_is_lost() -> None:
    counts = {("1 a", f"f{number}"): number for number in range(1, 3001)}
    kept = counted(counts, SAMPLING)
    assert len(kept) == 2001
    assert (kept[0].stack, kept[0].count) == ("f3000", 3000)
    assert kept[-1].stack == OTHER
    assert sum(stack.count for stack in kept) == sum(counts.values())


def test_a_deep_stack_keeps_both_its_ends() -> None:
    frames = joined_stack(f"f{number}" for number in range(1000)).split(";")
    assert len(frames) == 128
    assert (frames[0], frames[32], frames[-1]) == ("f0", "(…)", "f999")


def test_py_spys_text_keeps_python_and_the_named_native_calls_inside_it() -> None:
    text = (
        "thread (12): payer;0x7f (/lib/libc.so.6);thread_run (/opt/libpython3.11.so.1.0);"
        "pay (/srv/shop/shop.py:9);lock_PyThread_acquire_lock (/opt/libpython3.11.so.1.0);"
        "0x7f (/lib/libc.so.6) 41\n"
        "thread (11): MainThread;<module> (/srv/shop/shop.py:20) 7\ngarbage\n"
    )
    assert read_raw(text, 10, "/srv/shop") == {
        ("10/12 payer", "pay (./shop.py:9);lock_PyThread_acquire_lock (libpython3.11.so.1.0)"): 41,
        ("10/11 MainThread", "<module> (./shop.py:20)"): 7,
    }


def test_perfs_text_names_threads_and_marks_our_own_program() -> None:
    sample = (
        "my app  7/8 \n\t    1143 hot(int, char*) (/srv/app)\n"
        "\t    116c __read (/lib/libc.so.6)\n\tffff81 do_read ([kernel.kallsyms])\n\n"
    )
    assert read_script(sample * 2, "/srv/app") == {
        ("7/8 my app", "do_read (kernel);__read (libc.so.6);hot(int, char*) (./app)"): 2
    }


def _number(number: int) -> bytes:
    low = number & 0x7F
    return bytes([low]) if number < 0x80 else bytes([low | 0x80]) + _number(number >> 7)


def _field(tag: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return _number(tag << 3) + _number(value)
    return _number(tag << 3 | 2) + _number(len(value)) + value


def _go_profile() -> bytes:
    strings = ("", "main.total", "/srv/shop/main.go", "net/http.(*conn).serve",
               "/usr/local/go/src/net/http/server.go")  # fmt: skip
    functions = [(1, 1, 2), (2, 3, 4)]
    parts = [
        *(_field(5, _field(1, i) + _field(2, n) + _field(4, file)) for i, n, file in functions),
        *(
            _field(4, _field(1, i) + _field(4, _field(1, i) + _field(2, 300 + i)))
            for i, _, _ in functions
        ),
        _field(2, _field(1, _number(1) + _number(2)) + _field(2, _number(42) + _number(420))),
        *(_field(6, text.encode()) for text in strings),
        _field(12, 10_000_000),
    ]  # fmt: skip
    return gzip.compress(b"".join(parts))


def test_a_go_profile_is_read_root_first() -> None:
    profile = read_profile(_go_profile())
    serve = Line(
        function="net/http.(*conn).serve", file="/usr/local/go/src/net/http/server.go", line=302
    )
    total = Line(function="main.total", file="/srv/shop/main.go", line=301)
    assert (profile.period_ns, profile.samples) == (10_000_000, (((serve, total), 42),))
    assert go_stacks(profile, "9", "/srv/shop") == {
        ("9", "net/http.(*conn).serve (net/http/server.go:302);main.total (./main.go:301)"): 42
    }


def test_gos_own_files_are_known_by_where_its_runtime_lies() -> None:
    park = Line(function="runtime.gopark", file="/opt/go/src/runtime/proc.go", line=1)
    poll = Line(
        function="internal/poll.runtime_pollWait", file="/opt/go/src/runtime/netpoll.go", line=2
    )
    seen = GoProfile(samples=(((poll, park), 1),), period_ns=1)
    assert go_stacks(seen, "9", "/srv/shop") == {
        (
            "9",
            "internal/poll.runtime_pollWait (runtime/netpoll.go:2)"
            ";runtime.gopark (runtime/proc.go:1)",
        ): 1
    }


@pytest.mark.parametrize(
    "data",
    [b"", b"404", gzip.compress(b"\x0f"), _go_profile()[:-20]],
    ids=["empty", "no archive", "no profile", "cut off"],
)
def test_what_is_no_go_profile_is_told_as_such(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"profile|field"):
        read_profile(data)


def test_a_node_profile_leaves_the_idle_time_out() -> None:
    def node(number: int, name: str, url: str = "", children: tuple[int, ...] = ()) -> object:
        call = {"functionName": name, "url": url, "lineNumber": 4}
        return {"id": number, "callFrame": call, "children": children}

    profile = {
        "nodes": [
            node(1, "(root)", children=(2, 3, 4)),
            node(2, "(idle)"),
            node(3, "serve", "node:http", (5,)),
            node(4, "(garbage collector)"),
            node(5, "", "file:///srv/my%20shop/app.js"),
        ],
        "samples": [2, 2, 5, 5, 4],
    }
    assert node_stacks(json.loads(json.dumps(profile)), "7 main", "/srv/my shop") == {
        ("7 main", "serve (node:http:5);(anonymous) (./app.js:5)"): 2,
        ("7 main", "(garbage collector)"): 1,
    }


def test_a_flight_recording_tells_libraries_from_the_application() -> None:
    def frame(name: str, method: str, line: int) -> object:
        return {"method": {"type": {"name": name}, "name": method}, "lineNumber": line}

    frames = [frame("com/shop/Cart$Item", "total", 40), frame("java/lang/Thread", "run", 840)]
    event = {
        "values": {
            "sampledThread": {"javaName": "http-1", "osThreadId": 77},
            "stackTrace": {"frames": frames},
        }
    }
    no_stack = {"values": {"sampledThread": None, "stackTrace": None}}
    document = {"recording": {"events": [event, no_stack, event]}}
    stack = "Thread.run (java/lang/Thread.java:840);Cart$Item.total (./com/shop/Cart.java:40)"
    assert jfr_stacks(json.loads(json.dumps(document)), 70) == {("70/77 http-1", stack): 2}


DUMP = """2026-11-23 06:30:00
Full thread dump OpenJDK 64-Bit Server VM (17.0.15+6 mixed mode, sharing):

"http-1" #15 prio=5 os_prio=0 cpu=1.20ms tid=0x7f nid=0x4d2 waiting for monitor entry  [0x7f]
   java.lang.Thread.State: BLOCKED (on object monitor)
\tat shop.Stock.reserve(Stock.java:40)
\t- waiting to lock <0x000000008f5a1c18> (a shop.Stock)
\tat shop.Main$$Lambda$14/0x00007f0c01000a00.handle(Unknown Source)
\tat java.lang.Thread.run(java.base@17.0.15/Thread.java:840)

"http-2" #16 prio=5 os_prio=0 cpu=1.20ms tid=0x00007f nid=0x4d3 waiting on condition  [0x00007f]
   java.lang.Thread.State: TIMED_WAITING (sleeping)
\tat java.lang.Thread.sleep(java.base@17.0.15/Native Method)
\tat shop.Stock.reserve(Stock.java:42)
\t- locked <0x000000008f5a1c18> (a shop.Stock)

"GC Thread#0" os_prio=0 cpu=0.1ms elapsed=9s tid=0x00007f nid=0x4d4 runnable

JNI global refs: 20, weak refs: 0
"""


def test_a_thread_dump_tells_who_waits_for_whose_monitor() -> None:
    assert dumped_stacks(DUMP, 70) == {
        (
            "70/1234 http-1",
            "Thread.run (java/lang/Thread.java:840);Main$$Lambda$14.handle (./shop/Main.java)"
            ";Stock.reserve (./shop/Stock.java:40);monitor enter (shop.Stock)",
        ): 1,
        (
            "70/1235 http-2",
            "Stock.reserve (./shop/Stock.java:42);Thread.sleep (java/lang/Thread.java)",
        ): 1,
    }


def test_each_component_gets_the_profiler_of_its_runtime() -> None:
    components = [
        Component(subject=f"port:{port}", runtime=runtime, pids=(1,))
        for port, runtime in enumerate(("python 3.11", "go 1.22", "node", "jvm 17", "native"))
    ]
    remote = Component(subject="db:far", runtime="postgresql 15")
    made = profilers_for([*components, remote], "auto")
    assert [profiler.name for profiler in made] == [
        "py-spy of port:0",
        "pprof of port:1",
        "node inspector of port:2",
        "flight recorder of port:3",
        "perf of port:4",
    ]
    assert profilers_for(components, "none") == ()
    assert [one.name for one in profilers_for(components, "pyspy")] == ["py-spy of port:0"]
    assert len(profilers_for(components, "perf")) == 5


def test_an_unknown_profiler_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ProbeError, match="auto, none, pyspy, perf"):
        profilers_for([], "gprof")


def test_a_torn_stack_is_joined_to_the_outer_part_of_a_whole_one() -> None:
    whole = "<module> (./a.py:1);serve (web.py:5);handle (./a.py:40);total (./a.py:9)"
    counts = Counter(
        {
            ("1 main", whole): 70,
            ("1 main", "handle (./a.py:41);total (./a.py:9)"): 20,
            ("1 main", "never_seen_before (./a.py:80)"): 5,
            ("2 other", "handle (./a.py:41)"): 5,
        }
    )
    assert mended(counts) == {
        ("1 main", whole): 70,
        ("1 main", "<module> (./a.py:1);serve (web.py:5);handle (./a.py:41);total (./a.py:9)"): 20,
        ("1 main", "never_seen_before (./a.py:80)"): 5,
        ("2 other", "handle (./a.py:41)"): 5,
    }
