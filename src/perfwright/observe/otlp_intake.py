"""What the receivers' threads hand in and the probe takes out once a second; bounded.

    gRPC threads ─┐            ┌─ spans, samples
                  ├─ accept ─►─┤                    ─► take ─► Reading
    HTTP thread  ─┘            └─ components, notes

Everything is decoded in the sender's turn, and in a second that has had enough the sender waits for
the next: a flood slows its senders (their SDKs drop spans, not requests), not us. Spans that began
before the run are left out silently: a system that was up before us still sends them.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from perfwright.model.units import NS_PER_S
from perfwright.model.watched import Component, Reading, Sample, Span
from perfwright.observe.otlp_metrics import MetricDecoder
from perfwright.observe.otlp_sampling import SPANS_PER_RUN, SPANS_PER_SECOND, TraceSampler
from perfwright.observe.otlp_spans import (
    Attributes,
    attributes_of,
    component_of,
    decode_span,
    is_identified,
    is_of_run,
    service_of,
)

_MAX_SERVICES = 200
_TOO_MANY = (
    f"otlp: more spans came than are kept ({SPANS_PER_SECOND} a second, {SPANS_PER_RUN} a run); "
    "whole traces were left out at random"
)
_MALFORMED = "otlp: some of what came was malformed (ids of a wrong length) and was left out"


class Intake:
    """`origin_unix_ns`: the run's origin by the wall clock."""

    def __init__(self, origin_unix_ns: int, sampler: TraceSampler | None = None) -> None:
        self._origin_unix_ns = origin_unix_ns
        self._lock = threading.Lock()
        self._sampler = sampler or TraceSampler()
        self._metrics = MetricDecoder(origin_unix_ns)
        self._spans: list[Span] = []
        self._samples: list[Sample] = []
        self._components: list[Component] = []
        self._notes: dict[str, None] = {}
        self._heard_at_s: dict[str, float] = {}

    @property
    def kept_spans(self) -> int:
        return self._sampler.kept

    @property
    def dropped_spans(self) -> int:
        return self._sampler.dropped

    def accept(self, signal: str, request: Any) -> int:
        """Takes one request; gives how many of its records were malformed."""
        malformed = 0
        with self._lock:
            if signal == "traces":
                malformed = sum(map(self._take_spans, request.resource_spans))
            elif signal == "metrics":
                for of_resource in request.resource_metrics:
                    self._take_metrics(of_resource)
            since_origin_ns = time.time_ns() - self._origin_unix_ns
            full = self._sampler.is_full(since_origin_ns // NS_PER_S)
        if full:
            time.sleep((NS_PER_S - since_origin_ns % NS_PER_S) / NS_PER_S)
        return malformed

    def take(self) -> Reading:
        """All since the last call."""
        with self._lock:
            spans, self._spans = self._spans, []
            samples, self._samples = self._samples, []
            components, self._components = self._components, []
            notes, self._notes = self._notes, {}
        return Reading(
            samples=tuple(samples),
            spans=tuple(spans),
            components=tuple(components),
            notes=tuple(notes),
        )

    def awaited(self, since_s: float, within_s: float) -> bool:
        """Whether a service that sent spans in the `within_s` before `since_s` (monotonic) has sent
        none after."""
        with self._lock:
            heard = self._heard_at_s.values()
            return any(since_s - within_s < heard_s < since_s for heard_s in heard)

    def _take_spans(self, of_resource: Any) -> int:
        resource = attributes_of(of_resource.resource.attributes)
        service = self._service(resource)
        self._heard_at_s[service] = time.monotonic()
        second = (time.time_ns() - self._origin_unix_ns) // NS_PER_S
        malformed = 0
        for scope in of_resource.scope_spans:
            for span in scope.spans:
                if not is_identified(span):
                    malformed += 1
                elif is_of_run(span, self._origin_unix_ns) and self._keeps(span, second):
                    self._spans.append(decode_span(span, service, self._origin_unix_ns))
        if malformed:
            self._notes[_MALFORMED] = None
        return malformed

    def _keeps(self, span: Any, second: int) -> bool:
        keeps = self._sampler.keeps(span.trace_id, second)
        if not keeps:
            self._notes[_TOO_MANY] = None
        return keeps

    def _take_metrics(self, of_resource: Any) -> None:
        service = self._service(attributes_of(of_resource.resource.attributes))
        for scope in of_resource.scope_metrics:
            for metric in scope.metrics:
                self._samples += self._metrics.samples(metric, service)
        if self._metrics.cut:
            self._notes[self._metrics.cut] = None

    def _service(self, resource: Attributes) -> str:
        """Its name; its component is published at first sight."""
        service = service_of(resource)
        if service not in self._heard_at_s:
            if len(self._heard_at_s) >= _MAX_SERVICES:
                return "(other services)"
            self._heard_at_s[service] = time.monotonic()
            self._components.append(component_of(resource))
        return service
