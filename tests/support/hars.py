"""HAR documents for tests, written as a browser would write them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from perfwright.model.journey import Call, Group, Item, ScenarioDraft

SITE = "https://shop.example"


def har(*entries: Mapping[str, Any], **log: object) -> bytes:
    """A document with these entries; `log`: more of its fields."""
    return json.dumps({"log": {"version": "1.2", "entries": entries, **log}}).encode()


def entry(
    method: str,
    url: str,
    *,
    at_s: float = 0.0,
    took_ms: float = 20.0,
    headers: Mapping[str, str] | None = None,
    body: object = None,
    mime: str = "application/json",
    status: int = 200,
    answer: object = None,
    answer_mime: str = "application/json",
    answer_headers: Sequence[tuple[str, str]] = (),
    **more: object,
) -> dict[str, Any]:
    """`url`: a path is one of SITE's. `body` and `answer`: text, or what is made JSON of."""
    request: dict[str, Any] = {
        "method": method,
        "url": url if "://" in url or url.startswith("data:") else SITE + url,
        "headers": _pairs((headers or {}).items()),
    }
    if body is not None:
        request["postData"] = {"mimeType": mime, "text": _text(body)}
    content: dict[str, Any] = {"mimeType": answer_mime}
    if answer is not None:
        content["text"] = _text(answer)
    minutes, seconds = divmod(at_s, 60)
    return {
        "startedDateTime": f"2026-11-23T10:{int(minutes):02}:{seconds:06.3f}Z",
        "time": took_ms,
        "request": request,
        "response": {
            "status": status,
            "headers": _pairs(answer_headers),
            "content": content,
            "redirectURL": "",
        },
        **more,
    }


def calls_of(draft: ScenarioDraft) -> list[Call]:
    """All calls of the journeys, resources after their page."""
    return [call for journey in draft.journeys for call in _calls(journey.items)]


def _calls(items: Sequence[Item]) -> Iterator[Call]:
    for item in items:
        if isinstance(item, Call):
            yield item
            yield from item.resources
        elif isinstance(item, Group):
            yield from _calls(item.items)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _pairs(pairs: Any) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
