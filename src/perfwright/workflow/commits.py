"""The commits between two runs, asked of the `git` command.

Without git, outside the repository, or where a commit is not known to it (another clone, a rebase),
there is no list; that is no failure.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

_TIMEOUT_S = 5.0
_MOST = 50
_COMMIT = re.compile(r"[0-9a-fA-F]{4,64}")


def commits_between(folder: Path, before: str | None, after: str | None) -> tuple[str, ...]:
    """`git log before..after --oneline` in the repository of `folder`, newest first; at most
    `_MOST` lines. Empty where there are none, or git cannot tell."""
    if before is None or after is None or before == after:
        return ()
    if not (_COMMIT.fullmatch(before) and _COMMIT.fullmatch(after)):
        return ()
    words = ["log", "--oneline", "--no-color", f"--max-count={_MOST}", f"{before}..{after}", "--"]
    try:
        finished = subprocess.run(
            ["git", "-C", str(folder), "--no-pager", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(finished.stdout.splitlines())
