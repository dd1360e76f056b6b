"""Where a thread is now: the line of the user's own code that it runs or waits in."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

_FOLDERS = {str(Path(__file__).parent.parent)} | {
    sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")
}
_NOT_THEIRS = ("<", *(folder + os.sep for folder in _FOLDERS))


def locate(thread_id: int) -> tuple[str, int]:
    """(file, line) of the innermost frame outside the libraries; called from a watching thread."""
    innermost = frame = sys._current_frames().get(thread_id)
    while frame is not None and frame.f_code.co_filename.startswith(_NOT_THEIRS):
        frame = frame.f_back
    shown = frame or innermost
    return (shown.f_code.co_filename, shown.f_lineno) if shown else ("", 0)
