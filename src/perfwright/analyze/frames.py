"""One frame of a sampled stack: what it is called, where it is, and whose it is.

    handle (./shop.py:40)             the application's own: below its working directory
    handle (/srv/shop/shop.py:40)     its own: a path that belongs to no library
    get (starlette/routing.py:73)     a library's, or the language's: the path as it is imported
    epoll_wait (libc.so.6)            native code: the file it was loaded from
    (other)                           rare stacks that a profiler put together

Profilers (`observe/profile_*.py`) shorten paths to this; nothing here reads a file.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

OTHER = "(other)"
"""The stack that rare ones were merged into."""

_FRAME = re.compile(r"(?P<function>.*) \((?P<file>[^()]*?)(?::(?P<line>\d+))?\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFrame:
    """`line` 0: not known. `file`: as profilers shorten it (see above)."""

    function: str
    file: str = ""
    line: int = 0

    @property
    def is_own(self) -> bool:
        """Whether it is the application's own code, as far as its path tells."""
        return self.file.startswith(("./", "/"))

    @property
    def place(self) -> str:
        """`shop.py:40`, or as much of it as is known."""
        file = self.file.removeprefix("./")
        return f"{file}:{self.line}" if self.line else file

    @property
    def name(self) -> str:
        """`total (shop.py:40)`."""
        return f"{self.function} ({self.place})" if self.file else self.function


@functools.lru_cache(maxsize=50_000)
def parse_frame(text: str) -> CodeFrame:
    """A frame from its text; one of another form is taken for a function's bare name."""
    match = _FRAME.fullmatch(text)
    if match is None:
        return CodeFrame(function=text)
    line = int(match["line"] or 0)
    return CodeFrame(function=match["function"], file=match["file"], line=line)


def frames_of(stack: str) -> tuple[CodeFrame, ...]:
    """The frames of a stack, root first."""
    return tuple(parse_frame(text) for text in stack.split(";"))


def serves(frames: Sequence[CodeFrame], starters: tuple[str, ...]) -> bool:
    """Whether a library (that does more than start threads: files `starters`) called the
    application: then what the thread does, it does for a request."""
    libraries = (
        position
        for position, frame in enumerate(frames)
        if not frame.is_own and not frame.file.startswith(starters)
    )
    first = next(libraries, len(frames))
    return any(frame.is_own for frame in frames[first:])
