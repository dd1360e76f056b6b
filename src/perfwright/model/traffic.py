"""What is counted out of an access log: the records in which its reader and its analysis meet.

Each record is a table of parallel arrays (one entry a row), bounded whatever the size of the log.
A *target* is a method and a path without its query; a *visitor* is a 64-bit number of the user, or
of address and agent. Times in µs since the epoch where named `_us`, else seconds; `nan` and -1
stand for what the log does not tell. Targets are cut at `LONGEST_TARGET` characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Ids = NDArray[np.uint64]

LONGEST_TARGET = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Of all requests that are HTTP. `told_by`: what visitors are told by, "user" | "address and
    agent"."""

    requests: int
    begin_us: int
    end_us: int
    told_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Most requested first. `failed`: status ≥ 400. `distinct`: of the whole log; where that is
    more than was asked for, half of the rows are the most requested, and half a uniform sample of
    the others, each of which stands for `weight` of them."""

    method: tuple[str, ...]
    path: tuple[str, ...]
    requests: Ints
    failed: Ints
    weight: Floats
    distinct: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agents:
    """Most requests first."""

    agent: tuple[str | None, ...]
    requests: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitors:
    """Most requests first. `only_path`: of those who ask for nothing else, by one method; None of
    the others, whose gaps are nan. `errors`: status ≥ 400. `robots`: requests for /robots.txt.
    `gap_cv`: deviation ÷ mean of the times between requests; nan with fewer than three of them."""

    visitor: Ids
    client: tuple[str | None, ...]
    agent: tuple[str | None, ...]
    only_path: tuple[str | None, ...]
    requests: Ints
    errors: Ints
    robots: Ints
    gap_mean_s: Floats
    gap_median_s: Floats
    gap_cv: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointUse:
    """By endpoint, as it was assigned. `statuses`: (status, requests), most first. Quantiles by
    column: `bytes_sent` p50, p95; `bytes_received` p50; `duration_s` p50, p95, p99. `queries`:
    requests that had a query."""

    endpoint: Ints
    requests: Ints
    queries: Ints
    statuses: tuple[tuple[tuple[int, int], ...], ...]
    bytes_sent: Floats
    bytes_received: Floats
    duration_s: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class PathUse:
    """The paths of an endpoint, most requested first. `others`: requests for paths beyond them."""

    path: tuple[str, ...]
    requests: Ints
    distinct: int
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterUse:
    """A query parameter: name and values as sent. `requests`: that have it. `others`: requests
    with values beyond `values`, of which there are `distinct`."""

    name: str
    requests: int
    distinct: int
    values: tuple[tuple[str, int], ...]
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Requests by session and time; sessions count from 0, in the order of their beginnings.
    `target`: the number of a method and path. `sessions`: of all visitors, of whom the arrays hold
    `sampled_ratio`, each with all that he did."""

    session: Ints
    time_us: Ints
    endpoint: Ints
    target: Ints
    duration_us: Ints
    sessions: int
    sampled_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePlace:
    """Where the requests of an endpoint hold a value: in the query's `parameter`, named as sent, or
    in `segments` of the path, each (its number, from 0 on; what stands before and after the value);
    several are one value together."""

    endpoint: int
    segments: tuple[tuple[int, str, str], ...] = ()
    parameter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueUses:
    """A row for each value of a request, by session, then time. `session`, `request`: numbers that
    rise. `place`: which of those that were asked for. `value`: a hash of its text as sent."""

    session: Ints
    request: Ints
    place: Ints
    value: Ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """Counts by time, from `begin_s` (s since the epoch) on: requests, and sessions begun,
    which are fractions where they were reckoned from the requests."""

    begin_s: Floats
    requests: Ints
    sessions: Ints | Floats
