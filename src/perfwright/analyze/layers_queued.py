"""How long requests queue for an event loop or a worker, estimated from how busy those are.

    N servers, busy U of the time, each request S = N·U / X       U^(√(2(N+1)) − 1)
    waits about (H. Sakasegawa 1977; exact for one server)    W = ───────────────── · S
                                                                    N (1 − U)

Wall profiles tell N and U; nobody sees the queue itself, so this only shares out what nothing that
was measured explains. Near U = 1 the formula has no limit: U counts as 0.97 at most.
"""

from __future__ import annotations

import math

from perfwright.analyze.off_cpu import awake, loop_only, profile_of, profiled
from perfwright.analyze.roles import is_store
from perfwright.analyze.stacks import total_load
from perfwright.analyze.view import View
from perfwright.analyze.workers import worker_groups
from perfwright.model.stage import KNEE, LOW, Stage

_FULL = 0.97
_BUSY = 0.3
_SOURCE = "estimated from wall profiles"


def queued_parts(view: View, stage: Stage) -> dict[str, tuple[float, str]]:
    """Seconds and source by queue; nothing where no wall profile was taken."""
    moment = LOW if stage == view.low and view.compares else KNEE
    parts: dict[str, tuple[float, str]] = {}
    for subject in profiled(view):
        if is_store(view, subject) or stage.throughput_per_s <= 0:
            continue
        profile = profile_of(view, subject, moment)
        loops = loop_only(profile, loop=True).wall
        servers = [("queueing: for the event loop", max(1, round(total_load(loops))), awake(loops))]
        servers += [
            (f"queueing: for one of {group.size} workers", group.size, group.busy)
            for group in worker_groups(profile)
            if group.busy_ratio >= _BUSY
        ]
        for name, count, busy in servers:
            waited_s = wait_s(count, busy / count, stage.throughput_per_s)
            if waited_s > 0:
                parts[name] = (parts.get(name, (0.0, ""))[0] + waited_s, _SOURCE)
    return parts


def wait_s(servers: int, used: float, rate_per_s: float) -> float:
    """Mean wait in front of `servers`, each busy a part `used` (0..1) of the time."""
    used = min(used, _FULL)
    each_s = servers * used / rate_per_s
    return float(used ** (math.sqrt(2 * (servers + 1)) - 1) / (servers * (1 - used)) * each_s)
