"""Command lines that may be copied into a shell: every word that comes from outside is quoted."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

SCRIPT = "scenario.py"
"""The test file, as the commands name it: they are given in its folder."""

TARGET_VARIABLE = "$TARGET"
"""Stands for the target where nobody has named it; the commands begin by setting it."""


def command_line(*words: str) -> str:
    """One line; a newline inside a word would end the command, so it becomes a space."""
    return " ".join(
        '"$TARGET"' if word == TARGET_VARIABLE else shlex.quote(" ".join(word.split()))
        for word in words
    )


def repeated(option: str, values: Iterable[str]) -> list[str]:
    """`--slo A --slo B`."""
    return [word for value in values for word in (option, value)]
