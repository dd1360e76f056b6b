"""Reads what callers send: paging, ids and JSON bodies, each checked once, here.

Everything unfit is a ShopError 400 that names the field and its value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.requests import Request

from perfwright.lab.shop.errors import ShopError
from perfwright.lab.shop.paging import DEFAULT_SIZE, MAX_NUMBER, MAX_SIZE, Page

_MAX_ID = 2**31 - 1


def page_of(request: Request) -> Page:
    query = request.query_params
    return Page(
        number=_whole_number("page", query.get("page", "1"), 1, MAX_NUMBER),
        size=_whole_number("size", query.get("size", str(DEFAULT_SIZE)), 1, MAX_SIZE),
    )


def id_of(request: Request) -> int:
    return _whole_number("id", request.path_params["id"], 1, _MAX_ID)


async def json_object(request: Request) -> Mapping[str, object]:
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise _invalid(f"body: no JSON ({error})") from error
    if not isinstance(body, dict):
        raise _invalid("body: must be a JSON object")
    return body


def text_field(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise _invalid(f"{name}: must be a non-empty string")
    return value


def number_field(
    body: Mapping[str, object], name: str, *, default: int | None = None, highest: int = _MAX_ID
) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= highest:
        raise _invalid(f"{name}: {value!r} is no whole number in 1..{highest}")
    return value


def _whole_number(name: str, text: str, lowest: int, highest: int) -> int:
    if text.isascii() and text.isdigit() and lowest <= int(text[:12]) <= highest:
        return int(text)
    raise _invalid(f"{name}: {text!r} is no whole number in {lowest}..{highest}")


def _invalid(message: str) -> ShopError:
    return ShopError(400, "invalid_parameter", message)
