"""Puts the ASGI application together: database, services, routes, errors."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from perfwright.lab.shop.databases import OpenDatabase
from perfwright.lab.shop.db import Database
from perfwright.lab.shop.errors import ShopError
from perfwright.lab.shop.metrics import Metrics
from perfwright.lab.shop.operation import Shop, error_response
from perfwright.lab.shop.variant import Parts, Variant


def build_app(
    open_database: OpenDatabase, make_parts: Callable[[Database, Metrics], Parts], variant: Variant
) -> ASGIApp:
    """The application; its database is open from lifespan start to lifespan end."""
    metrics = Metrics()
    database = open_database(metrics.pool_changed)
    shop = Shop(services=variant.services(make_parts(database, metrics)), metrics=metrics)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await database.open()
        variant.on_start()
        gc.freeze()  # what start-up made never dies: no full collection shall walk it again
        try:
            yield
        finally:
            await database.close()

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = HTTPStatus(error.status_code).name.lower()
        metrics.answered(request.method, "(none)", error.status_code, 0.0)
        return error_response(ShopError(error.status_code, code, error.detail))

    app = Starlette(
        routes=[operation.route(shop) for operation in variant.operations],
        lifespan=lifespan,
        exception_handlers={HTTPException: refused},
    )
    return variant.wrap(app)
