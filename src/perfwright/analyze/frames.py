"""One frame of a sampled stack: what it is called, where it is, whose it is, what it waits for.

    handle (./shop.py:40)             the application's own: below its working directory
    handle (/srv/shop/shop.py:40)     its own: a path that belongs to no library
    get (starlette/routing.py:73)     a library's, or the language's: the path as it is imported
    epoll_wait (libc.so.6)            native code: the file it was loaded from
    (other)                           rare stacks that a profiler put together

Profilers (`observe/profile_*.py`) shorten paths to this; nothing here reads a file. A thread that
is off the CPU is told by its innermost frames, for those name what it called: interpreters and C
libraries spell these few things in a known number of ways. What is not known counts as running.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from enum import StrEnum

OTHER = "(other)"
"""The stack that rare ones were merged into."""

_FRAME = re.compile(r"(?P<function>.*) \((?P<file>[^()]*?)(?::(?P<line>\d+))?\)")


class Wait(StrEnum):
    """What a thread does in its innermost frame."""

    NONE = "running"
    LOCK = "waiting for a lock"
    GIL = "waiting for the interpreter lock"
    IO = "waiting for an answer or a disk"
    SLEEP = "sleeping"
    IDLE = "idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFrame:
    """`line` 0: not known. `file`: as profilers shorten it (see above)."""

    function: str
    file: str = ""
    line: int = 0

    @property
    def is_own(self) -> bool:
        """Whether it is the application's own code, as far as its path tells."""
        return self.file.startswith(("./", "/"))

    @property
    def place(self) -> str:
        """`shop.py:40`, or as much of it as is known."""
        file = self.file.removeprefix("./")
        return f"{file}:{self.line}" if self.line else file

    @property
    def name(self) -> str:
        """`total (shop.py:40)`."""
        return f"{self.function} ({self.place})" if self.file else self.function


@functools.lru_cache(maxsize=50_000)
def parse_frame(text: str) -> CodeFrame:
    """A frame from its text; one of another form is taken for a function's bare name."""
    match = _FRAME.fullmatch(text)
    if match is None:
        return CodeFrame(function=text)
    line = int(match["line"] or 0)
    return CodeFrame(function=match["function"], file=match["file"], line=line)


def frames_of(stack: str) -> tuple[CodeFrame, ...]:
    """The frames of a stack, root first."""
    return tuple(parse_frame(text) for text in stack.split(";"))


_PYTHON_IDLE = re.compile(
    r"""(\S*\.)?(select|poll) \(selectors\.py | (\S*\.)?_worker \(concurrent/futures/thread\.py
    | (\S*\.)?(run|run_until_complete|run_forever) \((asyncio|uvloop)/
    | (\S*\.)?accept \(socket\.py | (\S*\.)?get \(queue\.py | (\S*\.)?_poll \(""",
    re.VERBOSE,
)
_NATIVE = (
    (
        Wait.LOCK,
        "PyThread_acquire_lock|lock_PyThread_acquire|rlock_acquire|__lll_lock_wait|pthread_mutex"
        "_lock|pthread_rwlock|LWLockAcquire|ProcSleep|futex_abstimed|sync.(*Mutex).lockSlow"
        "|sync.runtime_SemacquireMutex|Unsafe.park|LockSupport.park",
    ),
    (Wait.GIL, "take_gil|PyEval_RestoreThread|PyEval_AcquireThread"),
    (
        Wait.IDLE,
        "epoll_wait|epoll_pwait|select_epoll_poll|ppoll|__poll|select_select|accept4|accept"
        "|runtime.gopark|runtime.netpoll|WaitEventSetWait|uv__io_poll|EPoll.wait|(idle)",
    ),
    (Wait.SLEEP, "clock_nanosleep|nanosleep|time_sleep|time.Sleep|Thread.sleep|pg_usleep"),
    (
        Wait.IO,
        "recv|recvfrom|recvmsg|__libc_recv|read|__libc_read|pread|write|__libc_write|fsync"
        "|fdatasync|connect|sock_recv|SocketDispatcher.read",
    ),
)
_BY_NATIVE = {name: wait for wait, names in _NATIVE for name in names.split("|")}
_IO_CALLS = {"readinto", "recv", "recv_into", "read", "readline", "send", "sendall", "getaddrinfo"}
_IO_FILES = ("socket.py", "ssl.py", "http/client.py")
_LOCK_CALLS = {"acquire", "wait", "__enter__", "_wait_for_tstate_lock", "join", "wait_for"}


def wait_of(frames: tuple[CodeFrame, ...]) -> Wait:
    """What a stack's thread is doing, by its innermost frames.

    Idle is a wait for work (poll, accept, an empty queue); a lock inside of such a wait is no lock
    that anybody contends for.
    """
    python = [frame for frame in frames if frame.file.endswith(".py")]
    if any(_PYTHON_IDLE.match(frame.name) for frame in python[-3:]):
        return _in_queue(python)
    for frame in reversed(frames[-6:]):
        known = _BY_NATIVE.get(_bare(frame.function))
        if known is not None and not frame.file.endswith(".py"):
            return known
    return _by_python_call(python[-1]) if python else Wait.NONE


def _in_queue(python: list[CodeFrame]) -> Wait:
    """Idle, but for a pool from which the application's own code waits to get something."""
    queued = next((i for i, frame in enumerate(python) if frame.file == "queue.py"), None)
    asked = python[queued - 1] if queued else None
    return Wait.LOCK if asked is not None and asked.is_own else Wait.IDLE


def _by_python_call(frame: CodeFrame) -> Wait:
    call = frame.function.rpartition(".")[2]
    if frame.file == "threading.py" and call in _LOCK_CALLS:
        return Wait.LOCK
    if call in _IO_CALLS and frame.file.endswith(_IO_FILES):
        return Wait.IO
    return Wait.NONE


def _bare(function: str) -> str:
    """A native function's name without offset, version or file: `read@@GLIBC_2.2.5` → `read`."""
    return re.sub(r"(\+0x[0-9a-f]+|@.*)$", "", function)
