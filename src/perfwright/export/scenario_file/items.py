"""The items of a journey (tidied) as statements: calls, pauses, groups, loops and choices.

    Group("checkout", …)      async with user.step("checkout"):
    Repeat(3, …)              for _ in range(3):
    Sometimes(0.3, …)         if user.rng.random() < 0.3:
    OneOf(((2, …), (1, …)))   draw = user.rng.random()
                              if draw < 0.6667: … else: …

A group that holds nothing but another becomes one statement with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.export.scenario_file.calls import write_call
from perfwright.export.scenario_file.layout import Block, Bracket, call
from perfwright.export.scenario_file.literals import rounded
from perfwright.export.scenario_file.scope import Scope
from perfwright.export.scenario_file.thinking import in_journey
from perfwright.export.scenario_file.values import string_node
from perfwright.model.journey import Call, Group, Item, OneOf, Pause, Repeat, Sometimes


def write_items(items: Sequence[Item], scope: Scope, block: Block, name: str) -> None:
    """The statements of `items`; `name` is the journey's, for what has none of its own."""
    for item in items:
        match item:
            case Call():
                write_call(item, scope, block)
                continue
            case Pause(think):
                argument = in_journey(think, scope.file, name)
                block.statement("await ", call("user.think", argument))
                continue
            case OneOf():
                _write_choice(item, scope, block, name)
                continue
            case Group():
                inner = _open_group(item, block)
            case Repeat(times, inner):
                block.line(f"for _ in range({times}):")
            case Sometimes(probability, inner):
                block.line(f"if user.rng.random() < {rounded(probability)}:")
        write_items(inner, scope, block.inside(), name)


def _open_group(group: Group, block: Block) -> Sequence[Item]:
    """Writes the line that opens the group and those that it only consists of; what is in it."""
    names, items = [group.name], group.items
    while len(items) == 1 and isinstance(items[0], Group):
        names.append(items[0].name)
        items = items[0].items
    steps = [("", call("user.step", string_node(name))) for name in names]
    opened = steps[0][1] if len(steps) == 1 else Bracket("(", steps, ")", bare=True)
    block.statement("async with ", opened, ":")
    return items


def _write_choice(choice: OneOf, scope: Scope, block: Block, name: str) -> None:
    """The likeliest way first; an empty one at the end is what is left to do nothing."""
    total = sum(weight for weight, _ in choice.ways)
    block.line("draw = user.rng.random()")
    reached, word = 0.0, "if"
    for number, (weight, items) in enumerate(choice.ways, start=1):
        if not items:
            return
        reached += weight / total
        share = f"  # {weight / total:.0%}" if len(choice.ways) > 2 else ""
        last = number == len(choice.ways)
        block.line(f"else:{share}" if last else f"{word} draw < {rounded(reached)}:{share}")
        word = "elif"
        write_items(items, scope, block.inside(), name)
