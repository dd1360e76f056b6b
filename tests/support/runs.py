"""A realistic, seeded run out of thin air: frames, manifest and result, for tests of any room.

    arrivals/s
     100 ┤      ┌──────────────────────────
         │    ╱        (a slow patch and timeouts at 25 s)
       0 ┼──╱─────────────────────────────► s
         0        10                      40

Two workers share an open model; the journey is login → browse → (checkout: order). The first ten
seconds ramp and are not judged.
"""

from __future__ import annotations

import math
from random import Random

from perfwright.analyze.conclude import conclude
from perfwright.analyze.digest import Digest
from perfwright.analyze.facts import RunFacts
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
from perfwright.model.units import NS_PER_MS, NS_PER_S
from perfwright.model.watched import Reading, Sample
from perfwright.plan.slo import parse_slo

RUN_ID = "20261122-170501-k3f9"
SECONDS = 40
RAMP_S = 10
RATE_PER_S = 100.0
WORKERS = 2
JUDGED_S = ((float(RAMP_S), float(SECONDS)),)
STEP_MEDIANS_MS = {"login": 8.0, "GET /items/{id}": 3.0, "order": 20.0}
SLOW_SECOND = 25
SLOS = ("p99 < 300ms", "p99(order) < 300ms", "p95(login) < 50ms every 10s", "errors < 1%")


def demo_frames(*, seed: int = 7, seconds: int = SECONDS, workers: int = WORKERS) -> list[Frame]:
    """One frame a second; the same seed gives the same frames."""
    random = Random(seed)
    frames = []
    for second in range(seconds):
        by_worker = {w: _worker_second(random, second, w, workers) for w in range(workers)}
        bare = Frame.of_workers(second, by_worker, judged=second >= RAMP_S)
        frames.append(
            Frame(
                second=second,
                by_worker=by_worker,
                total=bare.total,
                watched=Reading(samples=_samples(random, second)),
                judged=bare.judged,
            )
        )
    return frames


def demo_manifest(*, state: str = "running", run_id: str = RUN_ID) -> RunManifest:
    """The manifest of the same run; pass `state="finished"` for its last form, with result."""
    finished = state != "running"
    result = demo_result() if finished else None
    return RunManifest(
        run_id=run_id,
        name="shop",
        state=state,
        started_at="2026-11-22T17:05:01Z",
        ended_at="2026-11-22T17:05:41Z" if finished else None,
        tool_version="0.1.0",
        build_profile="release",
        git_commit="a9b7c18",
        git_branch="main",
        host={"name": "bench-1", "cores": 2, "memory_bytes": 8_000_000_000, "python": "3.11.7"},
        command=("perfwright", "run", "shop.py"),
        test_file="shop.py",
        test_source="async def buy(user): ...\n",
        target="http://127.0.0.1:8000",
        kind="load",
        seed=7,
        workers=WORKERS,
        load={"": {"model": "open", "segments": [[0, 10, 0, 100], [10, 40, 100, 100]]}},
        judged_s=JUDGED_S,
        slos=SLOS,
        tags=("nightly",),
        notes=("a note",),
        slo_results=result.slos if result else (),
        verdict=result.verdict if result else None,
        result=result.as_json() if result else None,
    )


def demo_facts(*, path: str = "") -> RunFacts:
    return RunFacts(
        run_id=RUN_ID, duration_s=float(SECONDS), judged_s=JUDGED_S, workers=WORKERS, path=path
    )


def demo_result(frames: list[Frame] | None = None, *, path: str = "") -> RunResult:
    """The run's result: two SLOs broken and two met, so a failed verdict."""
    digest = Digest.of(frames or demo_frames(), window_lengths_s=(10,))
    return conclude(digest, demo_facts(path=path), [parse_slo(slo) for slo in SLOS])


