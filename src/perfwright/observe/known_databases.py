"""How to watch the databases found behind a target: the address for `--watch`, or what is missing.

    known by    its process (postgres, redis-server), or, where that is hidden, by its port
    address     from what its clients were told (dsn.py); for PostgreSQL else from the names that
                its sessions show in their titles: `postgres: ann shop 127.0.0.1(40214) idle`

A password that nobody told us is left out: the database may trust us, or the user's own PGPASSWORD
or ~/.pgpass may hold it; if not, the database's probe says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from perfwright.observe.dsn import POSTGRES, REDIS, Dsn, best_match, dsns_of
from perfwright.observe.neighbours import Neighbour
from perfwright.observe.procfs import command_line
from perfwright.observe.runtimes import CACHES, DATABASES

_TITLE = re.compile(
    r"^postgres: (?:\S+: )?(\S+) (\S+) (?:\[local\]|[\d.:a-f]+\(\d+\)) ", re.MULTILINE
)
_PORTS = {5432: POSTGRES, 6379: REDIS}
_ASKED = 3
"""Processes of one component that are asked for their environment: workers have their master's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """A component found and its runtime ("" where its process is not visible)."""

    neighbour: Neighbour
    runtime: str

    @property
    def kind(self) -> str:
        """postgresql, redis, mysql, …; "" for what is no known database."""
        name = self.runtime.partition(" ")[0]
        if name in ("redis", "valkey"):
            return REDIS
        if name in (*DATABASES, *CACHES):
            return name
        if self.neighbour.pids:
            return ""
        behind_socket = POSTGRES if ".s.PGSQL." in self.neighbour.subject else ""
        return _PORTS.get(self.neighbour.port, behind_socket)


def database_specs(found: Sequence[Runs]) -> tuple[list[str], list[str]]:
    """What to watch (with secrets in it), and notes (without) on what cannot be."""
    told = [
        dsn
        for one in found
        if not one.kind
        for pid in one.neighbour.pids[:_ASKED]
        for dsn in dsns_of(pid)
    ]
    specs, notes = [], []
    for one in found:
        if one.kind == POSTGRES:
            dsn = _postgres(one.neighbour, told)
            if dsn is not None:
                specs.append(dsn.url())
            else:
                notes.append(_unknown(one.neighbour))
        elif one.kind == REDIS and one.neighbour.port:
            at = (one.neighbour.address, one.neighbour.port)
            dsn = best_match(told, REDIS, *at) or Dsn(kind=REDIS, host=at[0], port=at[1])
            specs.append(dsn.url())
        elif one.kind:
            notes.append(
                f"{one.kind} ({one.neighbour.subject}) is seen from outside only: there is no "
                "probe that asks it; --watch prometheus:URL of its exporter shows more"
            )
    return specs, notes


def _postgres(server: Neighbour, told: Sequence[Dsn]) -> Dsn | None:
    sessions = _sessions(server.pids)
    names = [name for _, name in sessions]
    dsn = best_match(told, POSTGRES, server.address, server.port or 5432, names)
    if dsn is not None or not sessions:
        return dsn
    user, name = sessions[0]
    return Dsn(kind=POSTGRES, host=server.address, port=server.port, user=user, name=name)


def _sessions(pids: Sequence[int]) -> list[tuple[str, str]]:
    """User and database of the server's client sessions, the most frequent first."""
    titles = "\n".join(" ".join(command_line(pid)) for pid in pids)
    seen = [(user, name) for user, name in _TITLE.findall(titles)]
    return sorted(set(seen), key=lambda one: (-seen.count(one), one))


def _unknown(server: Neighbour) -> str:
    return (
        f"PostgreSQL at {server.address}:{server.port} is seen from outside only: no address with "
        "user and database was found in the environment or command line of who talks to it; add "
        f"--watch postgresql://USER:PASSWORD@{server.address}:{server.port}/DATABASE"
    )
