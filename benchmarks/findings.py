"""Is the bottleneck named? Every fault of the lab, investigated: `python benchmarks/findings.py`.

    for each seed and fault:   lab shop --fault F ─► perfwright investigate --watch auto
                               … --fixed          ─► the gain that the fix really brings

Each investigation is kept in benchmarks/results/findings/ as it comes: an interrupted bench goes on
where it stopped (`--again` begins anew), `--no-gain` leaves the fixed shops for later, `--explain`
asks today's detectors about the runs that are kept. Prints the confusion table: right at the first
place, right among the first three, nothing where nothing is wrong, and the predicted gain against
the measured one. A missed bar is shown, and is no failure.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from perfwright.lab.faults import NAMES

ROOT = Path(__file__).resolve().parent.parent
JOURNEY = ROOT / "src" / "perfwright" / "lab" / "journey" / "shop.py"
RESULTS = Path(__file__).resolve().parent / "results" / "findings"
STORE = RESULTS / "store"
PERFWRIGHT = Path(sys.executable).with_name("perfwright")
HEALTHY = "none"
GAIN_BAR = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one investigation said. `kinds` in their rank; `predicted` and `measured`: the gain in
    throughput or, where the fix promises none, in response time; None where it was not told."""

    fault: str
    seed: int
    kinds: tuple[str, ...]
    subjects: tuple[str, ...]
    knee_per_s: float | None
    fixed_knee_per_s: float | None
    predicted: float | None
    measured: float | None

    @property
    def place(self) -> int | None:
        """Where the planted fault stands; 0 is nowhere."""
        return self.kinds.index(self.fault) + 1 if self.fault in self.kinds else 0

    @property
    def right(self) -> bool:
        return not self.kinds if self.fault == HEALTHY else self.place == 1

    @property
    def factor(self) -> float | None:
        """How far the prediction is off: 1 is exact, 2 is twice or half."""
        if not self.predicted or not self.measured:
            return None
        ratio = self.predicted / self.measured
        return max(ratio, 1 / ratio)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=", ".join(NAMES))
    parser.add_argument("--seeds", type=int, default=1, help="runs of each fault")
    parser.add_argument("--budget", default="90s", help="of one investigation")
    parser.add_argument("--again", action="store_true", help="also what was measured before")
    parser.add_argument("--no-gain", action="store_true", help="leave the fixed shop out")
    parser.add_argument(
        "--explain", action="store_true", help="find anew in the runs that are kept"
    )
    options = parser.parse_args()
    if unknown := set(options.faults) - set(NAMES):
        parser.error(f"no fault {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    outcomes = []
    for seed in range(1, options.seeds + 1):
        for fault in options.faults or NAMES:
            outcomes.append(_measured(fault, seed, options))
            _print_line(outcomes[-1])
    print_table(outcomes)
    return 0


def _measured(fault: str, seed: int, options: argparse.Namespace) -> Outcome:
    found = _investigated(fault, seed, options, fixed=False)
    fixed = None
    if fault != HEALTHY and not options.no_gain:
        fixed = _investigated(fault, seed, options, fixed=True)
    findings = found.get("findings", [])
    predicted, measured = _gains(findings[:1], found, fixed)
    return Outcome(
        fault=fault,
        seed=seed,
        kinds=tuple(finding["kind"] for finding in findings),
        subjects=tuple(finding["subject"] for finding in findings),
        knee_per_s=_knee(found),
        fixed_knee_per_s=_knee(fixed),
        predicted=predicted,
        measured=measured,
    )


def _investigated(
    fault: str, seed: int, options: argparse.Namespace, *, fixed: bool
) -> dict[str, Any]:
    """The JSON document of one investigation, kept from before or made now."""
    name = f"{fault}{'-fixed' if fixed else ''}"
    kept = RESULTS / f"{name}-{seed}.json"
    if not kept.exists() or options.again:
        kept.write_text(json.dumps(_investigate(name, fault, seed, options.budget, fixed=fixed)))
    document: dict[str, Any] = json.loads(kept.read_text())
    if options.explain:
        command = [str(PERFWRIGHT), "explain", document["run_id"], "--json", "--store", str(STORE)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        document = json.loads(done.stdout)
    return document


def _investigate(name: str, fault: str, seed: int, budget: str, *, fixed: bool) -> dict[str, Any]:
    with _shop(fault, fixed=fixed) as shop:
        command = [
            str(PERFWRIGHT), "investigate", str(JOURNEY), "--target", shop["url"],
            "--watch", "auto", "--budget", budget, "--seed", str(seed), "--json", "--quiet",
            "--store", str(STORE), "--name", name,
        ]  # fmt: skip
        if dsn := shop.get("db"):
            command += ["--watch", dsn]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        raise RuntimeError(f"{fault}: exit {done.returncode}: {done.stderr.strip()[-500:]}")
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@contextmanager
def _shop(fault: str, *, fixed: bool) -> Iterator[dict[str, Any]]:
    """The lab's shop, serving; what it says of itself."""
    command = [str(PERFWRIGHT), "lab", "shop", "--port", "0", "--fault", fault, "--json"]
    process = subprocess.Popen(
        [*command, *(["--fixed"] if fixed else [])], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        told = ""
        for line in process.stdout:
            told += line
            if line.startswith("}"):
                break
        yield json.loads(told)
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.wait(60)


def _gains(
    top: Sequence[dict[str, Any]], found: dict[str, Any], fixed: dict[str, Any] | None
) -> tuple[float | None, float | None]:
    """Predicted and measured: how many times the throughput, or the speed of an answer."""
    if not top:
        return None, None
    impact = top[0]["impact"]
    if more := impact["throughput_per_s"]:
        before, after = _most(found), _most(fixed)
        return more["predicted"] / more["now"], after / before if before and after else None
    if faster := impact["response_ms_p95"]:
        after_ms = _p95_ms_at(fixed, found["knee"]["low"]) if fixed else None
        gain = faster["now"] / faster["predicted"]
        return gain, found["knee"]["response_ms_p95"] / after_ms if after_ms else None
    return None, None


def _knee(document: dict[str, Any] | None) -> float | None:
    knee = (document or {}).get("knee")
    return knee["throughput_per_s"] if knee else None


def _most(document: dict[str, Any] | None) -> float | None:
    """Requests/s that were completed at most: what a finding's throughput speaks of."""
    stages = (document or {}).get("stages", ())
    return max((stage["throughput_per_s"] for stage in stages), default=None)


def _p95_ms_at(document: dict[str, Any], offered: float) -> float | None:
    """Of the stage whose load is nearest."""
    stages = document.get("stages", ())
    nearest = min(stages, key=lambda stage: abs(stage["offered"] - offered), default=None)
    return None if nearest is None else float(nearest["response_p95_s"]) * 1000


def _print_line(outcome: Outcome) -> None:
    print(f"{outcome.fault} #{outcome.seed}: {', '.join(outcome.kinds) or 'nothing'}", flush=True)


def print_table(outcomes: Sequence[Outcome]) -> None:
    """The confusion table and the bars."""
    table = Table(title="Findings", title_justify="left")
    for title in ("planted", "first", "place", "knee/s", "fixed/s", "predicted", "measured", "off"):
        table.add_column(title)
    for one in outcomes:
        table.add_row(
            one.fault, one.kinds[0] if one.kinds else "nothing",
            "right" if one.right else f"{one.place or '–'}",
            _number(one.knee_per_s), _number(one.fixed_knee_per_s), _number(one.predicted, "×"),
            _number(one.measured, "×"), _number(one.factor, "×"),
        )  # fmt: skip
    Console(width=130).print(table)
    planted = [one for one in outcomes if one.fault != HEALTHY]
    healthy = [one for one in outcomes if one.fault == HEALTHY]
    off = [one.factor for one in planted if one.place == 1 and one.factor is not None]
    print(f"top 1: {_share([one.right for one in planted])} (bar 90%)")
    print(f"top 3: {_share([0 < (one.place or 0) <= 3 for one in planted])} (bar 100%)")
    print(f"nothing on the healthy shop: {_share([one.right for one in healthy])} (bar 100%)")
    print(f"predicted gain within {GAIN_BAR}×: {_share([one <= GAIN_BAR for one in off])}")


def _number(value: float | None, unit: str = "") -> str:
    return "–" if value is None else f"{value:,.3g}{unit}"


def _share(right: Sequence[bool]) -> str:
    return f"{sum(right)} of {len(right)}" + (f", {sum(right) / len(right):.0%}" if right else "")


if __name__ == "__main__":
    sys.exit(main())
