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

from perfwright.lab.shop.databases import OpenDatabase
from perfwright.lab.shop.db import Database
from perfwright.lab.shop.errors import ShopError
from perfwright.lab.shop.metrics import Metrics
from perfwright.lab.shop.operation import Shop, error_response
from perfwright.lab.shop.operations import OPERATIONS
from perfwright.lab.shop.services import Services


def build_app(
    open_database: OpenDatabase, make_services: Callable[[Database], Services]
) -> Starlette:
    """The application; its database is open from lifespan start to lifespan end."""
    metrics = Metrics()
    database = open_database(metrics.pool_changed)
    shop = Shop(services=make_services(database), metrics=metrics)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await database.open()
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

    return Starlette(
        routes=[operation.route(shop) for operation in OPERATIONS],
        lifespan=lifespan,
        exception_handlers={HTTPException: refused},
    )
