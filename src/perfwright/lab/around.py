"""Starts the servers that a fault's `Surroundings` ask for, the seeded database among them."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from perfwright.lab.child import Child
from perfwright.lab.servers.postgres import PostgresServer, create_hypopg, start_postgres
from perfwright.lab.servers.redis import RedisServer
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop import db_postgres, passwords, people, schema, seed
from perfwright.lab.shop.db_postgres import seed_postgres
from perfwright.lab.shop.seed import tables

_PARTNER_DEADLINE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """URLs of the servers that run, "" where there is none. `db` is the shop's own, `watch` the
    same database for a superuser."""

    db: str = ""
    watch: str = ""
    redis: str = ""
    partner: str = ""


def start_around(
    stack: ExitStack, wanted: Surroundings, *, postgres: bool, orders: int, seed_number: int
) -> Standing:
    """The servers end with `stack`. `postgres` False leaves that one out. Raises LaunchError."""
    db = watch = redis = partner = ""
    if postgres and wanted.postgres is not None:
        server = stack.enter_context(_seeded_postgres(wanted, orders, seed_number))
        create_hypopg(server)
        db, watch = server.dsn, server.admin_dsn
    if wanted.redis is not None:
        redis = stack.enter_context(RedisServer(wanted.redis)).url
    if wanted.partner_delay_ms is not None:
        child = Child(
            "partner",
            "perfwright.lab.partner",
            [],
            settings={
                "delay_ms": wanted.partner_delay_ms,
                "clerks": wanted.partner_clerks,
                "room": wanted.partner_room,
            },
            deadline_s=_PARTNER_DEADLINE_S,
        )
        partner = str(stack.enter_context(child).ready["url"])
    return Standing(db=db, watch=watch, redis=redis, partner=partner)


def _seeded_postgres(wanted: Surroundings, orders: int, seed_number: int) -> PostgresServer:
    assert wanted.postgres is not None
    return start_postgres(
        wanted.postgres,
        key=f"{orders}-{seed_number}-{_data_version()}",
        fill=partial(seed_postgres, make_tables=partial(tables, orders=orders, seed=seed_number)),
    )


def _data_version() -> str:
    """Changes with the code that makes the data: an older template is not used again."""
    made_by = (db_postgres, passwords, people, schema, seed)
    sources = b"".join(Path(str(module.__file__)).read_bytes() for module in made_by)
    return hashlib.blake2b(sources, digest_size=4).hexdigest()
