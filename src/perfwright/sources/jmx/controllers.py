"""Logic controllers as the items of a journey.

    Simple, Transaction, Recording    a group          Loop               a repeat
    Once Only                         once a user      Random, Interleave one of several
    Throughput (percent)              sometimes        Module, Include    what they point to

What decides by a condition (If, While, ForEach, Switch) decides by values that only a run knows:
its requests are kept, made once, and a note says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from perfwright.model.journey import Group, Item, OneOf, Repeat, Sometimes
from perfwright.sources.drafting.names import clean
from perfwright.sources.jmx.ledger import Ledger
from perfwright.sources.jmx.tree import Element
from perfwright.sources.jmx.variables import Variables

Items = tuple[Item, ...]
Ways = tuple[tuple[Element, Items], ...]
"""What each child of a controller comes to."""

CONTROLLERS = frozenset(
    {
        "GenericController", "TransactionController", "RecordingController", "LoopController",
        "IfController", "WhileController", "ForeachController", "SwitchController",
        "RandomController", "RandomOrderController", "InterleaveControl", "ThroughputController",
        "RunTime", "CriticalSectionController", "ParallelSampler", "ParallelController",
        "WeightedSwitchController",
    }
)  # fmt: skip
_MOST_LOOPS = 1_000_000
_UNNAMED = re.compile(r"(?:simple|recording|generic) ?controller(?: \d+)?", re.IGNORECASE)
_KEPT = {
    "WhileController": "repeats while a condition holds: its requests are made once",
    "ForeachController": "repeats for each of several variables: its requests are made once",
    "RunTime": "repeats for a time: its requests are made once",
    "RandomOrderController": "shuffles its requests: they are made in order",
    "CriticalSectionController": "lets one thread in at a time: the test lets all in",
    "ParallelSampler": "makes its requests at once: they are made in order",
    "ParallelController": "makes its requests at once: they are made in order",
}


def items_of(element: Element, ways: Ways, variables: Variables, ledger: Ledger) -> Items:
    """`ways` in the order of the tree; every one of a disabled or condition-less kind is there."""
    ledger.translated(element)
    items = tuple(item for _, way in ways for item in way)
    translate = _TRANSLATED.get(element.kind)
    if not items:
        return ()
    if translate is not None:
        return translate(element, ways, items, variables, ledger)
    ledger.told(element, _KEPT.get(element.kind, "is not translated: its requests are made once"))
    return items


def _group(element: Element, _: Ways, items: Items, *__: object) -> Items:
    if _UNNAMED.fullmatch(element.name):
        return items
    return (Group(element.name, items),)


def _loop(element: Element, _: Ways, items: Items, variables: Variables, ledger: Ledger) -> Items:
    if element.flag("LoopController.continue_forever") or (
        element.text("LoopController.loops") == "-1"
    ):
        ledger.told(element, "repeats for ever: its requests are made once an iteration")
        return items
    times = int(variables.number(element.text("LoopController.loops", "1"), 1.0))
    if times <= 0:
        ledger.told(element, "repeats 0 times: its requests are left out")
        return ()
    return items if times == 1 else (Repeat(min(times, _MOST_LOOPS), items),)


def _if(element: Element, _: Ways, items: Items, variables: Variables, ledger: Ledger) -> Items:
    condition = (variables.literal(element.raw("IfController.condition")) or "").strip().lower()
    if condition == "false":
        ledger.told(element, "has the condition false: its requests are left out")
        return ()
    if condition != "true":
        said = clean(element.raw("IfController.condition"), "nothing")
        ledger.told(element, f"has a condition ({said}): its requests are always made")
    return items


def _one_of(element: Element, ways: Ways, _: Items, __: Variables, ledger: Ledger) -> Items:
    filled = tuple((1.0, way) for _, way in ways if way)
    if element.kind == "InterleaveControl":
        ledger.told(element, "takes its children in turn: one is taken at random")
    return filled[0][1] if len(filled) == 1 else (OneOf(filled),)


def _switch(element: Element, ways: Ways, _: Items, variables: Variables, ledger: Ledger) -> Items:
    value = variables.literal(element.text("SwitchController.value", "0"))
    if value is not None and not re.search(r"\$\{", element.raw("SwitchController.value")):
        place = int(value) if value.isdigit() and len(value) < 9 else -1
        named = [way for child, way in ways if child.name == value]
        default = [way for child, way in ways if child.name.lower() == "default"]
        by_place = [ways[place][1]] if 0 <= place < len(ways) else []
        chosen = named or by_place or default or [ways[0][1]]
        ledger.told(element, f"always takes {clean(value, 'the first')!r}: the others are left out")
        return chosen[0]
    ledger.told(element, "chooses by a value: one of its children is taken at random")
    filled = tuple((1.0, way) for _, way in ways if way)
    return filled[0][1] if len(filled) == 1 else (OneOf(filled),)


def _weighted(element: Element, ways: Ways, _: Items, variables: Variables, __: Ledger) -> Items:
    weights = {}
    for row in element.rows("Weights") or element.rows("weights"):
        cells = [cell.text for cell in row.inner]
        if len(cells) >= 2:
            weights[clean(cells[0], "")] = max(variables.number(cells[1], 1.0), 0.0)
    filled = tuple((weights.get(child.name, 1.0), way) for child, way in ways if way)
    chosen = tuple((weight, way) for weight, way in filled if weight > 0)
    return (OneOf(chosen),) if chosen else ()


def _throughput(
    element: Element, _: Ways, items: Items, variables: Variables, ledger: Ledger
) -> Items:
    if element.text("ThroughputController.style", "0") != "1":
        limit = clean(element.text("ThroughputController.maxThroughput", "?"), "?")
        ledger.told(element, f"runs {limit} times in all: its requests are made each time")
        return items
    raw = element.text("ThroughputController.percentThroughput", "100")
    probability = min(max(variables.number(raw, 100.0) / 100.0, 0.0), 1.0)
    if probability >= 1.0:
        return items
    return (Sometimes(probability, items),) if probability > 0 else ()


_Translated = Callable[[Element, Ways, Items, Variables, Ledger], Items]
_TRANSLATED: dict[str, _Translated] = {
    "GenericController": _group,
    "TransactionController": _group,
    "RecordingController": _group,
    "LoopController": _loop,
    "IfController": _if,
    "RandomController": _one_of,
    "InterleaveControl": _one_of,
    "SwitchController": _switch,
    "WeightedSwitchController": _weighted,
    "ThroughputController": _throughput,
}
