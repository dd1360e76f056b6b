"""One make of the shop: what its process is built from. Every default is the healthy shop's.

A variant is named by a reference `module:attribute.attribute`, as ASGI servers name applications,
so that this package need not know who has variants.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

from starlette.types import ASGIApp

from perfwright.lab.shop.db import Database
from perfwright.lab.shop.db_postgres import PostgresDatabase
from perfwright.lab.shop.metrics import Metrics
from perfwright.lab.shop.operation import Operation
from perfwright.lab.shop.operations import OPERATIONS
from perfwright.lab.shop.services import Services, healthy_services
from perfwright.lab.shop.tokens import TokenSigner


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What use cases work with. `redis` and `partner` are URLs of the servers around the shop, ""
    where there is none."""

    db: Database
    signer: TokenSigner
    metrics: Metrics
    redis: str = ""
    partner: str = ""


def _healthy(parts: Parts) -> Services:
    return healthy_services(parts.db, parts.signer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """`sql` is run on the seeded database before the shop serves, in SQL that both dialects share
    and that may be run again. `wrap` goes around the whole application. `on_start` is called in
    each worker's event loop, once the database is open."""

    services: Callable[[Parts], Services] = _healthy
    operations: tuple[Operation, ...] = OPERATIONS
    wrap: Callable[[ASGIApp], ASGIApp] = lambda app: app
    on_start: Callable[[], object] = lambda: None
    sql: tuple[str, ...] = ()
    database: type[PostgresDatabase] = PostgresDatabase
    pool_size: int = 10
    """Both for PostgreSQL; SQLite has one connection."""


HEALTHY = Variant()


def variant_named(reference: str) -> Variant:
    """What `reference` names; a wrong one is a mistake of ours and raises."""
    module, _, attribute = reference.partition(":")
    variant = attrgetter(attribute)(importlib.import_module(module))
    assert isinstance(variant, Variant)
    return variant
