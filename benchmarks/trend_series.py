"""Are changes found, and only changes? `python benchmarks/trend_series.py`, minutes on one core.

    python benchmarks/trend_series.py [KIND …] [--series 40] [--seed 1000] [--no-peers] [--no-delay]

For each kind of labelled series, with white and with AR(1) noise, prints the mean F1 of changes of
ours beside Apache Otava, PELT (ruptures), a t-test as Perfherder's and reporting nothing; the F1 of
our anomalies; and the delay: rows after a step until it is first reported. Bar: nowhere less than
reporting nothing. The seeds below 1000 are for tuning, those from 1000 on for measuring. Peers are
installed into `.tools/trend-peers` once (`--no-peers` leaves them out). A missed bar is
shown, and is no failure.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from change_scores import MARGIN, Score, anomaly_score, change_score, mean_f1
from labelled_series import KINDS, Labelled, labelled
from trend_detectors import Detector, nothing, peer, perfwright, t_test, trend_of

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PEERS = ROOT / ".tools" / "trend-peers"
PACKAGES = ("apache-otava", "ruptures")
PHIS = (0.0, 0.6)
_AFTER = (4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40)
_DELAYED = 12


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--series", type=int, default=40, help="series of each kind and noise")
    parser.add_argument("--seed", type=int, default=1000, help="the first seed")
    parser.add_argument("--no-peers", action="store_true", help="leave Otava and ruptures out")
    parser.add_argument("--no-delay", action="store_true", help="leave the delay out")
    wanted = parser.parse_args(arguments)
    detectors: dict[str, Detector] = {"perfwright": perfwright}
    if not wanted.no_peers:
        python = peers_python()
        detectors |= {name: peer(python, name) for name in ("otava", "pelt")}
    detectors |= {"t-test": t_test, "nothing": nothing}
    seeds = range(wanted.seed, wanted.seed + wanted.series)
    figures = f1_figures(wanted.kinds or KINDS, seeds, detectors)
    delays = {} if wanted.no_delay else delay_figures(seeds[:_DELAYED], detectors)
    _print(figures, delays, list(detectors))
    RESULTS.mkdir(exist_ok=True)
    document = {"series": wanted.series, "seed": wanted.seed, "f1": figures, "delay": delays}
    (RESULTS / "trend_series.json").write_text(json.dumps(document, indent=1) + "\n")
    missed = [name for name, row in figures.items() if row["perfwright"] < row["nothing"]]
    if missed:
        Console().print(f"less than reporting nothing: {', '.join(missed)}")
    return 0


def f1_figures(
    kinds: Sequence[str], seeds: Sequence[int], detectors: Mapping[str, Detector]
) -> dict[str, dict[str, float]]:
    """By kind and noise, of each detector; `anomalies`: ours. Every detector is asked once."""
    rows = [(kind, phi) for kind in kinds for phi in PHIS]
    many = [labelled(kind, phi=phi, seed=seed) for kind, phi in rows for seed in seeds]
    figures: dict[str, dict[str, float]] = {f"{kind} φ={phi}": {} for kind, phi in rows}
    for name, detect in detectors.items():
        print(f"  asking {name} about {len(many)} series", file=sys.stderr)
        found = detect(many)
        scores = [change_score(one.changes, f) for one, f in zip(many, found, strict=True)]
        for number, row in enumerate(figures.values()):
            row[name] = mean_f1(scores[number * len(seeds) : (number + 1) * len(seeds)])
    anomalies = [_anomalies(one) for one in many]
    for number, row in enumerate(figures.values()):
        row["anomalies"] = mean_f1(anomalies[number * len(seeds) : (number + 1) * len(seeds)])
    return figures


def delay_figures(seeds: Sequence[int], detectors: Mapping[str, Detector]) -> dict[str, float]:
    """Median rows after a step of white noise until it is reported; never: the last of `_AFTER`
    doubled."""
    cases = [labelled("small", phi=0.0, seed=seed) for seed in seeds]
    cases += [labelled("steps", phi=0.0, seed=seed) for seed in seeds]
    figures = {}
    for name, detect in detectors.items():
        if name != "nothing":
            figures[name] = statistics.median(_delays(cases, detect))
    return figures


def _delays(cases: Sequence[Labelled], detect: Detector) -> list[float]:
    delays = [2.0 * _AFTER[-1]] * len(cases)
    for after in reversed(_AFTER):
        cut = [replace(one, values=one.values[: one.changes[0] + after]) for one in cases]
        for number, found in enumerate(detect(cut)):
            if any(abs(row - cases[number].changes[0]) <= MARGIN for row in found):
                delays[number] = float(after)
    return delays


def _anomalies(series: Labelled) -> Score:
    spans = [(one.start_index, one.end_index) for one in trend_of(series).anomalies]
    return anomaly_score(series.anomalies, spans)


def peers_python() -> Path:
    """The interpreter of the peers' environment, which is made at first use."""
    python = PEERS / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    return python


def _print(
    figures: Mapping[str, Mapping[str, float]], delays: Mapping[str, float], names: Sequence[str]
) -> None:
    table = Table(title=f"F1 of changes, within {MARGIN} rows")
    for title in ("series", *names, "our anomalies"):
        table.add_column(title, justify="left" if title == "series" else "right")
    for name, row in figures.items():
        table.add_row(name, *(f"{row[n]:.2f}" for n in names), f"{row['anomalies']:.2f}")
    means = {n: statistics.fmean(row[n] for row in figures.values()) for n in (*names, "anomalies")}
    table.add_section()
    table.add_row("mean", *(f"{means[n]:.2f}" for n in names), f"{means['anomalies']:.2f}")
    if delays:
        told = (f"{delays[n]:.0f}" if n in delays else "" for n in names)
        table.add_row("delay of a step, rows", *told, "")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
