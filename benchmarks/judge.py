"""How often is `compare` wrong? False alarms and power, measured: `python benchmarks/judge.py`.

    40 runs of 30 s ─► seconds of each condition ─► pairs ─► verdicts ─► alarms, power
    (kept, resumable)  equal, +5%, +10%, +20%

The runs load the calibration service with Poisson arrivals while other work goes on. Pairs are made
in two ways. *drawn*: either run is put together of blocks of `BLOCK_S` seconds of all runs of its
condition, so there are as many pairs as one wants. *as they were*: two different runs, once each;
what drifted from one run to the next is in these, and they are few. An alarm is any step called
slower or faster where nothing changed; power is how often a comparison with a slowdown is called
slower. Intervals are of 95% (Clopper & Pearson 1934). Prints the noise beside them.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.stats import binomtest

from background import background
from perfwright.analyze.comparing import comparison_of
from perfwright.analyze.judging import ALPHA, MARGIN, pairs_of
from perfwright.analyze.step_seconds import StepSeconds, steps_of
from perfwright.analyze.weighted_figures import quantile_ns
from perfwright.model.comparison import Judged
from perfwright.model.frame import Frame
from perfwright.store.reader import Store
from processes import free_port, run_pinned, serving

JOURNEY = Path(__file__).resolve().parent / "journeys" / "judged.py"
RESULTS = Path(__file__).resolve().parent / "results" / "judge"
STORE = RESULTS / "store"
PERFWRIGHT = (sys.executable, "-m", "perfwright")
RUN_ENDED = (0, 97, 99)
CONDITIONS = {"equal": "no change", "plus5": "+5%", "plus10": "+10%", "plus20": "+20%"}
BASE = "equal"
BLOCK_S = 5
SECONDS = 30

Steps = Mapping[str, StepSeconds]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`hits` of `of`."""

    hits: int
    of: int

    def __str__(self) -> str:
        if not self.of:
            return "–"
        low, high = binomtest(self.hits, self.of).proportion_ci(0.95)
        return f"{self.hits / self.of:.1%} ({low:.1%} to {high:.1%}, {self.hits} of {self.of})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=40, help="real runs")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of a run")
    parser.add_argument("--equal", type=int, default=400, help="drawn comparisons of equal runs")
    parser.add_argument("--slower", type=int, default=100, help="drawn comparisons a slowdown")
    options = parser.parse_args()
    STORE.mkdir(parents=True, exist_ok=True)
    runs = list(_measured(options.runs, options.seconds))
    by_run = [_conditions(steps_of(frames)) for frames in runs]
    together = [frame for frames in runs for frame in frames]
    pooled = _conditions(steps_of(together, rows_max=len(together)))
    rows = []
    for condition, change in CONDITIONS.items():
        count = options.equal if condition == BASE else options.slower
        drawn = _verdicts(_drawn(pooled, condition, count, options.seconds))
        real = _verdicts(_as_they_were(by_run, condition))
        rows.append(_row(condition, change, drawn, real))
    _print(rows, by_run)
    (RESULTS / "figures.json").write_text(json.dumps(rows, indent=2))
    return 0


def _measured(count: int, seconds: int) -> Iterator[list[Frame]]:
    """The runs' frames; those that are kept are not made again."""
    for number in range(1, count + 1):
        name = f"judge-{seconds}s-{number:02d}"
        kept = {run.name: run.run_id for run in Store(STORE).list() if run.state == "finished"}
        if name not in kept:
            run_id = _run(name, number, seconds)
            print(f"  {name}", file=sys.stderr, flush=True)
        else:
            run_id = kept[name]
        frames = [frame for frame in Store(STORE).find(run_id).frames() if frame.judged][:seconds]
        if len(frames) < seconds:
            raise RuntimeError(f"{name}: only {len(frames)} judged seconds; remove {run_id}")
        yield frames


def _run(name: str, seed: int, seconds: int) -> str:
    port = free_port()
    server = [*PERFWRIGHT, "lab", "calibration", "--port", str(port)]
    with serving(server, port), background(seed):
        finished = run_pinned(
            [
                *PERFWRIGHT, "run", JOURNEY, "--target", f"http://127.0.0.1:{port}", "--json",
                "--for", f"{seconds}s", "--seed", str(seed), "--name", name, "--store", STORE,
                "--quiet",
            ]
        )  # fmt: skip
    if finished.exit_code not in RUN_ENDED:
        raise RuntimeError(f"{name}: exit {finished.exit_code}: {finished.stderr[-500:]}")
    return str(json.loads(finished.stdout)["run_id"])


