"""Rounds of several clients in turn, and what the CPU of one is beside that of another.

A slow minute of a shared machine hits every client of the same round, so costs are compared round
by round: the ratio is the median of the rounds' ratios, and their range is its uncertainty.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from clients import Sample
from figure import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A ratio to stay below (`at_most`) or to reach."""

    value: float
    at_most: bool = True

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.value:g}"

    def met_by(self, ratio: float) -> bool:
        return ratio <= self.value if self.at_most else ratio >= self.value


def in_turn(rounds: int, clients: Mapping[str, Callable[[], Sample]]) -> dict[str, list[Sample]]:
    """`rounds` times: every client once, one after the other. Progress goes to stderr."""
    samples: dict[str, list[Sample]] = {name: [] for name in clients}
    for number in range(1, rounds + 1):
        for name, client in clients.items():
            sample = client()
            samples[name].append(sample)
            print(
                f"  round {number}  {name:<12} {sample.cpu_us:8.2f} µs CPU/request "
                f"{sample.per_s:10,.0f}/s  (tree {sample.tree_cpu_us:.2f} µs)",
                file=sys.stderr,
            )
    return samples


def cpu_row(
    figure: str, ours: Sequence[Sample], peer: Sequence[Sample], bar: Bar | None = None
) -> Row:
    """CPU a request; the ratio is ours ÷ peer's, or its inverse for a bar to reach."""
    ratios = [one.cpu_us / other.cpu_us for one, other in zip(ours, peer, strict=True)]
    if bar and not bar.at_most:
        ratios = [1 / ratio for ratio in ratios]
    ratio = statistics.median(ratios)
    tree_us = statistics.median(sample.tree_cpu_us for sample in ours)
    return Row(
        figure=figure,
        unit="µs CPU/request",
        ours=statistics.median(sample.cpu_us for sample in ours),
        peer=statistics.median(sample.cpu_us for sample in peer),
        ratio=ratio,
        bar=str(bar) if bar else "",
        met=bar.met_by(ratio) if bar else None,
        note=f"rounds {min(ratios):.2f}–{max(ratios):.2f}; ours with start-up {tree_us:.2f} µs",
    )
