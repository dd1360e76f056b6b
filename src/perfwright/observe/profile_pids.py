"""Which processes of a component to profile: those that are there now, the busiest first."""

from __future__ import annotations

from collections.abc import Callable

from perfwright.model.watched import Component
from perfwright.observe.process_spec import one_component
from perfwright.observe.process_table import process_table
from perfwright.observe.sockets import owned_inodes, tcp_table


def busiest(component: Component, wanted: Callable[[int], bool], at_most: int) -> tuple[int, ...]:
    """Up to `at_most` of its processes that are `wanted`, by the CPU time that they have used so
    far. Workers started since it was found count; a server that it started is another component."""
    import psutil

    used_s: dict[int, float] = {}
    for pid in one_component(process_table(), component.pids, tcp_table(), owned_inodes):
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.Error:
            continue
        used_s[pid] = times.user + times.system
    ordered = sorted(used_s, key=lambda pid: (-used_s[pid], pid))
    return tuple(pid for pid in ordered if wanted(pid))[:at_most]


def listening_ports(pids: tuple[int, ...]) -> tuple[int, ...]:
    """TCP ports that these processes listen on (those we may see)."""
    import psutil

    ports: dict[int, None] = {}
    for pid in pids:
        try:
            sockets = psutil.Process(pid).net_connections("tcp")
        except psutil.Error:
            continue
        ports.update({s.laddr.port: None for s in sockets if s.status == psutil.CONN_LISTEN})
    return tuple(ports)
