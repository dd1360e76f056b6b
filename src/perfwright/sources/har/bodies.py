"""Bodies of requests: taken apart into slots, and put together again with variables in them.

    application/json                    a slot a leaf, by its JSON pointer
    application/x-www-form-urlencoded   a slot a field
    multipart/form-data                 a slot a field; files keep their names, not their content
    anything else                       one slot

A body that a Python literal could not give back as it was (a key twice, NaN) stays text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote_plus

from perfwright.model.journey import Body, Value
from perfwright.model.json_pointer import pointer_to
from perfwright.sources.correlation.exchanges import Slot
from perfwright.sources.har.entries import Posted

_LARGEST_JSON = 2_000_000
_DEEPEST = 60
_BOUNDARY = re.compile(r"boundary=\"?([^\";,\s]+)", re.IGNORECASE)
_DISPOSITION = re.compile(r'\b(name|filename)="([^"]*)"')

Fill = Callable[[Hashable, Value], Value]
"""What stands at a slot's key, given what was recorded there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A body as it was recorded. `value`: JSON | pairs | parts | text, as `model.journey.Body` has
    them."""

    kind: Literal["json", "form", "text", "multipart"]
    value: Any

    def slots(self) -> Iterator[Slot]:
        if self.kind == "json":
            yield from _leaves(self.value, ())
        elif self.kind == "text":
            yield Slot(key=("body",), name="", value=self.value)
        else:
            for index, part in enumerate(self.value):
                if len(part) == 2:
                    yield Slot(key=("body", index), name=part[0], value=part[1])

    def body(self, fill: Fill) -> Body:
        if self.kind == "json":
            return Body("json", _filled(self.value, (), fill))
        if self.kind == "text":
            return Body("text", fill(("body",), self.value))
        pairs = (
            (part[0], fill(("body", index), part[1])) if len(part) == 2 else part
            for index, part in enumerate(self.value)
        )
        return Body(self.kind, tuple(pairs))


def sent_of(posted: Posted | None) -> Sent | None:
    """None where nothing was carried, as far as the recording tells."""
    if posted is None or not (posted.text or posted.parts):
        return None
    mime = posted.mime.lower()
    if "multipart/" in mime:
        return _multipart(posted)
    if "x-www-form-urlencoded" in mime:
        return _form(posted)
    if posted.text.lstrip()[:1] in ("{", "[") and len(posted.text) <= _LARGEST_JSON:
        try:
            value = json.loads(posted.text, object_pairs_hook=_unique, parse_constant=_no_constant)
            return Sent(kind="json", value=value) if _depth_is_sound(value) else _as_text(posted)
        except (ValueError, RecursionError):
            return _as_text(posted)
    return _as_text(posted)


def _as_text(posted: Posted) -> Sent | None:
    return Sent(kind="text", value=posted.text) if posted.text else None


def _form(posted: Posted) -> Sent | None:
    """From the text where there is one: writers disagree whether `params` are decoded."""
    if posted.text:
        pairs = parse_qsl(posted.text, keep_blank_values=True)
        return Sent(kind="form", value=tuple(pairs)) if pairs else _as_text(posted)
    encoded = any("%" in value for _, value, _, _ in posted.parts)
    plain = unquote_plus if encoded else str
    return Sent(
        kind="form", value=tuple((plain(name), plain(value)) for name, value, _, _ in posted.parts)
    )


def _multipart(posted: Posted) -> Sent | None:
    parts = posted.parts or tuple(_split_parts(posted))
    if not parts:
        return _as_text(posted)
    told = (
        (name, file, value, mime or "application/octet-stream") if file else (name, value)
        for name, value, file, mime in parts
    )
    return Sent(kind="multipart", value=tuple(told))


def _split_parts(posted: Posted) -> Iterator[tuple[str, str, str, str]]:
    boundary = _BOUNDARY.search(posted.mime)
    for chunk in posted.text.split(f"--{boundary[1]}")[1:-1] if boundary else ():
        head, _, content = chunk.replace("\r\n", "\n").strip("\n").partition("\n\n")
        told = dict(_DISPOSITION.findall(head))
        mime = re.search(r"(?im)^content-type:\s*(\S+)", head)
        if "name" in told:
            yield told["name"], content, told.get("filename", ""), mime[1] if mime else ""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _depth_is_sound(value: object, deep: int = 0) -> bool:
    if deep > _DEEPEST:
        return False
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(_depth_is_sound(one, deep + 1) for one in inner)


def _leaves(value: object, keys: tuple[str, ...]) -> Iterator[Slot]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(one, (*keys, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _leaves(one, (*keys, str(index)))
    elif isinstance(value, (str, int)) and not isinstance(value, bool):
        name = next((key for key in reversed(keys) if not key.isdigit()), "")
        kind: Literal["text", "number"] = "text" if isinstance(value, str) else "number"
        yield Slot(key=("body", pointer_to(keys)), name=name, value=str(value), kind=kind)


def _filled(value: Any, keys: tuple[str, ...], fill: Fill) -> Value:
    if isinstance(value, dict):
        return {key: _filled(one, (*keys, key), fill) for key, one in value.items()}
    if isinstance(value, list):
        return tuple(_filled(one, (*keys, str(index)), fill) for index, one in enumerate(value))
    filled: Value = fill(("body", pointer_to(keys)), value)
    return filled
