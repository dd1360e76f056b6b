"""What all threads of a JVM do at one moment: its own thread dump, asked for over its socket.

    jcmd (once) ─► JVM opens /tmp/.java_pidN ◄── "1\\0threaddump\\0\\0\\0\\0" ── "0\\n", then text

The attach protocol of HotSpot (AttachListener): a version, a command and three arguments, each
ended by a zero byte; the answer is a status line and what the command prints. Asked so, a dump
takes a millisecond or two; `jcmd` would start a JVM for each. The JVM answers its own user and
root. ProbeError where it does not.

    "http-1" #15 prio=5 … tid=0x00… nid=0x4d2 waiting for monitor entry
       java.lang.Thread.State: BLOCKED (on object monitor)
        at shop.Stock.reserve(Stock.java:40)
        - waiting to lock <0x00…> (a shop.Stock)

A thread that waits for a monitor gets the innermost frame `monitor enter (shop.Stock)`.
"""

from __future__ import annotations

import re
import socket
from collections import Counter

from perfwright.model.errors import ProbeError
from perfwright.observe.procfs import read_text
from perfwright.observe.profile_frames import frame_text, joined_stack
from perfwright.observe.profile_jvm_frames import java_frame
from perfwright.observe.repeated_looks import Stacks

_ASK = b"1\0threaddump\0\0\0\0"
_ANSWER_S = 3.0
_MAX_BYTES = 16 << 20
_THREAD = re.compile(r'"(?P<name>.*)" .*\bnid=(?P<nid>0x[0-9a-f]+|\d+)')
_AT = re.compile(r"\s+at (?P<class>\S+)\.(?P<method>[^.(\s]+)\((?P<place>[^()]*)\)")
_TO_LOCK = re.compile(r"\s+- waiting to lock <\w+> \(an? (?P<class>.+)\)")
_LINE = re.compile(r":(\d+)$")


def thread_dump(pid: int) -> str:
    """The dump of a JVM that `jcmd` has attached to before."""
    status = read_text(f"/proc/{pid}/status")
    inside = next((line for line in status.splitlines() if line.startswith("NSpid:")), "")
    number = inside.split()[-1] if inside else str(pid)
    try:
        with socket.socket(socket.AF_UNIX) as jvm:
            jvm.settimeout(_ANSWER_S)
            jvm.connect(f"/proc/{pid}/root/tmp/.java_pid{number}")
            jvm.sendall(_ASK)
            answer = bytearray()
            while (part := jvm.recv(1 << 16)) and len(answer) < _MAX_BYTES:
                answer += part
    except OSError as error:
        raise ProbeError(f"JVM {pid} gives no thread dumps ({error})") from error
    code, _, text = bytes(answer).partition(b"\n")
    if code != b"0":
        raise ProbeError(f"JVM {pid} gives no thread dumps (it answered {code[:80]!r})")
    return text.decode(errors="replace")


def dumped_stacks(dump: str, pid: int) -> Stacks:
    """Threads of a dump that are in Java code, each counted once."""
    counts: Stacks = Counter()
    thread, frames = "", list[str]()
    for line in [*dump.splitlines(), '"" nid=0']:
        if head := _THREAD.match(line):
            if frames:
                counts[thread, joined_stack(reversed(frames))] += 1
            thread, frames = f"{pid}/{int(head['nid'], 0)} {head['name']}", []
        elif at := _AT.match(line):
            number = _LINE.search(at["place"])
            frames.append(java_frame(at["class"], at["method"], int(number[1]) if number else 0))
        elif (lock := _TO_LOCK.match(line)) and len(frames) == 1:
            frames.insert(0, frame_text("monitor enter", lock["class"]))
    return counts
