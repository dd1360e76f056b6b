"""Sessions as sequences of endpoints, and what each of them adds to a Markov chain.

    requests     A  B  B  C │ A  C │ …                one row each, sorted by session and time
    transitions  ⊢A AB BB BC C⊣ │ ⊢A AC C⊣ │ …        ⊢ begins a session, ⊣ ends it

The log is a window. A session that begins within one timeout of its beginning may have begun before
it, so that no beginning is counted there. What follows a request within one timeout of the log's
end cannot be known either: the next one is seen, but not that there is none, so that counting the
moves alone would make sessions too long. Nothing is counted there (unless the log is too short to
do without).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from perfwright.model.traffic import Visits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_SHORT_LOG_TIMEOUTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionArrays:
    """`state`: endpoint of each request, by its place in the workload. `first`: the row where each
    session begins; `length`: its requests. `think_s`: pause before each request, nan before a
    session's first. `begin_seen`, by session: the log shows that it began there; `leaving_seen`, by
    request: it shows what follows."""

    state: Ints
    states: int
    first: Ints
    length: Ints
    begin_us: Ints
    end_us: Ints
    think_s: Floats
    resolution_s: float
    service_known: bool
    begin_seen: NDArray[np.bool_]
    leaving_seen: NDArray[np.bool_]

    @property
    def count(self) -> int:
        return int(self.first.size)

    @property
    def session(self) -> Ints:
        """The session of each request."""
        return np.repeat(np.arange(self.count), self.length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """Every transition seen, in the order of the sessions. `source`, `to`: states, or `states` for
    a beginning and an end; `code`: the two as one number. `row`: the request that it leads to, -1
    for an end."""

    states: int
    session: Ints
    source: Ints
    to: Ints
    code: Ints
    row: Ints

    def by_session(self, sessions: int) -> tuple[sparse.csr_array, Ints]:
        """How often each session made each transition, and the columns' codes."""
        codes, column = np.unique(self.code, return_inverse=True)
        ones = np.ones(column.size)
        shape = (sessions, codes.size)
        counts = sparse.coo_array((ones, (self.session, column)), shape=shape)
        return counts.tocsr(), codes


def sessions_of(
    visits: Visits, endpoints: Ints, begin_us: int, end_us: int, timeout_s: float
) -> SessionArrays:
    """`endpoints`: the numbers in `visits.endpoint`, in the workload's order."""
    order = np.argsort(endpoints)
    state = order[np.searchsorted(endpoints[order], visits.endpoint)]
    first = np.flatnonzero(np.diff(visits.session, prepend=-1) != 0)
    length = np.diff(np.append(first, visits.session.size))
    time_us, last = visits.time_us, first + length - 1
    think_us = np.diff(time_us, prepend=0).astype(float)
    known = visits.duration_us >= 0
    service_known = bool(known.size and known.mean() >= 0.5)
    if service_known:
        think_us[1:] -= np.maximum(visits.duration_us, 0)[:-1]
    think_us[first] = np.nan
    edge_us = timeout_s * 1e6
    begin_seen = time_us[first] >= begin_us + edge_us
    leaving_seen = time_us <= end_us - edge_us
    short = end_us - begin_us < _SHORT_LOG_TIMEOUTS * edge_us
    for seen in (begin_seen, leaving_seen):
        seen |= short or not seen.any()
    return SessionArrays(
        state=state,
        states=int(endpoints.size),
        first=first,
        length=length,
        begin_us=time_us[first],
        end_us=time_us[last],
        think_s=think_us / 1e6,
        resolution_s=clock_resolution_s(visits),
        service_known=service_known,
        begin_seen=begin_seen,
        leaving_seen=leaving_seen,
    )


def clock_resolution_s(visits: Visits) -> float:
    """The step of the log's clock, also where it stamps ends and beginnings were reckoned."""
    known = visits.duration_us >= 0
    stamps = (visits.time_us, (visits.time_us + visits.duration_us)[known])
    for step_us in (1_000_000, 1_000):
        if any(at.size and (at % step_us == 0).mean() >= 0.99 for at in stamps):
            return step_us / 1e6
    return 1e-6


def moves_of(sessions: SessionArrays) -> Moves:
    inner = np.ones(sessions.state.size, dtype=bool)
    inner[sessions.first] = False
    rows = np.flatnonzero(inner)
    rows = rows[sessions.leaving_seen[rows - 1]]
    begun = np.flatnonzero(sessions.begin_seen)
    edge = sessions.states
    last = sessions.first + sessions.length - 1
    ended = np.flatnonzero(sessions.leaving_seen[last])
    source = np.concatenate(
        (sessions.state[rows - 1], np.full(begun.size, edge), sessions.state[last[ended]])
    )
    to = np.concatenate(
        (sessions.state[rows], sessions.state[sessions.first[begun]], np.full(ended.size, edge))
    )
    return Moves(
        states=edge,
        session=np.concatenate((sessions.session[rows], begun, ended)),
        source=source,
        to=to,
        code=source * (edge + 1) + to,
        row=np.concatenate((rows, sessions.first[begun], np.full(ended.size, -1))),
    )
