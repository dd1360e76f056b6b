"""What a goroutine or a JVM's thread waits for, told by the innermost frames of its stack.

    net/http.(*conn).serve ─► main.pay ─► sync.(*Mutex).Lock ─► … ─► runtime.gopark
    library that serves       application  how it waits             parked

Both runtimes park what waits below a few calls of their own, so the wait is always told. Whoever is
parked and has no code of the application's below a library (a server, a pool of threads) waits for
work: idle. So is what the application itself started and nobody asked for, as a ticker.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from perfwright.analyze.frames import CodeFrame, serves
from perfwright.analyze.wait_kinds import Wait

_MANAGED = (".go", ".java")
_STARTERS = ("runtime/", "java/lang/Thread.java", "java/util/Timer.java")
_PARKED = re.compile(
    r"(runtime\.gopark|Unsafe\.park|Object\.wait0?|Reference\.waitForReferencePendingList)$"
)
_SIGNS = (
    (
        Wait.LOCK,
        re.compile(
            r"sync\.runtime_Semacquire(RW)?Mutex|monitor enter$|(Reentrant\w*|Stamped)Lock\W"
        ),
    ),
    (Wait.SLEEP, re.compile(r"time\.Sleep$|Thread\.sleep(0|Nanos0?)?$")),
    (
        Wait.IO,
        re.compile(
            r"poll\.runtime_pollWait|^syscall\.(Syscall6?|syscall6?)$|runtime\.(selectgo|chan\w+)$"
            r"|SocketInputStream\.socketRead0|Net\.(poll|accept|connect0)|EPoll\.wait"
            r"|(File|Socket)Dispatcher(Impl)?\.\w+0$|File(Out|In)putStream\.(write|read)Bytes"
        ),
    ),
)
_DEPTH = 8
"""How far from the innermost frame a wait is spelled."""


def is_managed(frames: Sequence[CodeFrame]) -> bool:
    """Whether the stack is Go's or a JVM's."""
    return any(frame.file.endswith(_MANAGED) for frame in frames)


def managed_wait(frames: Sequence[CodeFrame]) -> Wait:
    """What the goroutine or thread does."""
    wait = _told(frames)
    if wait is Wait.NONE and _PARKED.search(frames[-1].function):
        wait = Wait.LOCK
    return wait if wait is Wait.NONE or serves(frames, _STARTERS) else Wait.IDLE


def _told(frames: Sequence[CodeFrame]) -> Wait:
    for frame in reversed(frames[-_DEPTH:]):
        if frame.is_own:
            break
        for wait, sign in _SIGNS:
            if sign.search(frame.function):
                return wait
    return Wait.NONE