def _conditions(steps: Steps) -> dict[str, Steps]:
    """`equal quick` of all steps becomes `quick` of `equal`."""
    return {
        condition: {
            name.removeprefix(f"{condition} "): step
            for name, step in steps.items()
            if name.startswith(f"{condition} ")
        }
        for condition in CONDITIONS
    }


def _drawn(
    pooled: Mapping[str, Steps], condition: str, count: int, seconds: int
) -> Iterator[tuple[Steps, Steps]]:
    random = np.random.default_rng(20261123)
    for _ in range(count):
        yield (
            _taken(pooled[BASE], _rows(pooled[BASE], seconds, random)),
            _taken(pooled[condition], _rows(pooled[condition], seconds, random)),
        )


def _rows(steps: Steps, seconds: int, random: np.random.Generator) -> np.ndarray:
    """Seconds of a run put together of blocks, none of which reaches over two runs."""
    rows = next(iter(steps.values())).rows
    size = min(BLOCK_S, seconds)
    starts = [at + offset for at in range(0, rows, seconds) for offset in range(seconds - size + 1)]
    drawn = random.choice([at for at in starts if at + size <= rows], size=-(-seconds // size))
    return (drawn[:, None] + np.arange(size)).ravel()[:seconds]


def _taken(steps: Steps, rows: np.ndarray) -> Steps:
    return {
        name: dataclasses.replace(
            step,
            cumulative=step.cumulative[:, rows],
            **{
                field: getattr(step, field)[rows]
                for field in ("seconds", "requests", "errors", "measured", "total_ns")
            },
        )
        for name, step in steps.items()
    }


def _as_they_were(
    by_run: Sequence[Mapping[str, Steps]], condition: str
) -> Iterator[tuple[Steps, Steps]]:
    """Each run with the one after it."""
    for base, candidate in itertools.pairwise(by_run):
        yield base[BASE], candidate[condition]


def _verdicts(pairs: Iterator[tuple[Steps, Steps]]) -> list[Judged]:
    return [comparison_of(pairs_of(*pair), margin=MARGIN).verdict for pair in pairs]


def _row(
    condition: str, change: str, drawn: Sequence[Judged], real: Sequence[Judged]
) -> dict[str, str]:
    counted = (Judged.SLOWER, Judged.FASTER) if condition == BASE else (Judged.SLOWER,)
    return {
        "change": change,
        "counts": "false alarms" if condition == BASE else "called slower",
        "drawn": str(_rate(drawn, counted)),
        "as they were": str(_rate(real, counted)),
        "verdicts": ", ".join(
            f"{drawn.count(verdict)} {verdict}" for verdict in Judged if verdict in drawn
        ),
        "bar": f"about {ALPHA:.0%}" if condition == BASE else "≥ 90%" if change == "+10%" else "",
    }


def _rate(verdicts: Sequence[Judged], counted: tuple[Judged, ...]) -> Rate:
    return Rate(hits=sum(one in counted for one in verdicts), of=len(verdicts))


def _print(rows: Sequence[Mapping[str, str]], by_run: Sequence[Mapping[str, Steps]]) -> None:
    table = Table(title="The judge", title_justify="left")
    for title in rows[0]:
        table.add_column(title)
    for row in rows:
        table.add_row(*row.values())
    Console(width=150).print(table)
    for name in by_run[0][BASE]:
        for q in (0.5, 0.95):
            values = [
                float(quantile_ns(run[BASE][name], np.ones((1, run[BASE][name].rows)), q)[0]) / 1e6
                for run in by_run
            ]
            spread = float(np.std(values, ddof=1) / np.mean(values)) if len(values) > 1 else 0.0
            print(
                f"noise: {name} q{q * 100:g} is {np.mean(values):.3g} ms, from run to run "
                f"± {spread:.1%} (standard deviation)"
            )


if __name__ == "__main__":
    sys.exit(main())
