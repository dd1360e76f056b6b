"""A pool without an upper bound in front of a server with a small one.

Whoever finds no idle connection opens a new one, and connections are held while another service is
asked. As the load rises the server's `max_connections` is reached and it refuses ("too many
clients already"): requests fail. Mended, the pool is bounded below the limit and a connection is
given back before the other service is asked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.db import Session
from perfwright.lab.shop.db_pool import PoolState
from perfwright.lab.shop.db_postgres import PostgresDatabase, PostgresSession, connect
from perfwright.lab.shop.delivery import DeliveryCatalogue, HoldingCatalogue
from perfwright.lab.shop.services import Services, healthy_services
from perfwright.lab.shop.supplier import Supplier
from perfwright.lab.shop.variant import Parts, Variant


class GrowingDatabase(PostgresDatabase):
    """As many connections as there are sessions at a time; those opened are kept."""

    async def open(self) -> None:
        self._idle: list[PostgresSession] = []
        self._used = 0

    async def close(self) -> None:
        for session in self._idle:
            await session.connection.close()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        session = self._idle.pop() if self._idle else await self._opened()
        self._count(1)
        try:
            yield session
        finally:
            self._idle.append(session)
            self._count(-1)

    async def _opened(self) -> PostgresSession:
        return PostgresSession(await connect(self._dsn))

    def _count(self, more: int) -> None:
        self._used += more
        self._on_pool_change(PoolState(used=self._used, idle=len(self._idle), waiting=0))


def _holding(parts: Parts) -> Services:
    catalogue = HoldingCatalogue(parts.db, Supplier(parts.partner))
    return replace(healthy_services(parts.db, parts.signer), catalogue=catalogue)


def _releasing(parts: Parts) -> Services:
    catalogue = DeliveryCatalogue(parts.db, Supplier(parts.partner))
    return replace(healthy_services(parts.db, parts.signer), catalogue=catalogue)


FAULT = Fault(
    sentence="An unbounded pool runs into the database's connection limit.",
    around=Surroundings(postgres={"max_connections": "12"}, partner_delay_ms=100),
    faulty=Variant(services=_holding, database=GrowingDatabase),
    fixed=Variant(services=_releasing, pool_size=6),
)
