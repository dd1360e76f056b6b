"""What is checked of an answer: the documented status, and the shape of a JSON body as far as its
schema demands it: the type of the whole, and the required properties at its top."""

from __future__ import annotations

import re
from collections.abc import Iterator

from perfwright.model.journey import Expectation
from perfwright.model.json_pointer import pointer_to
from perfwright.sources.openapi.operations import Operation
from perfwright.sources.openapi.schemas import Schemas

_MAX_PROPERTIES = 3
_SHORT_ID = re.compile(r"[A-Za-z][\w./-]{2,40}")
"""An operation's id that is a shorter name for its checks than method and path."""


def checks_of(operation: Operation, schemas: Schemas) -> tuple[Expectation, ...]:
    return tuple(_checks(operation, schemas))


def _checks(operation: Operation, schemas: Schemas) -> Iterator[Expectation]:
    name = operation.id if _SHORT_ID.fullmatch(operation.id) else operation.name
    statuses = (one.status for one in operation.answers if one.status is not None)
    good = tuple(status for status in statuses if status < 300)  # redirects are followed
    if good:
        said = " or ".join(map(str, good))
        yield Expectation(f"{name} answers {said}", "status", good)
    answer = operation.answer
    if answer is None or answer.schema is None or len({one for one in good if one != 204}) > 1:
        return  # which of several statuses comes is not known, so neither is the body
    flat = schemas.flat(answer.schema)
    kind = flat.types[0] if len(flat.types) == 1 else ""
    if kind == "array" or (kind == "object" and not flat.required):
        yield Expectation(f"{name} answers an {kind}", "json_type", ("", kind))
    if kind in ("object", "") and flat.required:
        kept = [one for one in flat.required if one in flat.properties][:_MAX_PROPERTIES]
        if kept:
            pointers = tuple(pointer_to((one,)) for one in kept)
            yield Expectation(f"{name} has {', '.join(kept)}", "json_has", pointers)
