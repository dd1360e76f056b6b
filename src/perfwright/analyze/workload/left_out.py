"""What was left out of the workload, how much of it, and told by what."""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.analyze.workload.bots import Bots
from perfwright.analyze.workload.sorting import (
    HEALTH,
    MAX_ENDPOINTS,
    RARE,
    STATIC,
    UNKNOWN,
    UNUSABLE,
)
from perfwright.model.traffic import LEFT_OUT_BY_VISITOR
from perfwright.model.workload import LeftOut

_WORDS = {
    STATIC: ("static files", "by their endings; --keep-static keeps them"),
    HEALTH: ("health checks", "by paths that exist for nothing else, as /healthz and /metrics"),
    RARE: (
        "rare endpoints",
        f"under 1 in 2,000 requests, or beyond the {MAX_ENDPOINTS} most used",
    ),
    UNKNOWN: ("unknown paths", "of a form that was never answered well, as scanners ask for"),
    UNUSABLE: ("unusable requests", "no path, an unusual method, or longer than 2,048 characters"),
}
_BY_NAME = "agents that say so, /robots.txt, or failures only; --keep-bots keeps them"
_BY_CLOCK = "agents that say so, or one path by the clock; --keep-bots keeps them"


def left_out_of(
    counts: Sequence[tuple[int, int]],
    bots: Bots | None,
    monitors: int,
    rare: Sequence[tuple[str, int]],
    requests: int,
) -> tuple[LeftOut, ...]:
    """Most requests first. `counts`: requests by code, of all `requests`; `monitors`: how many of
    those that were left out because of who sent them came from monitors."""
    found = []
    for code, count in counts:
        if code in _WORDS and count:
            what, how = _WORDS[code]
            examples = tuple(name for name, _ in rare) if code == RARE else ()
            found.append(_one(what, count, requests, how, examples))
        elif code == LEFT_OUT_BY_VISITOR and bots is not None:
            if count > monitors:
                found.append(
                    _one("bots", count - monitors, requests, _BY_NAME, bots.crawlers.examples)
                )
            if monitors:
                found.append(
                    _one("monitors", monitors, requests, _BY_CLOCK, bots.monitors.examples)
                )
    return tuple(sorted(found, key=lambda one: -one.requests))


def _one(what: str, count: int, total: int, how: str, examples: tuple[str, ...]) -> LeftOut:
    return LeftOut(what=what, requests=count, share=count / total, how=how, examples=examples)
