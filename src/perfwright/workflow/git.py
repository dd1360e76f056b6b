"""Which commit a run was made from, asked of the `git` command.

Changes to files that git does not track do not count as dirty: run folders and reports are such
files. Without git, or outside a repository, nothing is known; that is no failure.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from perfwright.workflow.ci_branch import ci_branch

_TIMEOUT_S = 5.0
_STATUS = ("status", "--porcelain=v2", "--branch", "--untracked-files=no")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitState:
    """`branch` is None on a detached head (but in CI: `ci_branch`); `commit` None where there is no
    repository, or no commit in it yet."""

    commit: str | None = None
    branch: str | None = None
    dirty: bool = False


def git_state(folder: Path) -> GitState:
    """The state of the repository that `folder` is in."""
    try:
        finished = subprocess.run(
            ["git", "-C", str(folder), "--no-optional-locks", *_STATUS],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return GitState()
    lines = finished.stdout.splitlines()
    heads = dict(line[2:].partition(" ")[::2] for line in lines if line.startswith("# "))
    return GitState(
        commit=_unless(heads.get("branch.oid"), "(initial)"),
        branch=_unless(heads.get("branch.head"), "(detached)") or ci_branch(os.environ),
        dirty=any(not line.startswith("# ") for line in lines),
    )


def _unless(value: str | None, placeholder: str) -> str | None:
    return None if value == placeholder else value
