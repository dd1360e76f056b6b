"""The kinds of waiting that a thread's stack tells of."""

from __future__ import annotations

from enum import StrEnum


class Wait(StrEnum):
    """What a thread does in its innermost frame."""

    NONE = "running"
    LOCK = "waiting for a lock"
    GIL = "waiting for the interpreter lock"
    IO = "waiting for an answer or a disk"
    SLEEP = "sleeping"
    IDLE = "idle"
