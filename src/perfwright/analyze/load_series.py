"""What the load measured second by second, as samples like those of probes: for periodic stalls.

A second in which nothing completed has a throughput of 0 and no response time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from perfwright.model.frame import Frame
from perfwright.model.metrics import LOAD_RESPONSE, LOAD_THROUGHPUT
from perfwright.model.units import NS_PER_S
from perfwright.model.watched import Reading, Sample

LOAD = "load"


def load_reading(frames: Iterable[Frame]) -> Reading:
    """One Reading of the whole run."""
    return Reading(samples=tuple(sample for frame in frames for sample in _samples(frame)))


def _samples(frame: Frame) -> Iterator[Sample]:
    yield _sample(frame, LOAD_THROUGHPUT, frame.total.requests())
    response = frame.total.measure("response")
    p95_ns, p99_ns = response.quantile(0.95), response.quantile(0.99)
    if p95_ns is not None and p99_ns is not None:
        yield _sample(frame, LOAD_RESPONSE, p95_ns / NS_PER_S, "p95")
        yield _sample(frame, LOAD_RESPONSE, p99_ns / NS_PER_S)
        yield _sample(frame, LOAD_RESPONSE, response.maximum / NS_PER_S, "max")


def _sample(frame: Frame, metric: str, value: float, label: str = "") -> Sample:
    return Sample(second=frame.second, metric=metric, subject=LOAD, value=value, label=label)
