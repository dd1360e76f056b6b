"""One operation of the shop's API: what it is called, needs and answers, and how it is run.

The list of operations is the one truth that both the routes and the OpenAPI document come from.

    request ─► token (if secured) ─► handler ─► answer          each is counted and timed
                     └── ShopError ──────┴────► JSON error      under its route template
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from perfwright.lab.shop.errors import ShopError
from perfwright.lab.shop.metrics import Metrics
from perfwright.lab.shop.services import Services
from perfwright.lab.shop.tokens import Visitor

Schema = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What handlers work with."""

    services: Services
    metrics: Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`path` is an OpenAPI template (`/items/{id}`); `errors` are the statuses it may refuse with.

    `answer` is the JSON schema of the body, None where it is no JSON (`media_type` says what).
    """

    method: str
    path: str
    name: str
    summary: str
    handler: Callable[[Shop, Request], Awaitable[Response]]
    status: int = 200
    answer: Schema | None = None
    media_type: str = "application/json"
    body: Schema | None = None
    query: Mapping[str, Schema] | None = None
    secured: bool = False
    errors: tuple[int, ...] = ()

    def route(self, shop: Shop) -> Route:
        async def endpoint(request: Request) -> Response:
            started_s = time.perf_counter()
            try:
                if self.secured:
                    header = request.headers.get("authorization")
                    request.state.visitor = shop.services.accounts.visitor(header)
                response = await self.handler(shop, request)
            except ShopError as error:
                response = error_response(error)
            elapsed_s = time.perf_counter() - started_s
            shop.metrics.answered(self.method, self.path, response.status_code, elapsed_s)
            return response

        return Route(self.path, endpoint, methods=[self.method], name=self.name)


def visitor_of(request: Request) -> Visitor:
    """The visitor that a secured operation found in the token."""
    visitor = request.state.visitor
    assert isinstance(visitor, Visitor)
    return visitor


def error_response(error: ShopError) -> JSONResponse:
    return JSONResponse(
        {"error": {"code": error.code, "message": error.message}}, status_code=error.status
    )
