"""Backends that a proxy does not use now: listeners started as those are that it does use.

    supervisor ─┬─► app --port 8001   ◄── proxy        same parent, and the same command line but
                └─► app --port 8002                    for its numbers: a sibling

A proxy that sends everything to one backend holds no connection to the others; without them, it
could not be seen that they idle.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from perfwright.observe.neighbours import Machine, Neighbour, on_port
from perfwright.observe.procfs import command_line
from perfwright.observe.runtimes import PROXIES, runtime_of

_NUMBERS = re.compile(r"\d+")


def idle_backends(found: Sequence[Neighbour], machine: Machine) -> tuple[Neighbour, ...]:
    """Siblings of what the proxies among `found` talk to, that are not among it."""
    used = {subject for proxy in found if _is_proxy(proxy, machine) for subject in proxy.talks_to}
    known = {one.subject for one in found}
    siblings = {
        sibling.subject: sibling
        for one in found
        if one.subject in used
        for sibling in _siblings(one, machine)
    }
    return tuple(one for subject, one in sorted(siblings.items()) if subject not in known)


def _is_proxy(one: Neighbour, machine: Machine) -> bool:
    chief = _chief(one, machine)
    return chief is not None and runtime_of(chief).partition(" ")[0] in PROXIES


def _siblings(one: Neighbour, machine: Machine) -> list[Neighbour]:
    chief = _chief(one, machine)
    if chief is None or _likeness(chief) == ():
        return []
    parent, likeness = machine.table[chief].parent, _likeness(chief)
    others = (
        pid
        for pid, stat in machine.table.items()
        if stat.parent == parent and pid not in one.pids and _likeness(pid) == likeness
    )
    ports = (min(machine.ports_of(machine.held_by([pid])), default=0) for pid in others)
    return [on_port(port, machine, one.address) for port in ports if port]


def _chief(one: Neighbour, machine: Machine) -> int | None:
    """The process that started the component's others; None where it is hidden from us."""
    together = set(one.pids)
    chiefs = (pid for pid in one.pids if machine.table[pid].parent not in together)
    return next(chiefs, None)


def _likeness(pid: int) -> tuple[str, ...]:
    """Its command line without numbers."""
    return tuple(_NUMBERS.sub("", word) for word in command_line(pid))
