"""The part of a stack that handles a request: what comes below the servers' and loops' own code.

    main (./run.py:9);run_forever (asyncio/…);__call__ (starlette/…);total (./shop.py:40);loads (…)
    └───────────────── trunk: in every sample ──────────────────────┘└─── charged to `total` ────┘

A program's `main` calls the server and so is in every stack; it does no work. Servers, loops and
frameworks are known by where their code lies; where one is not known, the trunk's time stays with
the application's function above it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache

from perfwright.analyze.frames import OTHER, CodeFrame, frames_of
from perfwright.analyze.off_cpu import writes_log
from perfwright.analyze.stacks import FunctionLoad, load_of, total_load
from perfwright.model.watched import StackCount

_TRUNK = re.compile(
    r"^(asyncio/|uvloop/|trio/|anyio/|tornado/|twisted/|gevent/|eventlet/|uvicorn/|hypercorn/"
    r"|gunicorn/|waitress/|cheroot/|granian/|daphne/|socketserver|http/server|wsgiref/"
    r"|werkzeug/(serving|debug)|concurrent/futures/|threading\.py|multiprocessing/|runpy|<frozen"
    r"|starlette/(routing|applications|concurrency|_exception_handler|middleware/)"
    r"|fastapi/(routing|applications|middleware|dependencies)|flask/|django/core/handlers/"
    r"|django/utils/deprecation|aiohttp/web|sanic/(app|server)|falcon/app|bottle"
    r"|net/http/server|net/http\.)"
)


def handled(stacks: Sequence[StackCount]) -> tuple[FunctionLoad, ...]:
    """The application's functions, each charged its own time and the libraries' that it calls, the
    largest first; the trunk and logging are left out. Ratios are of all samples."""
    everything = total_load(stacks)
    loads: dict[tuple[str, str], float] = defaultdict(float)
    inside: dict[tuple[str, str], float] = defaultdict(float)
    lines: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for one in stacks:
        own = own_frames(one.stack)
        if not own or writes_log(one.stack):
            continue
        last = own[-1]
        loads[last.function, last.file] += load_of(one)
        lines[last.function, last.file][last.line] += one.count
        for key in {(frame.function, frame.file) for frame in own}:
            inside[key] += load_of(one)
    found = [
        _function(key, load, inside[key], lines[key], everything) for key, load in loads.items()
    ]
    return tuple(sorted(found, key=lambda one: -one.self_load))


@lru_cache(maxsize=50_000)
def own_frames(stack: str) -> tuple[CodeFrame, ...]:
    """The application's frames below the trunk, outermost first."""
    if stack == OTHER:
        return ()
    frames = frames_of(stack)
    trunk = [i for i, frame in enumerate(frames) if _TRUNK.match(frame.file)]
    below = frames[trunk[-1] + 1 :] if trunk else frames
    return tuple(frame for frame in below if frame.is_own)


def _function(
    key: tuple[str, str], load: float, inside: float, lines: Counter[int], everything: float
) -> FunctionLoad:
    return FunctionLoad(
        function=key[0],
        file=key[1],
        line=lines.most_common(1)[0][0],
        is_own=True,
        self_load=load,
        load=inside,
        self_ratio=load / everything if everything else 0.0,
        ratio=inside / everything if everything else 0.0,
        samples=lines.total(),
    )
