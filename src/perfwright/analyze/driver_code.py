"""How much of a service's CPU goes into talking to its database, from profiles.

    share = (samples with a database driver's frame, or in a line that calls one)
          + the event loop's own samples × queries / (queries + 1)

The second part: in an event loop each query is a send, a wait and a resumption like the request's
own, so its bookkeeping divides by events. Of a profile of mode `cpu` (else `gil`), at the knee if
there is one. A driver written in C that is called by the application directly (sqlite3) has no
frame of its own; native profiles name its library. Without a profile the share is not known: None.
"""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.analyze.frames import frames_of
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
_LOOPS = ("asyncio/", "uvloop", "selectors.py", "trio/", "gevent/")


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
    stacks = profile_of(view, subject)
    whole = total_load(stacks)
    if whole <= 0:
        return None
    direct = inside(stacks, *DRIVERS)
    loop = sum(load_of(stack) for stack in stacks if _is_loop_only(stack))
    return min((direct + loop * queries / (queries + 1)) / whole, 1.0)


def callers(stacks: Sequence[StackCount]) -> tuple[tuple[str, float], ...]:
    """The application's own lines that call a driver, `load (orders.py:60)`, with their share of
    all samples; the line nearest to the request handler's, most first."""
    whole = total_load(stacks)
    found: dict[str, float] = {}
    for stack in stacks:
        if not any(driver in stack.stack for driver in DRIVERS):
            continue
        frames = frames_of(stack.stack)
        first = next(
            (i for i, frame in enumerate(frames) if any(d in frame.file for d in DRIVERS)), 0
        )
        own = [frame for frame in frames[:first] if frame.is_own]
        if own:
            found[own[-1].name] = found.get(own[-1].name, 0.0) + load_of(stack)
    shares = ((name, load / whole) for name, load in found.items())
    return tuple(sorted(shares, key=lambda pair: -pair[1]))


def _is_loop_only(stack: StackCount) -> bool:
    """The event loop's own work: none of it in the application or a driver."""
    if any(driver in stack.stack for driver in DRIVERS):
        return False
    return any(loop in frames_of(stack.stack)[-1].file for loop in _LOOPS)
