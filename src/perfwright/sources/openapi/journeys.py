"""Which operations make up which journey.

    a resource with a life           create, read, work with, update, list, delete
    a resource that is only read     list, read one of the list
    lone operations                  those of a tag together

Left out, and told: what is deprecated; a deletion of what the journey did not make; the login (it
is in `user_start`) and the logout; what watches the API itself (`/metrics`). Of a document that
holds more than MAX_JOURNEYS, the resources with the fullest lives are taken, and the others told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from perfwright.model.journey import Call, Item, Journey, Pause
from perfwright.model.think import Uniform
from perfwright.sources.drafting.names import Names
from perfwright.sources.openapi.api import Api
from perfwright.sources.openapi.laying import Laying
from perfwright.sources.openapi.naming import words_of
from perfwright.sources.openapi.notes import shown
from perfwright.sources.openapi.operations import Operation
from perfwright.sources.openapi.resources import Resource, key_of

MAX_JOURNEYS = 12
MAX_CHOSEN = 40
"""Of what the user chose by tag or path."""
MAX_OPERATIONS = 10
"""Of one journey, besides those that it needs first."""
_LONE_TOGETHER = 6
_THINK = Pause(Uniform(1.0, 3.0))
_READ_WEIGHT = 3.0
_BASKETS = {"cart", "basket", "bag", "trolley"}
_OF_A_BASKET = {"order", "orders", "checkout", "purchase", "purchases", "payment", "payments"}


@dataclass(frozen=True, slots=True)
class _Plan:
    """`words`: of the resource, or of the tag of lone operations. `operations`: in order."""

    words: str
    operations: tuple[Operation, ...]
    are_lone: bool = False


def journeys_of(api: Api, *, chosen: bool) -> tuple[Journey, ...]:
    """`chosen`: the operations are those that the user asked for."""
    plans = _bounded(list(_plans(api)), MAX_CHOSEN if chosen else MAX_JOURNEYS, api)
    placed: set[str] = set()
    journeys = []
    names = Names()
    for plan in plans:
        laying = Laying(api)
        for one in _with_basket(plan, api):
            if one.method != "DELETE" or _is_own(one, laying, api):
                laying.lay(one)
        _clean_up(laying, api)
        calls = laying.calls()
        placed.update(call.name for call in calls)
        if calls:
            journeys.append(_journey(plan, calls, names))
    _tell_unplaced(plans, placed, api)
    return tuple(journeys)


def _plans(api: Api) -> Iterator[_Plan]:
    lone: dict[str, list[Operation]] = {}
    for resource in api.resources.values():
        usable = [one for one in resource.operations() if one.name in api.usable]
        if not usable:
            continue
        if len(usable) == 1:
            lone.setdefault(usable[0].tag, []).append(usable[0])
            continue
        for part in _parts(resource, usable):
            yield _Plan(" ".join(resource.words) or "visit", part)
    for tag, operations in lone.items():
        for start in range(0, len(operations), _LONE_TOGETHER):
            part = tuple(operations[start : start + _LONE_TOGETHER])
            words = words_of(tag or part[0].path.partition("{")[0])
            yield _Plan(" ".join(words) or "visit", part, are_lone=True)


def _parts(resource: Resource, usable: Sequence[Operation]) -> Iterator[tuple[Operation, ...]]:
    """All of a resource, or the life of its things first and then what is inside of them."""
    if len(usable) <= MAX_OPERATIONS:
        yield tuple(usable)
        return
    inside = [one for one in usable if one in resource.inside]
    life = [one for one in usable if one not in inside]
    for group in (life, inside):
        for start in range(0, len(group), MAX_OPERATIONS):
            yield tuple(group[start : start + MAX_OPERATIONS])


def _bounded(plans: list[_Plan], most: int, api: Api) -> list[_Plan]:
    if len(plans) <= most:
        return plans
    ranked = sorted(plans, key=_fullness, reverse=True)[:most]
    kept = [plan for plan in plans if plan in ranked]
    total = sum(len(plan.operations) for plan in plans)
    placed = sum(len(plan.operations) for plan in kept)
    api.notes.add(
        f"The document has {total:,} usable operations; the file holds {most} journeys "
        f"with {placed:,} of them, those of the resources with the fullest lives. Choose others by "
        "tag or path (--only)."
    )
    return kept


def _fullness(plan: _Plan) -> int:
    """How many of the steps of a life a journey has; one that begins at the top counts more."""
    methods = {one.method for one in plan.operations}
    reads = any(one.method == "GET" and one.path_parameters for one in plan.operations)
    deep = max(len(one.path_parameters) for one in plan.operations)
    return 4 * len(methods) + 2 * reads + min(len(plan.operations), 6) - deep


def _with_basket(plan: _Plan, api: Api) -> Iterable[Operation]:
    """An order without a body is made of what was put into a basket before."""
    for one in plan.operations:
        words = set(words_of(one.path))
        if one.method == "POST" and one.body is None and words & _OF_A_BASKET:
            yield from _basket(api)
        yield one


def _basket(api: Api) -> Iterator[Operation]:
    for resource in api.resources.values():
        if set(resource.words) & _BASKETS:
            inside = (*resource.creates, *resource.inside)
            yield from (one for one in inside if one.method == "POST")


def _is_own(deletion: Operation, laying: Laying, api: Api) -> bool:
    """Whether the journey made what this deletes. A whole collection never is its own."""
    key = key_of(deletion.path)
    if key.endswith("}"):
        return laying.made(deletion)
    steps = [(step.operation.method, key_of(step.operation.path)) for step in laying.steps]
    resource = api.resources.get(key)
    is_collection = "{}" not in key or (resource is not None and bool(resource.reads))
    return ("PUT", key) in steps or (("POST", key) in steps and not is_collection)


def _clean_up(laying: Laying, api: Api) -> None:
    """Deletes what had to be made for the journey only, the last first."""
    for step in reversed(list(laying.steps)):
        if step.operation.method != "POST":
            continue
        resource = api.resources.get(key_of(step.operation.path))
        for deletion in resource.deletes if resource is not None else ():
            if laying.knows(key_of(deletion.path)) and laying.made(deletion):
                laying.lay(deletion)


def _journey(plan: _Plan, calls: Sequence[Call], names: Names) -> Journey:
    items: list[Item] = []
    for call in calls:
        items += [_THINK, call] if items else [call]
    only_reads = all(call.method in ("GET", "HEAD") for call in calls)
    verb = "" if plan.are_lone else "browse " if only_reads else "work with "
    name = names.new(f"{verb}{plan.words}", pattern="{} {}")
    return Journey(name=name, weight=_READ_WEIGHT if only_reads else 1.0, items=tuple(items))


def _tell_unplaced(plans: Sequence[_Plan], placed: set[str], api: Api) -> None:
    planned = {one.name for plan in plans for one in plan.operations}
    unplanned: Counter[str] = Counter()
    for resource in api.resources.values():
        for one in resource.operations():
            if one.name in placed or one.name not in api.usable:
                continue
            if one.name not in planned:
                unplanned[one.tag or one.path.split("/")[1]] += 1
            elif one.method == "DELETE":
                api.notes.of(
                    "Left out, since they would delete what the test did not make", one.name
                )
            else:
                api.notes.of("Left out, since what they need can't be had", one.name)
    if unplanned:
        by_tag = ", ".join(f"{shown(tag)} ({count:,})" for tag, count in unplanned.most_common(100))
        api.notes.add(f"Operations that are not in the file, by tag: {by_tag}")
