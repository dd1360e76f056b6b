"""A component as people recognise it: its runtime and its command line, secrets taken out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath

from perfwright.model.redaction import redacted
from perfwright.model.watched import Component
from perfwright.observe.process_table import stat_of
from perfwright.observe.procfs import command_line
from perfwright.observe.runtimes import runtime_of

_DETAIL_CHARACTERS = 160


def component_of(
    subject: str, pids: Sequence[int], *, port: int = 0, talks_to: Iterable[str] = ()
) -> Component:
    """`pids`: its processes; the topmost, whose parent is none of them, gives it its name."""
    chief = _topmost(pids)
    return Component(
        subject=subject,
        runtime=runtime_of(chief) if chief else "",
        detail=_detail(chief) if chief else "",
        pids=tuple(pids),
        port=port,
        talks_to=tuple(sorted(set(talks_to))),
    )


def _topmost(pids: Sequence[int]) -> int:
    together = set(pids)
    for pid in pids:
        stat = stat_of(pid)
        if stat is not None and stat.parent not in together:
            return pid
    return 0


def _detail(pid: int) -> str:
    words = command_line(pid)
    if not words:
        stat = stat_of(pid)
        return stat.name if stat else ""
    titled = " " in words[0]  # servers write what they do there: `nginx: master process …`
    program = words[0] if titled else PurePath(words[0]).name
    shown = " ".join(" ".join((program, *redacted(words)[1:])).split())
    return shown if len(shown) <= _DETAIL_CHARACTERS else f"{shown[: _DETAIL_CHARACTERS - 1]}…"
