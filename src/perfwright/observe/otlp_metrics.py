"""Metrics of OTLP as samples: sums that count up become rates, histograms rates and quantiles.

Data model: https://opentelemetry.io/docs/specs/otel/metrics/data-model/. A delta point is divided
by its own interval, a cumulative one by the time since the point before. The subject is
`service:NAME`. A name that `model/metrics.py` defines is published as `otlp.NAME`: an SDK measures
itself otherwise (its CPU is a share of all cores, say), and the two must not be mixed up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from perfwright.model import metrics
from perfwright.model.units import NS_PER_S
from perfwright.model.watched import Sample
from perfwright.observe.counters import (
    MAX_SERIES,
    QUANTILES,
    Counters,
    cumulated,
    is_ascending,
    quantile,
)
from perfwright.observe.labels import label_of
from perfwright.observe.otlp_spans import text_of

_DELTA = 1
_OURS = {value for name, value in vars(metrics).items() if name.isupper()}
_MAX_NAME = 200

Value = tuple[str, str, float]


class MetricDecoder:
    """Keeps what counters were last, for a bounded number of series; `cut` says when more came."""

    def __init__(self, origin_unix_ns: int) -> None:
        self._origin_unix_ns = origin_unix_ns
        self._counters = Counters()
        self._series: set[tuple[str, str, str]] = set()
        self.cut = ""

    def samples(self, metric: Any, service: str) -> Iterator[Sample]:
        """One for each number that the metric's points say."""
        kind = metric.WhichOneof("data")
        decode = self._decoders().get(kind)
        if decode is None:
            return
        name = f"otlp.{metric.name}" if metric.name in _OURS else metric.name
        data = getattr(metric, kind)
        for point in data.data_points:
            second = (point.time_unix_nano - self._origin_unix_ns) // NS_PER_S
            label = label_of({pair.key: text_of(pair.value) for pair in point.attributes})
            if second < 0 or not self._admits((service, name, label)):
                continue
            for metric_name, full_label, value in decode(
                name[:_MAX_NAME], label, data, point, service
            ):
                if math.isfinite(value):
                    yield Sample(
                        second=second,
                        metric=metric_name,
                        subject=f"service:{service}",
                        value=value,
                        label=full_label,
                    )

    def _decoders(self) -> dict[str, Callable[..., Iterator[Value]]]:
        return {
            "gauge": self._gauge,
            "sum": self._sum,
            "histogram": self._histogram,
            "exponential_histogram": self._totals,
            "summary": self._totals,
        }

    def _gauge(self, name: str, label: str, _: Any, point: Any, __: str) -> Iterator[Value]:
        yield name, label, _number(point)

    def _sum(self, name: str, label: str, data: Any, point: Any, service: str) -> Iterator[Value]:
        if not data.is_monotonic and data.aggregation_temporality != _DELTA:
            yield name, label, _number(point)
            return
        rate = self._rate((service, name, label), _number(point), data, point)
        if rate is not None:
            yield name, label, rate

    def _totals(
        self, name: str, label: str, data: Any, point: Any, service: str
    ) -> Iterator[Value]:
        for part in ("count", "sum"):
            rate = self._rate((service, name, label, part), getattr(point, part), data, point)
            if rate is not None:
                yield f"{name}.{part}", label, rate

    def _histogram(
        self, name: str, label: str, data: Any, point: Any, service: str
    ) -> Iterator[Value]:
        yield from self._totals(name, label, data, point, service)
        bounds = list(point.explicit_bounds)
        if len(point.bucket_counts) != len(bounds) + 1 or not is_ascending(bounds):
            return
        rates = [
            self._rate((service, name, label, index), count, data, point)
            for index, count in enumerate(point.bucket_counts)
        ]
        known = [rate for rate in rates if rate is not None]
        if len(known) < len(rates):
            return
        for label_part, q in QUANTILES.items():
            if (value := quantile(q, cumulated(bounds, known))) is not None:
                yield name, f"{label},{label_part}".lstrip(","), value

    def _rate(self, key: tuple[object, ...], value: float, data: Any, point: Any) -> float | None:
        if getattr(data, "aggregation_temporality", 0) == _DELTA:
            interval_ns = point.time_unix_nano - point.start_time_unix_nano
            return value / (interval_ns / NS_PER_S) if interval_ns > 0 else None
        return self._counters.rate(key, value, point.time_unix_nano / NS_PER_S)

    def _admits(self, series: tuple[str, str, str]) -> bool:
        if series not in self._series and len(self._series) >= MAX_SERIES:
            self.cut = f"otlp: more than {MAX_SERIES} metric series came; the rest is not read"
            return False
        self._series.add(series)
        return True


def _number(point: Any) -> float:
    return float(getattr(point, point.WhichOneof("value") or "as_double"))
