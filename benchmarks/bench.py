"""Perfwright's figures beside its peers': `python benchmarks/bench.py [--quick] [FIGURE…]`.

Every client runs alone on one core with the server alone on another, in turn, several rounds; the
median counts. CPU a request (user + system) comes first, since throughput on a shared machine moves
by half from run to run while CPU a request hardly does. Prints one table and writes all of it as
JSON to benchmarks/results/. Exit code 0 when every figure was measured, 1 when one could not be; a
bar that was missed is shown, and is no failure: this is a measurement, not a test.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from figure import FULL, QUICK, Row, Settings, print_table
from figures import (
    arrivals,
    delay,
    flat,
    importing,
    journey,
    locust,
    logs,
    stall,
    startup,
    thinking,
    tls,
    url,
    watching,
)
from processes import CLIENT_CORE, SERVER_CORE

FIGURES = {
    "url": url.measure,
    "journey": journey.measure,
    "locust": locust.measure,
    "tls": tls.measure,
    "arrivals": arrivals.measure,
    "delay": delay.measure,
    "stall": stall.measure,
    "thinking": thinking.measure,
    "flat": flat.measure,
    "startup": startup.measure,
    "watching": watching.measure,
    "importing": importing.measure,
    "logs": logs.measure,
}
RESULTS = Path(__file__).resolve().parent / "results"


def main() -> int:
    parser = argparse.ArgumentParser(description="Perfwright's figures beside its peers'.")
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=", ".join(FIGURES))
    parser.add_argument("--quick", action="store_true", help="one short round of each")
    options = parser.parse_args()
    if unknown := set(options.figures) - set(FIGURES):
        parser.error(f"no figure {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
    os.sched_setaffinity(0, {SERVER_CORE})
    settings = QUICK if options.quick else FULL
    rows = [row for name in options.figures or FIGURES for row in _measured(name, settings)]
    print_table(rows)
    print("written to", _write(rows, settings))
    return 1 if any(row.ours is None for row in rows) else 0


def _measured(name: str, settings: Settings) -> list[Row]:
    """The figure's rows, or one that says why there are none: the other figures still count."""
    print(name, file=sys.stderr)
    try:
        return FIGURES[name](settings)
    except (RuntimeError, OSError, KeyError, ValueError, subprocess.CalledProcessError) as error:
        return [Row(figure=name, note=f"not measured: {type(error).__name__}: {error}")]


def _write(rows: list[Row], settings: Settings) -> Path:
    now = datetime.datetime.now(datetime.UTC)
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    document = {
        "measured_at": now.isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "quick": settings.quick,
        "host": {
            "cpu": _cpu_model(),
            "kernel": platform.release(),
            "python": platform.python_version(),
            "cores": {"server": SERVER_CORE, "client": CLIENT_CORE},
        },
        "figures": [row.as_json() for row in rows],
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return path


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    sys.exit(main())
