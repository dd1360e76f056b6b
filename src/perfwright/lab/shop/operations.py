"""The shop's API: its handlers, and the list that both routes and OpenAPI come from."""

from __future__ import annotations

from functools import cache

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from perfwright.lab.shop.inputs import id_of, json_object, number_field, page_of, text_field
from perfwright.lab.shop.openapi import openapi_document
from perfwright.lab.shop.operation import Operation, Shop, visitor_of
from perfwright.lab.shop.schemas import PAGING, SEARCH, component, list_of

_MAX_QUANTITY = 100


async def _login(shop: Shop, request: Request) -> Response:
    body = await json_object(request)
    token, visitor = await shop.services.accounts.login(
        text_field(body, "name"), text_field(body, "password")
    )
    return JSONResponse({"token": token, "user": {"id": visitor.customer_id, "name": visitor.name}})


async def _items(shop: Shop, request: Request) -> Response:
    return JSONResponse(await shop.services.catalogue.browse(page_of(request)))


async def _item(shop: Shop, request: Request) -> Response:
    return JSONResponse(await shop.services.catalogue.item(id_of(request)))


async def _search(shop: Shop, request: Request) -> Response:
    text = request.query_params.get("q", "")
    return JSONResponse(await shop.services.catalogue.search(text, page_of(request)))


async def _cart(shop: Shop, request: Request) -> Response:
    return JSONResponse(await shop.services.carts.contents(visitor_of(request)))


async def _add_to_cart(shop: Shop, request: Request) -> Response:
    body = await json_object(request)
    item_id = number_field(body, "id")
    quantity = number_field(body, "quantity", default=1, highest=_MAX_QUANTITY)
    return JSONResponse(await shop.services.carts.add(visitor_of(request), item_id, quantity))


async def _place_order(shop: Shop, request: Request) -> Response:
    order = await shop.services.orders.place(visitor_of(request))
    shop.metrics.order_placed()
    return JSONResponse(order, status_code=201, headers={"location": f"/orders/{order['id']}"})


async def _orders(shop: Shop, request: Request) -> Response:
    return JSONResponse(await shop.services.orders.history(visitor_of(request), page_of(request)))


async def _order(shop: Shop, request: Request) -> Response:
    return JSONResponse(await shop.services.orders.order(visitor_of(request), id_of(request)))


async def _health(shop: Shop, request: Request) -> Response:  # noqa: ARG001
    return JSONResponse({"status": "ok"})


async def _metrics(shop: Shop, request: Request) -> Response:  # noqa: ARG001
    return Response(shop.metrics.exposition(), media_type="text/plain; version=0.0.4")


async def _openapi(shop: Shop, request: Request) -> Response:  # noqa: ARG001
    return JSONResponse(_document())


async def _index(shop: Shop, request: Request) -> Response:  # noqa: ARG001
    lines = (f"{op.method:4} {op.path:14} {op.summary}\n" for op in OPERATIONS)
    return Response("A sample web shop.\n\n" + "".join(lines), media_type="text/plain")


@cache
def _document() -> dict[str, object]:
    return openapi_document(OPERATIONS)


_ITEMS = list_of(component("ItemSummary"))

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET", path="/", name="index", summary="This list.", handler=_index,
        media_type="text/plain",
    ),
    Operation(
        method="POST", path="/login", name="login", summary="Log in; gives a token.",
        handler=_login, body=component("Credentials"), answer=component("Login"), errors=(400, 401),
    ),
    Operation(
        method="GET", path="/items", name="items", summary="Browse all items.", handler=_items,
        query=PAGING, answer=_ITEMS, errors=(400,),
    ),
    Operation(
        method="GET", path="/items/{id}", name="item", summary="One item.", handler=_item,
        answer=component("Item"), errors=(400, 404),
    ),
    Operation(
        method="GET", path="/search", name="search", summary="Find items by words of their titles.",
        handler=_search, query=SEARCH, answer=_ITEMS, errors=(400,),
    ),
    Operation(
        method="GET", path="/cart", name="cart", summary="What is in the cart.", handler=_cart,
        answer=component("Cart"), secured=True,
    ),
    Operation(
        method="POST", path="/cart", name="add_to_cart", summary="Put an item into the cart.",
        handler=_add_to_cart, body=component("CartLine"), answer=component("Cart"), secured=True,
        errors=(400, 404),
    ),
    Operation(
        method="POST", path="/orders", name="place_order", summary="Buy what is in the cart.",
        handler=_place_order, status=201, answer=component("OrderSummary"), secured=True,
        errors=(409,),
    ),
    Operation(
        method="GET", path="/orders", name="orders", summary="My orders, newest first.",
        handler=_orders, query=PAGING, answer=list_of(component("OrderSummary")), secured=True,
        errors=(400,),
    ),
    Operation(
        method="GET", path="/orders/{id}", name="order", summary="One of my orders.",
        handler=_order, answer=component("Order"), secured=True, errors=(400, 404),
    ),
    Operation(
        method="GET", path="/healthz", name="health", summary="Whether the shop is up.",
        handler=_health, answer=component("Health"),
    ),
    Operation(
        method="GET", path="/metrics", name="metrics", summary="Prometheus metrics.",
        handler=_metrics, media_type="text/plain",
    ),
    Operation(
        method="GET", path="/openapi.json", name="openapi", summary="This API as OpenAPI 3.1.",
        handler=_openapi, answer={"type": "object"},
    ),
)  # fmt: skip
