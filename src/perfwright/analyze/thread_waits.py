"""What a thread waits for, told by the innermost frames of its stack (profile mode `wall`).

    thread root ─► … library that serves ─► the application ─► library ─► what blocks
                   └─ none: nobody asked, the thread waits for work: idle

Interpreters and C libraries spell the few calls that block in a known number of ways; what is not
known counts as running. A wait for a condition, a queue or a socket is idleness where a server's
loop or a worker's start asks for it, and trouble where the application does so on behalf of a
request: then it lies below a library (framework, event loop, thread pool) that called it. Go's and
the JVM's threads are read by `managed_waits.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.analyze.frames import CodeFrame, serves
from perfwright.analyze.managed_waits import is_managed, managed_wait
from perfwright.analyze.wait_kinds import Wait

_NATIVE = {
    Wait.LOCK: "PyThread_acquire_lock_timed lock_PyThread_acquire_lock rlock_acquire sem_clockwait "
    "_PyMutex_LockTimed _PySemaphore_Wait pthread_mutex_lock __lll_lock_wait pthread_rwlock_rdlock "
    "pthread_rwlock_wrlock sem_wait sem_timedwait semop semtimedop flock lockf lockf64 fcntl_flock "
    "fcntl_lockf",
    Wait.GIL: "take_gil PyEval_RestoreThread",
    Wait.SLEEP: "clock_nanosleep nanosleep time_sleep",
    Wait.IO: "epoll_wait epoll_pwait ppoll poll __poll select __select select_epoll_poll accept "
    "accept4 recv recvfrom recvmsg __libc_recv read __libc_read readv pread64 write __libc_write "
    "writev pwrite64 send __libc_send sendto sendmsg fsync fdatasync connect __connect wait4 "
    "waitpid",
}
_BY_NATIVE = {name: wait for wait, names in _NATIVE.items() for name in names.split()}
_CONDITION = {"pthread_cond_timedwait", "pthread_cond_wait"}
_PYTHON = {
    "threading.py": (Wait.LOCK, {"acquire", "wait", "wait_for", "join", "_wait_for_tstate_lock"}),
    "queue.py": (Wait.LOCK, {"get", "put"}),
    "selectors.py": (Wait.IO, {"select"}),
    "socket.py": (Wait.IO, {"accept", "readinto", "create_connection", "getaddrinfo"}),
    "ssl.py": (Wait.IO, {"read", "recv", "recv_into", "send", "do_handshake"}),
}
"""Where an interpreter's own code blocks, for stacks without native frames."""
_LOOPS = (
    "asyncio/", "uvloop/", "uvicorn/", "gunicorn/", "hypercorn/", "waitress/", "socketserver.py",
    "anyio/_backends/", "concurrent/futures/thread.py", "tornado/", "gevent/", "logging/",
)  # fmt: skip
_LOOP_LEAVES = {"_worker", "run", "run_forever", "run_until_complete"}
_STARTERS = ("threading.py", "runpy.py", "<frozen", "multiprocessing/")


def wait_of(frames: Sequence[CodeFrame]) -> Wait:
    """What the stack's thread does."""
    if is_managed(frames):
        return managed_wait(frames)
    python = [frame for frame in frames if _is_python(frame)]
    native = _after_python(frames)
    blocked = _native_wait(native, python[-1:]) or _python_wait(python)
    if blocked not in (Wait.LOCK, Wait.IO) or not python:
        return blocked
    caller = next((frame for frame in reversed(python) if frame.file not in _PYTHON), python[0])
    if caller.file.startswith(_LOOPS):
        return Wait.IDLE
    if blocked is Wait.LOCK and caller is python[-1]:
        return blocked
    return blocked if serves(python, _STARTERS) else Wait.IDLE


def _native_wait(native: Sequence[CodeFrame], below: Sequence[CodeFrame]) -> Wait | None:
    """By the innermost native frame that is known; None: they do not tell."""
    chain = [*below, *native]
    for position, frame in reversed(list(enumerate(chain))[len(below) :]):
        name = frame.function.partition("@")[0]
        if name in _CONDITION and _is_interpreter(chain[position - 1]):
            return Wait.GIL  # CPython waits for its lock on a condition; its other locks do not
        if name in _BY_NATIVE:
            return _BY_NATIVE[name]
    return None


def _python_wait(python: Sequence[CodeFrame]) -> Wait:
    if not python:
        return Wait.NONE
    leaf = python[-1]
    call = leaf.function.rpartition(".")[2]
    wait, calls = _PYTHON.get(leaf.file, (Wait.NONE, set()))
    if call in calls:
        return wait
    in_loop = leaf.file.startswith(_LOOPS) and call in _LOOP_LEAVES
    return Wait.IDLE if in_loop else Wait.NONE


def _is_python(frame: CodeFrame) -> bool:
    return frame.file.endswith(".py") or frame.file.startswith("<")


def _is_interpreter(frame: CodeFrame) -> bool:
    return _is_python(frame) or "python" in frame.file or frame.file.endswith((".c", ".c.h"))


def _after_python(frames: Sequence[CodeFrame]) -> list[CodeFrame]:
    last = max((i for i, frame in enumerate(frames) if _is_python(frame)), default=-1)
    return list(frames[last + 1 :])
