"""How long the command line takes to say anything: `perfwright --help` against `python -c pass`."""

from __future__ import annotations

import statistics
import sys

from clients import PERFWRIGHT, ClientError
from figure import Row, Settings
from processes import run_pinned

BAR = 6


def measure(settings: Settings) -> list[Row]:
    commands = {"ours": [str(PERFWRIGHT), "--help"], "python": [sys.executable, "-c", "pass"]}
    wall_ms: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(5 if settings.quick else 25):
        for name, command in commands.items():
            finished = run_pinned(command)
            if finished.exit_code:
                raise ClientError(f"{command}: {finished.stderr[-500:]}")
            wall_ms[name].append(finished.wall_s * 1e3)
    ours_ms, python_ms = (statistics.median(wall_ms[name]) for name in commands)
    return [
        Row(
            figure="perfwright --help ÷ python -c pass",
            unit="ms wall",
            ours=ours_ms,
            peer=python_ms,
            ratio=ours_ms / python_ms,
            bar=f"≤ {BAR}",
            met=ours_ms / python_ms <= BAR,
        )
    ]
