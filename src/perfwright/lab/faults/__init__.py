"""Bottlenecks planted in the sample shop, as a programmer would plant them by mistake.

    NAMES ─► load("db.n_plus_one") ─► perfwright.lab.faults.db_n_plus_one.FAULT

One file is one fault. To add one:

1. Write `NAME_WITH_UNDERSCORES.py` with a constant `FAULT = Fault(…)` (`fault.py` explains its
   fields). Spoil real code: a use case (replace a class of `Services`), a handler, the pool, a
   server's settings. `faulty` and `fixed` are the same shop but for the mistake.
2. Add its name below (in order of the alphabet). Nothing else lists faults.
3. In `tests/integration/test_faults_of_….py` show that it does what it claims, by structure
   (statements per request, a plan, a count), never by time.

The journey of `lab/journey/shop.py` must run into it at a moderate load. What the shop tells the
outside (routes, headers, process names, command lines) is the same whatever the fault.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perfwright.lab.faults.fault import Fault

NAMES = (
    "none",
    "cache.ineffective",
    "code.hot_function",
    "connection.no_keepalive",
    "cpu.throttled",
    "db.connection_limit",
    "db.lock_contention",
    "db.missing_index",
    "db.n_plus_one",
    "db.slow_query",
    "dependency.slow",
    "errors.under_load",
    "event_loop.blocked",
    "gc.pressure",
    "latency.periodic_stall",
    "lb.uneven",
    "lock.contention",
    "log.sync_io",
    "memory.leak",
    "payload.bloat",
    "pool.exhausted",
    "retry.storm",
    "thread_pool.exhausted",
)
"""Cheap to read: the command line offers these without loading a fault."""


def module_of(name: str) -> str:
    return f"{__name__}.{name.replace('.', '_')}"


def load(name: str) -> Fault:
    """The fault called `name`, one of NAMES."""
    assert name in NAMES, name
    fault: Fault = importlib.import_module(module_of(name)).FAULT
    return fault
