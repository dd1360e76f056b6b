"""OpenAPI documents of a few lines, and what is read from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from perfwright.model.journey import Call, Journey, ScenarioDraft, Text, Var
from perfwright.sources.openapi import OpenApiOptions, read_openapi

DATA = Path(__file__).parent.parent / "data" / "openapi"
OK: dict[str, Any] = {"200": {"description": "ok"}}


def document(paths: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "An API", "version": "1"},
        "servers": [{"url": "https://api.example.com"}],
        "paths": paths,
        **fields,
    }


def answers(schema: Any, status: int = 200) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {str(status): {"description": "ok", "content": content}}


def takes(schema: Any, media_type: str = "application/json", **fields: Any) -> dict[str, Any]:
    return {"required": True, "content": {media_type: {"schema": schema, **fields}}}


def drafted(given: Any, **options: Any) -> ScenarioDraft:
    content = given if isinstance(given, bytes) else json.dumps(given).encode()
    return read_openapi(content, options=OpenApiOptions(**options))


def drafted_file(name: str, **options: Any) -> ScenarioDraft:
    return read_openapi(DATA / name, options=OpenApiOptions(**options))


def calls(journey: Journey) -> list[Call]:
    return [item for item in journey.items if isinstance(item, Call)]


def all_calls(draft: ScenarioDraft) -> dict[str, Call]:
    """By name; of calls in several journeys the last."""
    return {call.name: call for journey in draft.journeys for call in calls(journey)}


def steps(draft: ScenarioDraft) -> dict[str, list[str]]:
    return {one.name: [call.name for call in calls(one)] for one in draft.journeys}


def url(call: Call) -> str:
    """With variables as `{name}`."""
    return said(call.url)


def said(value: Any) -> str:
    if isinstance(value, Var):
        return f"{{{value.name}}}"
    if isinstance(value, Text):
        return "".join(said(part) for part in value.parts)
    return str(value)


def sent(call: Call) -> Any:
    """The value of its body."""
    assert call.body is not None
    return call.body.value


def noted(draft: ScenarioDraft, beginning: str) -> str:
    """The note that begins so, or ""."""
    return next((note for note in draft.notes if note.startswith(beginning)), "")
