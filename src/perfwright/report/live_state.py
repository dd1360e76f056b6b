"""What the live view knows: the run so far, kept small enough to fold one frame in well under a ms.

    frame ──► the last seconds · rates for the sparkline · response times so far, all and by step

Only response times are merged; nothing grows with the run but histograms' buckets. A judge sees
every frame too and answers with the SLO lights.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from perfwright.model.frame import Frame, Tally
from perfwright.model.histogram import Histogram
from perfwright.model.manifest import RunManifest
from perfwright.model.verdict import SloResult

RECENT_S = 5
SPARK_S = 120

Judge = Callable[[Frame], Sequence[SloResult]]
"""Takes every frame, in order; answers with the SLO lights as they stand then."""


@dataclass(slots=True)
class StepSoFar:
    kind: str = "request"
    requests: int = 0
    errors: int = 0
    response: Histogram = field(default_factory=Histogram)


@dataclass(slots=True, kw_only=True)
class LiveState:
    """`seconds`: how many are measured. `length_s`: how long the load lasts, 0 if unknown."""

    manifest: RunManifest
    length_s: float
    judge: Judge | None = None
    seconds: int = 0
    now: Tally = field(default_factory=Tally)
    judged_now: bool = False
    recent: deque[Histogram] = field(default_factory=lambda: deque(maxlen=RECENT_S))
    rates: deque[int] = field(default_factory=lambda: deque(maxlen=SPARK_S))
    requests: int = 0
    errors: int = 0
    error_kinds: dict[str, int] = field(default_factory=dict)
    dropped: int = 0
    response: Histogram = field(default_factory=Histogram)
    steps: dict[str, StepSoFar] = field(default_factory=dict)
    lights: Sequence[SloResult] = ()

    def feed(self, frame: Frame) -> None:
        """Add the next second."""
        total = frame.total
        self.seconds = frame.second + 1
        self.now, self.judged_now = total, frame.judged
        response = total.measure("response")
        self.recent.append(response)
        self.response.merge(response)
        requests = total.requests()
        self.rates.append(requests)
        self.requests += requests
        self.errors += total.errors()
        self.dropped += total.dropped
        for name, step in total.steps.items():
            so_far = self.steps.setdefault(name, StepSoFar(kind=step.kind))
            so_far.requests += step.requests
            so_far.errors += step.errors
            if (times := step.measures.get("response")) is not None:
                so_far.response.merge(times)
            if step.kind != "group":
                for kind, number in step.error_kinds.items():
                    self.error_kinds[kind] = self.error_kinds.get(kind, 0) + number
        if self.judge is not None:
            self.lights = self.judge(frame)

    def recent_response(self) -> Histogram:
        """Response times of the last seconds, all requests."""
        merged = Histogram()
        for times in self.recent:
            merged.merge(times)
        return merged

    def busiest(self, number: int) -> list[tuple[str, StepSoFar]]:
        """The steps with the most requests, in the order in which they were first seen."""
        ranked = sorted(self.steps.items(), key=lambda item: -item[1].requests)[:number]
        names = {name for name, _ in ranked}
        return [(name, step) for name, step in self.steps.items() if name in names]

    def left_s(self) -> float:
        return max(0.0, self.length_s - self.seconds)
