"""Runs a server that cannot outlive whoever asked for it.

    python guard.py USER SIGNAL FOLDER keep|delete COMMAND…

    our stdin ends, or SIGTERM ─► SIGNAL to the server ─► 5 s ─► SIGKILL to its group
    the server has ended       ─► FOLDER is deleted or kept ─► we end with its exit code

The server is in a process group of its own and runs as USER ("" for ours). Standard library only:
it is started as a plain script, without site-packages, within some 20 ms.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys

_GRACE_S = 5.0


def main(user: str, stop_signal: int, folder: str, after: str, *command: str) -> int:
    told_read, told_write = os.pipe()
    os.set_blocking(told_write, False)
    signal.set_wakeup_fd(told_write)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    try:
        server = subprocess.Popen(
            command,
            user=user or None,
            group=user or None,
            extra_groups=[] if user else None,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            cwd=folder,
        )
        select.select([0, told_read], [], [])  # stdin's end, a signal to us, or the server's end
        _end(server, stop_signal)
        return server.returncode
    finally:
        if after == "delete":
            shutil.rmtree(folder, ignore_errors=True)


def _end(server: subprocess.Popen[bytes], stop_signal: int) -> None:
    if server.poll() is None:
        server.send_signal(stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(_GRACE_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], *sys.argv[4:]))
