"""Stacks of two moments as one tree of boxes, small enough for a page.

    stacks ─► tree, each box with its load at both moments ─► pass-through folded ─► dust dropped

Libraries' frames that only pass a call on are folded into one (`⋯ 14 library frames`): an event
loop and a framework would fill the page. Boxes below a share of the time, a thousandth or as much
as keeps the tree within 4,000 boxes, are left out.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from perfwright.analyze.frames import parse_frame
from perfwright.analyze.stacks import Stacks, load_of

OWN, LIBRARY, NATIVE = range(3)
_DUST = 0.001
_BOXES = 4_000
_PASSED_ON = 0.98
_FOLDED_FROM = 3

Laid = tuple[int, float, float, list["Laid"]]
"""As `assets/flame.js` reads it: frame's number, load at high load, at low load, children."""


@dataclass(slots=True)
class Box:
    """A frame with all in and below it. `below`: by the frame that leads there."""

    frame: str
    high: float = 0.0
    low: float = 0.0
    below: dict[str, Box] = field(default_factory=dict)


def boxes_of(stacks: Stacks, high: str, low: str) -> Box:
    """The tree of the stacks of the moments `high` and `low`; its root is `all`."""
    root = Box("all")
    for stack in stacks:
        load = load_of(stack)
        loads = (load if stack.moment == high else 0.0, load if stack.moment == low else 0.0)
        _add(root, stack.stack.split(";"), *loads)
    return _folded(root)


def laid_out(root: Box, frames: dict[str, int]) -> Laid:
    """The tree in numbers, heaviest children first; `frames` gets the texts that it names."""
    part = _DUST
    while sum(1 for _ in _kept(root, root, part)) > _BOXES:
        part *= 2
    return _laid(root, root, part, frames)


def kind_of(frame: str) -> int:
    """Whose code it is, as far as the frame tells."""
    parsed = parse_frame(frame)
    if parsed.is_own:
        return OWN
    is_native = "/" not in parsed.file and not parsed.file.endswith((".py", ".js", ".java", ">"))
    return NATIVE if parsed.file and is_native else LIBRARY


def _add(root: Box, frames: Sequence[str], high: float, low: float) -> None:
    path = [root]
    for frame in map(_by_function, frames):
        path.append(path[-1].below.setdefault(frame, Box(frame)))
    for box in path:
        box.high += high
        box.low += low


@functools.lru_cache(maxsize=20_000)
def _by_function(frame: str) -> str:
    """The application's frames are told apart by line, libraries' by function."""
    parsed = parse_frame(frame)
    return frame if parsed.is_own or not parsed.line else f"{parsed.function} ({parsed.file})"


def _folded(box: Box) -> Box:
    below = {frame: _child_folded(child) for frame, child in box.below.items()}
    return Box(box.frame, box.high, box.low, below)


def _child_folded(child: Box) -> Box:
    passed: list[Box] = []
    last = child
    while (heir := _only_heir(last)) is not None:
        passed.append(last)
        last = heir
    folded = _folded(last)
    if len(passed) >= _FOLDED_FROM:
        name = f"⋯ {len(passed)} library frames"
        return Box(name, child.high, child.low, {last.frame: folded})
    for one in reversed(passed):
        folded = Box(one.frame, one.high, one.low, {folded.frame: folded})
    return folded


def _only_heir(box: Box) -> Box | None:
    """The child that a library's frame passes nearly all of its time on to, if it has one."""
    if kind_of(box.frame) == OWN or not box.below:
        return None
    heir = max(box.below.values(), key=lambda child: child.high + child.low)
    passes = heir.high >= _PASSED_ON * box.high and heir.low >= _PASSED_ON * box.low
    return heir if passes else None


def _matters(box: Box, root: Box, part: float) -> bool:
    return box.high > part * root.high or box.low > part * root.low


def _kept(box: Box, root: Box, part: float) -> Iterator[Box]:
    if _matters(box, root, part):
        yield box
        for child in box.below.values():
            yield from _kept(child, root, part)


def _laid(box: Box, root: Box, part: float, frames: dict[str, int]) -> Laid:
    number = frames.setdefault(box.frame, len(frames))
    below = sorted(box.below.values(), key=lambda child: -(child.high + child.low))
    children = [_laid(c, root, part, frames) for c in below if _matters(c, root, part)]
    return (number, round(box.high, 4), round(box.low, 4), children)