def _worker_second(random: Random, second: int, worker: int, workers: int) -> Tally:
    target_per_s = RATE_PER_S * min(1.0, (second + 0.5) / RAMP_S) / workers
    iterations = round(target_per_s)
    slow = second == SLOW_SECOND
    tally = Tally(
        lateness=Histogram.of(_jittered(random, 0.03, 0.4) for _ in range(iterations)),
        users_active=max(1, iterations // (2 if slow else 8)),
        arrivals_target_per_s=target_per_s,
        iterations_started=iterations,
        iterations_completed=iterations - (1 if slow else 0),
        iterations_failed=1 if slow else 0,
        reconnects=1 if slow else 0,
        cpu_ns=(cpu_ns := int(NS_PER_S * (0.05 + 0.002 * target_per_s))),
        busiest_cpu_ratio=cpu_ns / NS_PER_S,
    )
    for name, median_ms in STEP_MEDIANS_MS.items():
        tally.steps[name] = _step(random, median_ms * (20 if slow else 1), iterations, slow=slow)
    order = tally.steps["order"].measures["response"]
    tally.steps["checkout"] = StepTally(
        kind="group", requests=iterations, measures={"response": order.copy()}
    )
    tally.checks["logged in"] = CheckTally(passed=iterations, failed=0)
    tally.checks["order accepted"] = CheckTally(passed=iterations - slow, failed=int(slow))
    tally.records["basket value"] = RecordTally(
        unit="EUR", count=iterations, total=25.5 * iterations, minimum=5.0, maximum=99.0
    )
    if slow:
        tally.exemplars = [_exemplar(second, worker)]
        tally.holds = [Hold(file="shop.py", line=12, count=3, total_ns=90 * NS_PER_MS,
                            longest_ns=35 * NS_PER_MS)]  # fmt: skip
        tally.scenario_errors = [
            ScenarioError(where="buy", type="KeyError", message="'token'",
                          traceback="shop.py:9 in buy", count=1)
        ]  # fmt: skip
    return tally


def _step(random: Random, median_ms: float, requests: int, *, slow: bool) -> StepTally:
    services = [_jittered(random, median_ms, 0.5) for _ in range(requests)]
    waits = [service * 9 // 10 for service in services]
    responses = [service + _jittered(random, 0.04, 0.4) for service in services]
    timeouts = min(2, requests) if slow else 0
    failed = min(requests, timeouts + (random.random() < 0.1))
    kinds = {"timeout": timeouts, "http_5xx": failed - timeouts}
    statuses = {"200": requests - failed, "503": failed - timeouts}
    return StepTally(
        requests=requests,
        errors=failed,
        error_kinds={kind: count for kind, count in kinds.items() if count},
        statuses={status: count for status, count in statuses.items() if count},
        bytes_sent=180 * requests,
        bytes_received=420 * requests,
        measures={
            "response": Histogram.of(responses),
            "service": Histogram.of(services),
            "connect": Histogram.of([_jittered(random, 0.1, 0.2)]),
            "send": Histogram.of(_jittered(random, 0.01, 0.2) for _ in range(requests)),
            "wait": Histogram.of(waits),
            "receive": Histogram.of(s - w for s, w in zip(services, waits, strict=True)),
        },
    )


def _exemplar(second: int, worker: int) -> Exemplar:
    return Exemplar(
        second=second,
        worker=worker,
        step="order",
        outcome="timeout",
        status=0,
        method="POST",
        url="http://127.0.0.1:8000/orders",
        intended_ns=second * NS_PER_S + 5_000 * worker,
        response_ns=812 * NS_PER_MS + worker,
        service_ns=811 * NS_PER_MS,
        phases_ns={"send": 9_000, "wait": 810 * NS_PER_MS},
        message="no answer within 800 ms",
        body_head="",
        user=3 + worker,
        iteration=41,
    )


def _samples(random: Random, second: int) -> tuple[Sample, ...]:
    readings = {
        "process.cpu.utilization": 0.3 + 0.01 * min(second, RAMP_S) + 0.02 * random.random(),
        "process.memory.usage": 2.1e8,
    }
    return tuple(
        Sample(second=second, metric=metric, subject="port:8000", value=value)
        for metric, value in readings.items()
    )


def _jittered(random: Random, median_ms: float, sigma: float) -> int:
    """A log-normal time in ns: skewed as response times are."""
    return int(median_ms * NS_PER_MS * math.exp(sigma * random.gauss(0, 1)))
