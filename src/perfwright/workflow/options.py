"""What a run is told besides its plan: how it is labelled, where it is kept, who hears about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DEFAULT_STORE = Path(".perfwright")


def _silent(_: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """`command`: the command line, secrets and all; they are taken out before it is kept.
    `allow_targets`: public hosts that may be loaded. `say` gets a line for people now and then: a
    note of the pre-flight, what Ctrl-C does, an output that failed; from any thread. `profile`:
    auto, none, or the name of a profiler."""

    store: Path = DEFAULT_STORE
    name: str = ""
    kind: str = ""
    tags: tuple[str, ...] = ()
    allow_targets: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    profile: str = "none"
    say: Callable[[str], None] = _silent
