"""JSON schemas of what the shop takes and gives, the `components` of its OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping

from perfwright.lab.shop.paging import DEFAULT_SIZE, MAX_NUMBER, MAX_SIZE

Schema = Mapping[str, object]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 1}
CENTS: Schema = {"type": "integer", "minimum": 0}
UNIX_SECONDS: Schema = {"type": "integer", "description": "Unix time, seconds"}


def record(properties: Mapping[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), "required": required}


def list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def component(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_SUMMARY = {"id": COUNT, "title": TEXT, "category": TEXT, "price_cents": CENTS}
_LINE = {"id": COUNT, "title": TEXT, "quantity": COUNT, "price_cents": CENTS}
_ORDER = {"id": COUNT, "placed_at": UNIX_SECONDS, "status": TEXT, "total_cents": CENTS}

COMPONENTS: Mapping[str, Schema] = {
    "Credentials": record({"name": TEXT, "password": TEXT}),
    "Login": record({"token": TEXT, "user": record({"id": COUNT, "name": TEXT})}),
    "ItemSummary": record(_SUMMARY),
    "Item": record({**_SUMMARY, "description": TEXT, "stock": CENTS}),
    "CartLine": record({"id": COUNT, "quantity": {**COUNT, "default": 1}}, optional=("quantity",)),
    "Cart": record({"lines": list_of(record(_LINE)), "total_cents": CENTS}),
    "OrderSummary": record(_ORDER),
    "Order": record({**_ORDER, "lines": list_of(record(_LINE))}),
    "Health": record({"status": TEXT}),
    "Error": record({"error": record({"code": TEXT, "message": TEXT})}),
}

PAGING: Mapping[str, Schema] = {
    "page": {**COUNT, "maximum": MAX_NUMBER, "default": 1},
    "size": {**COUNT, "maximum": MAX_SIZE, "default": DEFAULT_SIZE},
}
SEARCH: Mapping[str, Schema] = {"q": TEXT, **PAGING}
