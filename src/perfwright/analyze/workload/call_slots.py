"""What of a call a session may carry from step to step: the values of its path and of its query.

    /users/{user_id}/orders/{order_id}?page=2

    taken over         user_id and order_id together, page by itself
    for others, too    user_id, order_id; of longer paths also the first few together

The values of a path belong together (the order is of that user), those of a query hardly do. Only
parameters that are a column of the call's data file are looked at, under a name without escapes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from perfwright.analyze.workload.sorting import EndpointForm
from perfwright.analyze.workload.template_names import NamedSlot
from perfwright.model.traffic import ValuePlace
from perfwright.model.workload import Endpoint

_IDS = frozenset({"integer", "uuid", "hash", "date"})
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_MOST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSlot:
    """`parameters` of `endpoint`, which are `variables` of the draft. `is_whole`: nothing belongs
    to it but these, so that the call may take it over. `is_id`: of a kind that no encoding changes,
    so that a path's value may become a query's, and the other way round."""

    place: ValuePlace
    endpoint: str
    parameters: tuple[str, ...]
    variables: tuple[str, ...]
    is_whole: bool
    is_id: bool


def call_slots(
    number: int,
    form: EndpointForm,
    endpoint: Endpoint,
    varying: Sequence[str],
    variables: Sequence[str],
) -> list[CallSlot]:
    """`number`: the endpoint's. `varying`: parameters of the query. `variables`: of the path, then
    of these."""
    slots = form.slots
    segments = [
        (place, piece.prefix, piece.suffix)
        for place, piece in enumerate(form.pieces)
        if isinstance(piece, NamedSlot)
    ]
    found = [
        CallSlot(
            place=ValuePlace(endpoint=number, segments=tuple(segments[low:high])),
            endpoint=endpoint.name,
            parameters=tuple(slot.name for slot in slots[low:high]),
            variables=tuple(variables[low:high]),
            is_whole=high - low == len(slots),
            is_id=all(slot.kind in _IDS for slot in slots[low:high]),
        )
        for low, high in _parts(len(slots))
    ]
    kinds = {one.name: one.kind for one in endpoint.parameters if one.where == "query"}
    found += [
        CallSlot(
            place=ValuePlace(endpoint=number, parameter=name),
            endpoint=endpoint.name,
            parameters=(name,),
            variables=(variable,),
            is_whole=True,
            is_id=kinds.get(name) in _IDS,
        )
        for name, variable in zip(varying, variables[len(slots) :], strict=False)
        if _PLAIN_NAME.fullmatch(name)
    ]
    return found[:_MOST]


def _parts(slots: int) -> list[tuple[int, int]]:
    """All of a path's values, each alone, and the first few together."""
    alone = [(place, place + 1) for place in range(slots)]
    first = [(0, end) for end in range(2, slots)]
    return list(dict.fromkeys([(0, slots), *alone, *first])) if slots else []
