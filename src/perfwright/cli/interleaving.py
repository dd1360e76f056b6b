"""The options of `perfwright compare --interleave`, and the measurement they ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from perfwright.workflow.compare import Compared

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--interleave",
        metavar="TEST.py",
        help="Run this test against two targets in turn, so that drift of the machine cancels.",
    ),
    click.option("--base-target", metavar="URL", help="Where the base answers; to interleave."),
    click.option(
        "--candidate-target", metavar="URL", help="Where the candidate answers; to interleave."
    ),
    click.option(
        "--rounds",
        type=click.IntRange(min=3),
        default=6,
        show_default=True,
        help="Each is base, candidate, candidate, base; to interleave.",
    ),
    click.option(
        "--for",
        "slot",
        default="5s",
        show_default=True,
        metavar="TIME",
        help="Length of one turn; to interleave.",
    ),
    click.option(
        "--allow-target",
        "allow_targets",
        multiple=True,
        metavar="HOST",
        help="Allow this public host to be loaded; to interleave. Repeatable.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InterleaveArguments:
    """What was given; `slot` still as text."""

    interleave: str | None
    base_target: str | None
    candidate_target: str | None
    rounds: int
    slot: str
    allow_targets: tuple[str, ...]


def interleave_options(function: F) -> F:
    """All options above, in their order."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def interleaved(
    given: InterleaveArguments, store: Path, command: tuple[str, ...], *, margin: float
) -> Compared:
    """The comparison, once both targets were measured. UsageError for what cannot be."""
    from perfwright.cli.errors import say
    from perfwright.model.errors import UsageError
    from perfwright.plan.fields import optional_duration
    from perfwright.plan.loader import load_test
    from perfwright.plan.overrides import Overrides
    from perfwright.workflow.interleave import interleave
    from perfwright.workflow.options import RunOptions

    assert given.interleave is not None
    targets = {"--base-target": given.base_target, "--candidate-target": given.candidate_target}
    for option, target in targets.items():
        if not target:
            raise UsageError(f"{option}: --interleave needs both targets; add {option} URL")
    slot_s = optional_duration("--for", given.slot)
    base, candidate = (
        load_test(given.interleave, overrides=Overrides(target=target, duration_s=slot_s))
        for target in targets.values()
    )
    options = RunOptions(store=store, allow_targets=given.allow_targets, command=command, say=say)
    return interleave((base, candidate), options, rounds=given.rounds, margin=margin)
