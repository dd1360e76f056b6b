"""The OpenAPI 3.1 document of a list of operations (https://spec.openapis.org/oas/v3.1.0)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus

from perfwright.lab.shop.operation import Operation
from perfwright.lab.shop.schemas import COMPONENTS, COUNT, component


def openapi_document(operations: Iterable[Operation]) -> dict[str, object]:
    paths: dict[str, dict[str, object]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sample shop", "version": "1.0.0"},
        "paths": paths,
        "components": {
            "schemas": dict(COMPONENTS),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(operation: Operation) -> dict[str, object]:
    document: dict[str, object] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "responses": _responses(operation),
    }
    if parameters := _parameters(operation):
        document["parameters"] = parameters
    if operation.body is not None:
        document["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": operation.body}},
        }
    if operation.secured:
        document["security"] = [{"token": []}]
    return document


def _parameters(operation: Operation) -> list[dict[str, object]]:
    in_path: list[dict[str, object]] = [
        {"name": name, "in": "path", "required": True, "schema": COUNT}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]
    in_query: list[dict[str, object]] = [
        {"name": name, "in": "query", "required": "default" not in schema, "schema": schema}
        for name, schema in (operation.query or {}).items()
    ]
    return in_path + in_query


def _responses(operation: Operation) -> dict[str, object]:
    schema = operation.answer or {"type": "string"}
    responses: dict[str, object] = {
        str(operation.status): {
            "description": HTTPStatus(operation.status).phrase,
            "content": {operation.media_type: {"schema": schema}},
        }
    }
    refusals = {*operation.errors, *((401,) if operation.secured else ())}
    for status in sorted(refusals):
        responses[str(status)] = {
            "description": HTTPStatus(status).phrase,
            "content": {"application/json": {"schema": component("Error")}},
        }
    return responses
