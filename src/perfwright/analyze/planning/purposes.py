"""What a test is for, and the kinds of test that this calls for: not every plan needs all six.

The kinds are those of `--kind` (docs/kinds.md); smoke and load belong to every purpose: the first
proves the scenario, the second is what all others are held against.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from perfwright.model.plan_page import Kind, Purpose

KINDS: tuple[Kind, ...] = ("smoke", "load", "stress", "spike", "soak", "breakpoint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """`aim`: what is to be known afterwards, in a sentence."""

    aim: str
    kinds: tuple[Kind, ...]


PURPOSES: Mapping[Purpose, Called] = {
    "general": Called(
        aim="Know whether the system holds its expected peak with its objectives met, how much "
        "more it holds, how it fails, and whether it lasts.",
        kinds=KINDS,
    ),
    "release": Called(
        aim="Decide whether a release may go out: it holds the expected peak no worse than the "
        "one before.",
        kinds=("smoke", "load", "stress"),
    ),
    "peak": Called(
        aim="Know whether the system survives a coming rush (a sale, a campaign, a deadline), and "
        "recovers from it.",
        kinds=("smoke", "load", "stress", "spike", "breakpoint"),
    ),
    "capacity": Called(
        aim="Know how much load the system holds, what limits it, and what more of it would cost.",
        kinds=("smoke", "load", "stress", "breakpoint"),
    ),
    "stability": Called(
        aim="Know whether the system stays fast and whole for hours: no leak, no tiring, no pile "
        "that grows.",
        kinds=("smoke", "load", "soak"),
    ),
}
