"""What was left out of the workload, how much of it, and told by what."""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.analyze.workload.bots import Bots
from perfwright.analyze.workload.sorting import (
    CRAWLER,
    HEALTH,
    MAX_ENDPOINTS,
    MONITOR,
    RARE,
    STATIC,
    UNKNOWN,
    UNUSABLE,
)
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
    CRAWLER: (
        "bots",
        "agents that say so, /robots.txt, or failures only; --keep-bots keeps them",
    ),
    MONITOR: (
        "monitors",
        "agents that say so, or one path by the clock; --keep-bots keeps them",
    ),
}


def left_out_of(
    counts: Sequence[tuple[int, int]],
    bots: Bots | None,
    rare: Sequence[tuple[str, int]],
    requests: int,
) -> tuple[LeftOut, ...]:
    """In the order of `counts`: requests by code, of all `requests`."""
    examples = {RARE: tuple(name for name, _ in rare)}
    if bots is not None:
        examples |= {CRAWLER: bots.crawlers.examples, MONITOR: bots.monitors.examples}
    return tuple(
        LeftOut(
            what=_WORDS[code][0],
            requests=count,
            share=count / requests,
            how=_WORDS[code][1],
            examples=examples.get(code, ()),
        )
        for code, count in counts
    )
