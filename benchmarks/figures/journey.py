"""The Python journey beside wrk's plain GET, for this Python and the newest one on the machine."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from clients import ours, wrk
from figure import Row, Settings
from pythons import perfwright_by_python
from rounds import Bar, cpu_row, in_turn
from servers import nginx

JOURNEY = Path(__file__).resolve().parent.parent / "journeys" / "journey.py"
BAR = Bar(value=1.25)


def measure(settings: Settings) -> list[Row]:
    binaries = perfwright_by_python()
    with nginx() as base:
        clients = {
            python: partial(ours, JOURNEY, settings.seconds, "--target", base, binary=binary)
            for python, binary in binaries.items()
        }
        peer = {"wrk": partial(wrk, f"{base}/", settings.seconds)}
        samples = in_turn(settings.rounds, {**clients, **peer})
    return [
        cpu_row(f"journey ({python}) ÷ wrk's plain GET", samples[python], samples["wrk"], BAR)
        for python in binaries
    ]
