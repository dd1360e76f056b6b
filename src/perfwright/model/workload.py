"""A workload measured from production: what `model.json` holds and the test plan tells.

Everything is counted from an access log after bots, health checks and (unless asked for) static
files were left out; `left_out` says what, and how much. Ratios are 0..1, times in seconds or µs as
named, rates per second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perfwright.model.access import LogFacts
from perfwright.model.think import Think

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Popularity:
    """How often each value of a path segment or query parameter is used. `values`: (value, count),
    most first, at most a bounded number; `others`: requests for values beyond them. `zipf_s`: the
    fitted exponent of Zipf's law, None where it does not fit (`zipf_distance`: KS)."""

    distinct: int
    values: tuple[tuple[str, int], ...]
    others: int = 0
    zipf_s: float | None = None
    zipf_distance: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A variable part of an endpoint. `where`: "path" | "query". `kind`: integer, uuid, hash, date,
    slug, text. `share`: of the endpoint's requests that have it (1 for a path's)."""

    name: str
    where: str
    kind: str
    share: float
    popularity: Popularity


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`name`: "GET /items/{id}". `statuses`: (status, requests), most first. Response time is the
    server's own, where the log tells it: (p50, p95, p99) in seconds."""

    name: str
    method: str
    template: str
    requests: int
    share: float
    statuses: tuple[tuple[int, int], ...]
    parameters: tuple[Parameter, ...] = ()
    response_bytes_p50: int | None = None
    response_bytes_p95: int | None = None
    request_bytes_p50: int | None = None
    service_s: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """`source` None: a session begins; `to` None: it ends. `count`: seen so often; `probability`:
    of all that leave `source`. `candidates`: AIC of each family tried, lowest first."""

    source: str | None
    to: str | None
    count: int
    probability: float
    think: Think | None = None
    candidates: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One kind of session: a component of the mixture of chains. `length_p50`: requests."""

    name: str
    share: float
    sessions: int
    transitions: tuple[Transition, ...]
    length_mean: float
    length_p50: float
    duration_p50_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """`told_by`: "user" | "address and agent". `timeout_s`: a longer gap begins a new session, and
    `timeout_why` says how it was chosen. `mixture_why`: how the number of patterns was."""

    sessions: int
    told_by: str
    timeout_s: float
    timeout_why: str
    length_mean: float
    lengths: tuple[tuple[int, int], ...]
    patterns: tuple[Pattern, ...]
    mixture_why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Parameters that take over the values which others had last in the same session: the item that
    is looked at is put into the cart. `observations`: requests before which the session had values
    of the others, of which `equal` have the same; `chance`: the share of equal ones that popularity
    alone would make. `share`: how often values are taken over, beyond chance, with its 95%
    interval."""

    endpoint: str
    parameters: tuple[str, ...]
    from_endpoint: str
    from_parameters: tuple[str, ...]
    observations: int
    equal: int
    chance: float
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Beginnings of sessions. `series`: (bin, s since the epoch; sessions begun; requests), in
    bins of `bin_s`. `dispersion`: the index of dispersion of counts (variance ÷ mean over bins of
    `dispersion_bin_s`; 1: Poisson). `by_hour`: mean sessions/s by hour of the week, Monday 00:00
    UTC first; None where the log does not reach. The peak is the busiest `peak_window_s`: an hour,
    less in a log of less than two; `peak_percentile`: where it stands among all, 0..1."""

    begin_s: float
    end_s: float
    bin_s: float
    series: tuple[tuple[float, int, int], ...]
    sessions_per_s: float
    requests_per_s: float
    dispersion: float
    dispersion_bin_s: float
    peak_begin_s: float
    peak_sessions_per_s: float
    peak_requests_per_s: float
    peak_percentile: float
    by_hour: tuple[float | None, ...] = ()
    peak_window_s: float = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """`what`: "bots", "health checks", "static files", "rare endpoints"; `how`: told by what."""

    what: str
    requests: int
    share: float
    how: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """Original against simulated. `measure`: "total variation" | "Kolmogorov-Smirnov", 0..1, with
    its 95% interval; `noise`: the distance that two halves of the original have."""

    what: str
    measure: str
    value: float
    low: float
    high: float
    noise: float
    limit: float
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelity:
    """`verdict`: "faithful" | "rough" | "unfaithful" | "unknown" (too little to compare)."""

    distances: tuple[Distance, ...]
    verdict: str
    why: str
    simulated_sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    facts: LogFacts
    endpoints: tuple[Endpoint, ...]
    sessions: Sessions
    arrivals: Arrivals
    links: tuple[Link, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    fidelity: Fidelity | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Who asked for what, and when: production's sessions or simulated ones, so that the two can be
    compared. One entry a request, by session, then time; sessions count from 0 in the order of
    their beginnings. `time_s`: since any origin. `step`: place in `steps`, names of endpoints;
    `item`: place in `items` (paths as sent, without query), -1 where nothing of the path varies.
    `starts_s`: beginnings of all sessions, those that are not traced too, sorted. `resolution_s`:
    step of the clock. `busy_s`: the server's time, where it is known."""

    session: NDArray[np.int64]
    time_s: NDArray[np.float64]
    step: NDArray[np.int64]
    item: NDArray[np.int64]
    steps: tuple[str, ...]
    items: tuple[str, ...]
    starts_s: NDArray[np.float64]
    resolution_s: float = 0.0
    busy_s: NDArray[np.float64] | None = None
