"""Runs at the edge, as (manifest, result, series), which every renderer must bear.

empty: not one request · one: a single request · failing: every request fails · hostile: names that
attack the page, the terminal and the XML · closed: users instead of arrivals, no SLO.
"""

from __future__ import annotations

import dataclasses
import functools

from support.runs import RUN_ID, demo_frames, demo_manifest, demo_result

from perfwright.analyze.conclude import conclude
from perfwright.analyze.digest import Digest
from perfwright.analyze.facts import RunFacts
from perfwright.analyze.series import Series, series_of
from perfwright.model.frame import (
    CheckTally,
    Exemplar,
    Frame,
    Hold,
    RecordTally,
    ScenarioError,
    StepTally,
    Tally,
)
from perfwright.model.histogram import Histogram
from perfwright.model.manifest import RunManifest
from perfwright.model.result import RunResult
from perfwright.model.units import NS_PER_MS
from perfwright.plan.slo import parse_slo
from perfwright.report.document import Document
from perfwright.report.run_document import run_document

Run = tuple[RunManifest, RunResult, Series]

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "x" * 300,
    "\x1b[2J\x1b[31mred\x07",
    "sipariş ✓ 🛒🧑‍🚀 注文" * 3,
    "‮evil‬ | `code` | [link](http://evil) **b** @everyone",
    "]]> & \ufffe \x00 \ud800",
    "[red]markup[/red] [/]",
)


def demo() -> Run:
    frames = demo_frames()
    result = demo_result(frames, path=f".perfwright/runs/{RUN_ID}")
    return demo_manifest(state="finished"), result, series_of(frames)


def empty() -> Run:
    return _run([Frame(second=0, by_worker={0: Tally()}, total=Tally())], slos=("p99 < 300ms",))


def nothing() -> Run:
    """Ended before its first second."""
    return _run([], slos=())


def one_request() -> Run:
    return _run([_frame(0, {"GET /": _step(1)})], slos=("max < 1s",))


def failing() -> Run:
    steps = {"GET /": _step(50, errors=50, kind="connect_refused")}
    return _run([_frame(second, steps) for second in range(3)], slos=("errors < 1%",))


def closed() -> Run:
    frames = [_frame(second, {"GET /": _step(200)}) for second in range(5)]
    for frame in frames:
        frame.total.users_target = 10.0
        frame.total.users_active = 9
    load = {"": {"model": "closed", "segments": [[0, 5, 10, 10]]}}
    manifest, result, series = _run(frames, slos=())
    return dataclasses.replace(manifest, load=load), result, series


def hostile() -> Run:
    steps = {name: _step(30, errors=1, kind="timeout") for name in HOSTILE}
    frame = _frame(0, steps)
    frame.total.exemplars = [_exemplar(name) for name in HOSTILE]
    for name in HOSTILE:
        frame.total.checks[name] = CheckTally(passed=1, failed=1)
        frame.total.records[name] = RecordTally(
            unit=name, count=1, total=1.0, minimum=1.0, maximum=1.0
        )
        frame.total.scenario_errors.append(
            ScenarioError(where=name, type="E", message=name, traceback=name, count=2)
        )
        frame.total.holds.append(
            Hold(file=name, line=1, count=1, total_ns=NS_PER_MS, longest_ns=NS_PER_MS)
        )
    manifest, result, series = _run([frame], slos=("p50 < 1ms",))
    odd = " ".join(HOSTILE)
    manifest = dataclasses.replace(
        manifest, name=odd, target=odd, tags=HOSTILE, notes=HOSTILE, command=HOSTILE,
        test_file=odd, test_source=odd, host={odd: odd}, git_branch=odd,
    )  # fmt: skip
    verdict = dataclasses.replace(result.verdict, reasons=(*result.verdict.reasons, odd))
    slos = tuple(dataclasses.replace(slo, detail=odd) for slo in result.slos)
    return manifest, dataclasses.replace(result, verdict=verdict, slos=slos), series


EVERY = {
    "demo": demo,
    "empty": empty,
    "nothing": nothing,
    "one request": one_request,
    "failing": failing,
    "closed": closed,
    "hostile": hostile,
}


@functools.cache
def run_named(name: str) -> Run:
    """A run of `EVERY`, built once; nobody changes it."""
    return EVERY[name]()


@functools.cache
def document_of(name: str) -> Document:
    """Its report, built once: drawing seven charts takes most of a second."""
    return run_document(*run_named(name))


def _run(frames: list[Frame], *, slos: tuple[str, ...]) -> Run:
    facts = RunFacts(run_id=RUN_ID, duration_s=float(len(frames)))
    result = conclude(Digest.of(frames), facts, [parse_slo(slo) for slo in slos])
    manifest = dataclasses.replace(
        demo_manifest(), state="finished", slos=slos, verdict=result.verdict, judged_s=()
    )
    return manifest, result, series_of(frames)


def _frame(second: int, steps: dict[str, StepTally]) -> Frame:
    tally = Tally(steps=steps, iterations_started=1, iterations_completed=1, users_active=1)
    return Frame(second=second, by_worker={0: tally}, total=tally)


def _step(requests: int, *, errors: int = 0, kind: str = "timeout") -> StepTally:
    times = Histogram.of([5 * NS_PER_MS] * requests)
    return StepTally(
        requests=requests,
        errors=errors,
        error_kinds={kind: errors} if errors else {},
        measures={"response": times, "service": times.copy(), "wait": times.copy()},
    )


def _exemplar(name: str) -> Exemplar:
    return Exemplar(
        second=0, worker=0, step=name, outcome="timeout", status=0, method="GET", url=name,
        intended_ns=0, response_ns=9 * NS_PER_MS, service_ns=5 * NS_PER_MS,
        phases_ns={"wait": 5 * NS_PER_MS}, message=name, body_head=name, user=0, iteration=0,
    )  # fmt: skip
