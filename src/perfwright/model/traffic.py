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
LEFT_OUT_BY_VISITOR = -100
"""The code of requests that were left out because of who sent them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Of all requests that are HTTP. `visitors`: approximately. `with_…`: so many tell it.
    `told_by`: what visitors are told by, "user" | "address and agent"."""

    requests: int
    visitors: int
    begin_us: int
    end_us: int
    with_user: int
    with_agent: int
    with_duration: int
    with_bytes_received: int
    told_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Most requested first. `clients`: distinct visitors, approximately. `failed`: status ≥ 400.
    `first_status`: the commonest. `distinct`: of the whole log; where that is more than was asked
    for, half of the rows are the most requested, and half a uniform sample of the others, each of
    which stands for `weight` of them."""

    method: tuple[str, ...]
    path: tuple[str, ...]
    requests: Ints
    clients: Ints
    failed: Ints
    first_status: Ints
    weight: Floats
    distinct: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agents:
    """Most requests first. `visitors`, `targets`: distinct, approximately. `errors`: status ≥ 400.
    `robots`: requests for /robots.txt. `heads`: by HEAD."""

    agent: tuple[str | None, ...]
    requests: Ints
    visitors: Ints
    targets: Ints
    errors: Ints
    robots: Ints
    heads: Ints
    with_referer: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitors:
    """Most requests first. `target`: any one path. `gap_cv`: deviation ÷ mean of the times between
    requests; nan with fewer than three of them."""

    visitor: Ids
    client: tuple[str | None, ...]
    agent: tuple[str | None, ...]
    target: tuple[str | None, ...]
    requests: Ints
    targets: Ints
    first_us: Ints
    last_us: Ints
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
    visitors: Ints
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
    visitor: Ids
    time_us: Ints
    endpoint: Ints
    target: Ints
    duration_us: Ints
    status: Ints
    sessions: int
    sampled_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """Counts by time, from `begin_s` (s since the epoch) on: requests, and sessions begun."""

    begin_s: Floats
    requests: Ints
    sessions: Ints
