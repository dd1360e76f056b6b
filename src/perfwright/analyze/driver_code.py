"""How much of a service's CPU goes into talking to its database, from profiles.

    share = (samples with a database driver's frame, or in a line that calls one)
          + the event loop's own samples × queries / (queries + 1)

The second part: in an event loop each query is a send, a wait and a resumption like the request's
own, so its bookkeeping divides by events. Its selector is left out of everything: where a loop
waits, profilers cannot always tell it from work. Of a profile of mode `cpu` (else `gil`), at the
knee if there is one. A driver written in C that is called by the application directly (sqlite3) has
no frame of its own; native profiles name its library. Without a profile the share is not known.
"""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.analyze.frames import CodeFrame, frames_of
from perfwright.analyze.resources import process_of
from perfwright.analyze.stacks import inside, load_of, select, total_load
from perfwright.analyze.view import View
from perfwright.model.stage import KNEE
from perfwright.model.watched import StackCount

DRIVERS = (
    "psycopg", "asyncpg", "sqlalchemy", "sqlite3", "aiosqlite", "django/db", "peewee", "pymysql",
    "MySQLdb", "mysql/connector", "aiomysql", "aiopg", "tortoise", "pymongo", "motor/", "libpq",
    "libsqlite", "database/sql", "lib/pq", "jackc/pgx", "org.postgresql", "node_modules/pg/",
    "hibernate", "activerecord",
)  # fmt: skip
_DOOR = 0.8
_TRUNK = 0.95
_LOOPS = ("asyncio/", "uvloop", "trio/", "gevent/")
_SELECTOR = "selectors.py"


def profile_of(view: View, subject: str) -> tuple[StackCount, ...]:
    """The stacks that tell best where a component's CPU goes under load: at the knee rather than
    of the whole run, on the CPU rather than holding the interpreter's lock."""
    subject = process_of(view, subject)
    stacks = select(view.watched.stacks, subject=subject)
    for mode in ("cpu", "gil"):
        for moment in (KNEE, "run"):
            if found := select(stacks, mode=mode, moment=moment):
                return found
    return ()


def driver_share(view: View, subject: str, queries: float) -> float | None:
    """0..1 of the component's CPU; `queries`: calls per request. None: no profile."""
    stacks = [stack for stack in profile_of(view, subject) if not _selects(stack)]
    whole = total_load(stacks)
    if whole <= 0:
        return None
    direct = inside(stacks, *DRIVERS)
    loop = sum(load_of(stack) for stack in stacks if _is_loop_only(stack))
    return min((direct + loop * queries / (queries + 1)) / whole, 1.0)


def callers(stacks: Sequence[StackCount]) -> tuple[tuple[str, float], ...]:
    """The application's own lines that ask the database, `load (orders.py:60)`, with their share of
    all samples, most first. A file of its own through which nearly all of them pass is taken for
    its door to the database, and the line before it is named."""
    whole = total_load(stacks)
    trunk = _trunk(stacks)
    asking = [(own, load_of(stack)) for stack in stacks if (own := _own_above_driver(stack, trunk))]
    door = _door(asking)
    found: dict[str, float] = {}
    for own, load in asking:
        before = [frame for frame in own if frame.file != door]
        name = (before or own)[-1].name
        found[name] = found.get(name, 0.0) + load
    shares = ((name, load / whole) for name, load in found.items())
    return tuple(sorted(shares, key=lambda pair: -pair[1]))


def _trunk(stacks: Sequence[StackCount]) -> set[str]:
    """Functions that nearly every sample is in: a program's `main`, its server."""
    whole = total_load(stacks)
    seen: dict[str, float] = {}
    for stack in stacks:
        for name in {_function(frame) for frame in frames_of(stack.stack)}:
            seen[name] = seen.get(name, 0.0) + load_of(stack)
    return {name for name, load in seen.items() if load >= _TRUNK * whole}


def _function(frame: CodeFrame) -> str:
    return f"{frame.function} {frame.file}"


def _own_above_driver(stack: StackCount, trunk: set[str]) -> tuple[CodeFrame, ...]:
    """The application's frames that the first of a driver was called from, but for the trunk."""
    if not any(driver in stack.stack for driver in DRIVERS):
        return ()
    frames = frames_of(stack.stack)
    first = next((i for i, frame in enumerate(frames) if _is_driver(frame)), 0)
    own = tuple(frame for frame in frames[:first] if frame.is_own)
    return tuple(frame for frame in own if _function(frame) not in trunk) or own[-1:]


def _door(asking: Sequence[tuple[tuple[CodeFrame, ...], float]]) -> str:
    whole = sum(load for _, load in asking)
    last: dict[str, float] = {}
    for own, load in asking:
        if own[0].file != own[-1].file:
            last[own[-1].file] = last.get(own[-1].file, 0.0) + load
    file, load = max(last.items(), key=lambda pair: pair[1], default=("", 0.0))
    return file if load >= _DOOR * whole else ""


def _is_driver(frame: CodeFrame) -> bool:
    return any(driver in frame.file for driver in DRIVERS)


def _selects(stack: StackCount) -> bool:
    return frames_of(stack.stack)[-1].file == _SELECTOR


def _is_loop_only(stack: StackCount) -> bool:
    """The event loop's own work: from its first frame on nobody else's."""
    frames = frames_of(stack.stack)
    first = next((i for i, frame in enumerate(frames) if _is_loop(frame)), None)
    return first is not None and all(_is_loop(frame) for frame in frames[first:])


def _is_loop(frame: CodeFrame) -> bool:
    return any(loop in frame.file for loop in _LOOPS)
