"""What all profilers make: stacks of short frames, counted, and bounded in number and depth.

    /srv/shop/app/main.py                 ./app/main.py           own: relative to its process's cwd
    /opt/v/lib/python3.11/site-packages/  starlette/routing.py    a library's, as it is imported
    /usr/lib/python3.11/threading.py      threading.py            the language's own
    /opt/venv/bin/uvicorn                 uvicorn                 a launcher, not the application

Of what one profile saw, the 2,000 most frequent stacks stay apart; the rest is counted as
`(other)`. Of a stack deeper than 128 frames the middle is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from perfwright.model.watched import StackCount

OTHER = "(other)"
_KEPT = 2_000
_DEPTH = 128
_OUTER = 32
_FRAME_LENGTH = 240
_LIBRARY = re.compile(r".*/(?:(?:site|dist)-packages|lib(?:64)?/python3(?:\.\d+)?|node_modules)/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How a profile was taken. `rate_per_s`: samples of each thread that succeeded, a second."""

    moment: str
    subject: str
    mode: str
    rate_per_s: float
    duration_s: float


def short_path(path: str, cwd: str) -> str:
    """A source file as evidence names it; `cwd`: the working directory of its process."""
    if path.startswith("<") or not path:
        return path
    if library := _LIBRARY.match(path):
        return path[library.end() :]
    file = PurePosixPath(path)
    if file.parent.name == "bin" and not file.suffix:
        return file.name
    if not file.is_absolute():
        return f"./{file}"
    return f"./{file.relative_to(cwd)}" if cwd and file.is_relative_to(cwd) else path


def frame_text(function: str, file: str, line: int = 0) -> str:
    """`function (file:line)`; nothing in it separates frames."""
    place = f"{file}:{line}" if line else file
    text = f"{function} ({place})" if place else function
    return text.replace(";", ":")[:_FRAME_LENGTH]


def joined_stack(frames: Iterable[str]) -> str:
    """Frames, root first, as one text."""
    kept = list(frames)
    if len(kept) > _DEPTH:
        kept = [*kept[:_OUTER], "(…)", *kept[_OUTER + 1 - _DEPTH :]]
    return ";".join(kept)


def counted(counts: Mapping[tuple[str, str], int], sampling: Sampling) -> tuple[StackCount, ...]:
    """Records of counts by (thread, stack), the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(count for _, count in ordered[_KEPT:])
    merged = [(("", OTHER), rest)] if rest else []
    return tuple(
        StackCount(
            moment=sampling.moment,
            subject=sampling.subject,
            mode=sampling.mode,
            thread=thread,
            stack=stack,
            count=count,
            rate_per_s=sampling.rate_per_s,
            duration_s=sampling.duration_s,
        )
        for (thread, stack), count in [*ordered[:_KEPT], *merged]
    )
