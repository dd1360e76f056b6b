"""Asks a Prometheus server once a second, as of now: `promql:http://server:9090?query=…`.

HTTP API: https://prometheus.io/docs/prometheus/latest/querying/api/ (instant queries). A value is
as old as the server's last scrape. Each series of the answer is one Sample: its metric's name (or
the query, where an expression has taken the name off), its labels as `k=v,k=v`. Several queries may
be given, `&query=` each.
"""

from __future__ import annotations

import json
import math
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from perfwright.model.errors import ProbeError
from perfwright.model.watched import NOTHING, Reading, Sample
from perfwright.observe.counters import MAX_SERIES
from perfwright.observe.fetch import Fetcher
from perfwright.observe.labels import label_of
from perfwright.observe.prometheus import without_secrets

_EXAMPLE = "promql:http://127.0.0.1:9090?query=rate(http_requests_total[1m])"


class PromqlProbe:
    """`promql:http://[user:password@]host:port[/prefix]?query=…[&query=…]`."""

    def __init__(self, spec: str) -> None:
        parts = urlsplit(spec.removeprefix("promql:"))
        # A `+` is PromQL's, not a blank.
        self._queries = parse_qs(parts.query.replace("+", "%2B")).get("query", [])
        if parts.scheme not in ("http", "https") or not parts.netloc or not self._queries:
            raise ProbeError(f"--watch promql: an address and a query are needed, as in {_EXAMPLE}")
        self._api = parts._replace(path=f"{parts.path.rstrip('/')}/api/v1/query", query="").geturl()
        self.subject = without_secrets(parts._replace(query="").geturl())
        self.name = f"promql:{self.subject}"

    def open(self, origin_ns: int) -> Reading:  # noqa: ARG002 - a probe's interface
        """Asks once: a wrong address or query is better known before the load."""
        self._fetcher = Fetcher(self.name)
        try:
            self._ask_all(0)
        except BaseException:
            self._fetcher.close()
            raise
        return NOTHING

    def read(self, second: int) -> Reading:
        return self._ask_all(second)

    def close(self) -> Reading:
        self._fetcher.close()
        return NOTHING

    def _ask_all(self, second: int) -> Reading:
        samples = [one for query in self._queries for one in self._ask(query, second)]
        note = f"{self.name}: gave more than {MAX_SERIES} series; ask for fewer"
        notes = (note,) if len(samples) > MAX_SERIES else ()
        return Reading(samples=tuple(samples[:MAX_SERIES]), notes=notes)

    def _ask(self, query: str, second: int) -> list[Sample]:
        text = self._fetcher.text(f"{self._api}?{urlencode({'query': query})}", "application/json")
        try:
            series = _series(json.loads(text)["data"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ProbeError(
                f"{self.name}: query {query!r} gave no instant vector or number ({error}); "
                "a range such as x[5m] needs a function around it, as in rate(x[5m])"
            ) from error
        return [
            Sample(
                second=second,
                metric=labels.get("__name__", query),
                subject=self.subject,
                value=value,
                label=label_of({k: v for k, v in labels.items() if k != "__name__"}),
            )
            for labels, value in series
            if math.isfinite(value)
        ]


def _series(data: dict[str, Any]) -> list[tuple[dict[str, str], float]]:
    """Labels and value of each series in the answer's `data`."""
    match data["resultType"]:
        case "vector":
            return [(dict(one["metric"]), float(one["value"][1])) for one in data["result"]]
        case "scalar":
            return [({}, float(data["result"][1]))]
    raise ValueError(f"a {data['resultType']}")
