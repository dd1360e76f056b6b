"""A step of a run as a matrix, seconds × buckets: what a comparison resamples.

                 bucket 0  1  2 …  K-1        requests  errors  total
    second 0            3  9  4                   16       0    …
    second 1            2  8  7                   17       1    …
      ⋮
    second S-1

A resample of the run is a vector of weights over its seconds (how often each was drawn), so every
figure of it is a product of that vector with a column here. Counts are kept summed up over buckets,
which makes a quantile a search for the bucket where the weighted count reaches its rank. Only
judged seconds, only buckets that were used. A run longer than `ROWS_MAX` seconds is told in
periods of several seconds each, so that hours cost no more than minutes. Times in ns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TypeAlias

import numpy as np

from perfwright.model.frame import Frame, StepTally
from perfwright.model.histogram import Histogram, bucket_bounds

ROWS_MAX = 600
_MEASURE = "response"

Array: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepSeconds:
    """One step, `seconds[s]` seconds of it in row s. `cumulative[k, s]`: requests in row s up to
    and with bucket k, whose values are [lower_ns[k], lower_ns[k] + width_ns[k]). `requests` holds
    what was counted, `measured` what has a response time."""

    kind: str
    seconds: Array
    cumulative: Array
    lower_ns: Array
    width_ns: Array
    requests: Array
    errors: Array
    measured: Array
    total_ns: Array

    @property
    def rows(self) -> int:
        return int(self.seconds.size)


def steps_of(frames: Iterable[Frame], *, rows_max: int = ROWS_MAX) -> dict[str, StepSeconds]:
    """Every step of the judged frames, by name; nothing where none was judged."""
    judged = [frame.total.steps for frame in frames if frame.judged]
    size = max(1, -(-len(judged) // max(1, rows_max)))
    periods = [judged[at : at + size] for at in range(0, len(judged), size)]
    names = dict.fromkeys(name for steps in judged for name in steps)
    return {name: _step(name, periods) for name in names}


def _step(name: str, periods: Sequence[Sequence[Mapping[str, StepTally]]]) -> StepSeconds:
    tallies = [_merged(steps[name] for steps in period if name in steps) for period in periods]
    times = [tally.measures.get(_MEASURE, Histogram()) for tally in tallies]
    buckets = np.array(sorted({bucket for one in times for bucket in one.buckets}), dtype=np.int64)
    counts = np.zeros((buckets.size, len(tallies)))
    for row, one in enumerate(times):
        at = np.searchsorted(buckets, np.fromiter(one.buckets, np.int64, len(one.buckets)))
        counts[at, row] = np.fromiter(one.buckets.values(), np.float64, len(one.buckets))
    bounds = np.array([bucket_bounds(int(bucket)) for bucket in buckets]).reshape(-1, 2)
    return StepSeconds(
        kind=next((tally.kind for tally in tallies if tally.requests), "request"),
        seconds=np.array([float(len(period)) for period in periods]),
        cumulative=np.cumsum(counts, axis=0),
        lower_ns=bounds[:, 0].astype(float),
        width_ns=(bounds[:, 1] - bounds[:, 0]).astype(float),
        requests=np.array([float(tally.requests) for tally in tallies]),
        errors=np.array([float(tally.errors) for tally in tallies]),
        measured=np.array([float(one.count) for one in times]),
        total_ns=np.array([float(one.total) for one in times]),
    )


def _merged(tallies: Iterable[StepTally]) -> StepTally:
    """As one; the only one as it is."""
    found = list(tallies)
    if len(found) == 1:
        return found[0]

    def add(together: StepTally, more: StepTally) -> StepTally:
        together.kind = more.kind
        together.merge(more)
        return together

    return reduce(add, found, StepTally())
