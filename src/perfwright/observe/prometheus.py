"""Scrapes a Prometheus page once a second: any exporter, or the application itself.

    counter            NAME                 rate per second
    gauge, untyped     NAME                 as it is
    histogram          NAME_count, _sum     rates per second
                       NAME                 p50, p99 of the second, from the buckets' increase
    summary            NAME_count, _sum     rates; its quantiles as they are

Format: https://prometheus.io/docs/instrumenting/exposition_formats/ (text 0.0.4). The subject is
the page's address, the label the series' labels as `k=v,k=v`; a quantile's comes last. A long page,
at 50 µs a series, is read every few seconds only; rates are over the true time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample as PageSample

from perfwright.model.errors import ProbeError
from perfwright.model.watched import NOTHING, Reading, Sample
from perfwright.observe.counters import MAX_SERIES, QUANTILES, Counters, quantile
from perfwright.observe.fetch import Fetcher
from perfwright.observe.labels import label_of

_ACCEPT = "text/plain;version=0.0.4;q=1,text/plain;q=0.5"
_COUNTED = ("_total", "_count", "_sum")
_FORGET_AFTER_S = 60.0
_COST_RATIO = 0.02
"""Of a core, at most: a page that takes longer is read less often."""


class PrometheusProbe:
    """`prometheus:http://[user:password@]host:port[/metrics]`."""

    def __init__(self, spec: str) -> None:
        self._url = _page_url(spec)
        self.subject = without_secrets(self._url)
        self.name = f"prometheus:{self.subject}"
        self._page = Page(self.subject)
        self._due_s = 0.0

    def open(self, origin_ns: int) -> Reading:  # noqa: ARG002 - a probe's interface
        """Reads the page once, so that counters have something to count from."""
        self._fetcher = Fetcher(self.name)
        try:
            self._scrape(0)
        except BaseException:
            self._fetcher.close()
            raise
        return NOTHING

    def read(self, second: int) -> Reading:
        """NOTHING where a long page is not due yet."""
        if time.monotonic() < self._due_s:
            return NOTHING
        begun_s = time.thread_time()
        reading = self._scrape(second)
        self._due_s = time.monotonic() + (time.thread_time() - begun_s) / _COST_RATIO
        return reading

    def close(self) -> Reading:
        self._fetcher.close()
        return NOTHING

    def _scrape(self, second: int) -> Reading:
        text = self._fetcher.text(self._url, _ACCEPT)
        try:
            samples, cut = self._page.take(text, second, time.monotonic())
        except (ValueError, IndexError, KeyError) as error:
            line = next((line for line in text.splitlines() if line.strip()), "")
            raise ProbeError(
                f"{self.name}: is no Prometheus page (it begins {line[:60]!r}); check the path"
            ) from error
        note = f"{self.name}: has more than {MAX_SERIES} series; the rest is not read"
        return Reading(samples=tuple(samples), notes=(note,) if cut else ())


class Page:
    """One page's series from scrape to scrape; `subject` is what its samples are of."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._counters = Counters()

    def take(self, text: str, second: int, at_s: float) -> tuple[list[Sample], bool]:
        """What the page says of this second, and whether series were left out. ValueError: it is
        no such page."""
        samples: list[Sample] = []
        seen = 0
        cut = False
        for family in text_string_to_metric_families(text):
            seen += len(family.samples)
            if seen > MAX_SERIES:
                cut = True
                break
            for metric, label, value in self._values(family.samples, family.type, at_s):
                if math.isfinite(value):
                    samples.append(
                        Sample(
                            second=second,
                            metric=metric,
                            subject=self._subject,
                            value=value,
                            label=label,
                        )
                    )
        self._counters.forget_before(at_s - _FORGET_AFTER_S)
        return samples, cut

    def _values(
        self, series: Iterable[PageSample], kind: str, at_s: float
    ) -> Iterator[tuple[str, str, float]]:
        """Metric, label and value of each thing to publish."""
        buckets: dict[str, list[tuple[float, float]]] = {}
        for one in series:
            if one.name.endswith("_created"):
                continue
            label = label_of(one.labels)
            if kind == "histogram" and one.name.endswith("_bucket"):
                rate = self._counters.rate((one.name, label), one.value, at_s)
                rest = {name: value for name, value in one.labels.items() if name != "le"}
                into = buckets.setdefault(label_of(rest), [])
                if rate is not None:
                    into.append((float(one.labels.get("le", "nan")), rate))
            elif _counts(one.name, kind):
                rate = self._counters.rate((one.name, label), one.value, at_s)
                if rate is not None:
                    yield one.name, label, rate
            else:
                yield one.name, label, one.value
        family = next((one.name.removesuffix("_bucket") for one in series), "")
        for label, rates in buckets.items():
            for name, q in QUANTILES.items():
                if (value := quantile(q, sorted(rates))) is not None:
                    yield family, f"{label},{name}".lstrip(","), value


def without_secrets(url: str) -> str:
    """The address without user, password and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _counts(name: str, kind: str) -> bool:
    if kind in ("histogram", "summary"):
        return name.endswith(("_count", "_sum"))
    return kind == "counter" or (kind in ("untyped", "unknown") and name.endswith(_COUNTED))


def _page_url(spec: str) -> str:
    given = spec.removeprefix("prometheus:")
    url = given if "://" in given else f"http://{given}"
    parts = urlsplit(url)
    try:
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        shown = without_secrets(url)
        raise ProbeError(
            f"--watch prometheus: {shown!r} is no address; write prometheus:http://HOST:PORT/metrics"
        )
    return parts._replace(path=parts.path or "/metrics").geturl()
