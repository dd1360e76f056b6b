"""Users whose chains, think times, favourites and arrivals are known: what a model must recover.

`visits` gives their requests as a log's reader would, with a clock that cuts to whole seconds;
`log_lines` writes them as combined log lines.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perfwright.model.traffic import Visits

Floats = NDArray[np.float64]

PATHS = ("/", "/items", "/items/{}", "/search", "/cart", "/orders")
NAMES = (
    "GET /", "GET /items", "GET /items/{item_id}", "GET /search", "POST /cart", "POST /orders",
)  # fmt: skip
END = len(PATHS)
BEGIN_S = 1_790_000_000.0

# Rows and columns as PATHS; the last row begins a session, the last column ends it.
BROWSE = np.array([
    [0.05, 0.50, 0.10, 0.15, 0.00, 0.00, 0.20],
    [0.10, 0.10, 0.60, 0.00, 0.00, 0.00, 0.20],
    [0.05, 0.30, 0.30, 0.10, 0.00, 0.00, 0.25],
    [0.05, 0.00, 0.60, 0.15, 0.00, 0.00, 0.20],
    [0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 1.00],
    [0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 1.00],
    [0.60, 0.20, 0.10, 0.10, 0.00, 0.00, 0.00],
])  # fmt: skip
BUY = np.array([
    [0.00, 0.10, 0.20, 0.60, 0.00, 0.00, 0.10],
    [0.00, 0.00, 0.80, 0.10, 0.00, 0.00, 0.10],
    [0.00, 0.00, 0.20, 0.10, 0.60, 0.00, 0.10],
    [0.00, 0.00, 0.80, 0.10, 0.00, 0.00, 0.10],
    [0.00, 0.00, 0.15, 0.10, 0.05, 0.60, 0.10],
    [0.05, 0.00, 0.00, 0.00, 0.00, 0.00, 0.95],
    [0.20, 0.00, 0.10, 0.70, 0.00, 0.00, 0.00],
])  # fmt: skip
BUYERS = 0.3
THINK_MU, THINK_SIGMA = 2.0, 0.7  # browsing: log-normal
THINK_SHAPE, THINK_SCALE_S = 2.0, 5.0  # buying: gamma
ARRIVALS_PER_S = 0.5  # Poisson
ITEMS, ZIPF = 500, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownUsers:
    """Their requests, by session. `kind`: 0 browses, 1 buys. `item`: which one, 1 the favourite."""

    session: NDArray[np.int64]
    kind: NDArray[np.int64]
    time_s: Floats
    state: NDArray[np.int64]
    item: NDArray[np.int64]
    begin_s: Floats

    def visits(self, resolution_us: int = 1_000_000) -> Visits:
        time_us = (self.time_s * 1e6).astype(np.int64) // resolution_us * resolution_us
        return Visits(
            session=self.session,
            time_us=time_us,
            endpoint=self.state,
            target=self.state,
            duration_us=np.full(self.state.size, -1, dtype=np.int64),
            sessions=int(self.begin_s.size),
            sampled_ratio=1.0,
        )

    def log_lines(self) -> Iterator[str]:
        for row in np.argsort(self.time_s, kind="stable"):
            session, state = int(self.session[row]), int(self.state[row])
            stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(self.time_s[row]))
            method = "POST" if state >= 4 else "GET"
            path = PATHS[state].format(self.item[row])
            address = f"10.{session // 62500}.{session // 250 % 250}.{session % 250}"
            yield f'{address} - - [{stamp}] "{method} {path} HTTP/1.1" 200 512 "-" "Mozilla/5.0"\n'


def known_users(sessions: int, seed: int = 1) -> KnownUsers:
    rng = np.random.default_rng(seed)
    begin_s = BEGIN_S + np.cumsum(rng.exponential(1 / ARRIVALS_PER_S, sessions))
    kinds = (rng.random(sessions) < BUYERS).astype(int)
    odds = np.arange(1, ITEMS + 1) ** -ZIPF
    rows: list[tuple[int, float, int]] = []
    for session in range(sessions):
        chain = BUY if kinds[session] else BROWSE
        now = float(begin_s[session])
        state = int(rng.choice(END + 1, p=chain[END]))
        while state != END:
            rows.append((session, now, state))
            now += float(
                rng.gamma(THINK_SHAPE, THINK_SCALE_S)
                if kinds[session]
                else rng.lognormal(THINK_MU, THINK_SIGMA)
            )
            state = int(rng.choice(END + 1, p=chain[state]))
    session_of, times, states = zip(*rows, strict=True)
    return KnownUsers(
        session=np.array(session_of, dtype=np.int64),
        kind=kinds,
        time_s=np.array(times),
        state=np.array(states, dtype=np.int64),
        item=rng.choice(ITEMS, len(rows), p=odds / odds.sum()) + 1,
        begin_s=begin_s,
    )
