"""Patterns: each kind of session as a Markov chain with think times on its edges.

Counts are those of the sessions that were given to the kind. An edge's think time is fitted to its
own pauses where it has enough of them and is among the busiest; a rarer one has that of the same
edge in all patterns together, or else that of all pauses.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from perfwright.analyze.workload.mixture import Mixture, assign, fit_mixture
from perfwright.analyze.workload.pattern_names import pattern_names
from perfwright.analyze.workload.sessions import Moves, SessionArrays, moves_of
from perfwright.analyze.workload.sorting import EndpointForm
from perfwright.analyze.workload.thinking import ENOUGH, Fit, fit_think
from perfwright.model.workload import Pattern, Transition

MAX_PATTERNS = 6
_MAX_FITS = 80

Ints = NDArray[np.int64]


def patterns_of(
    sessions: SessionArrays, endpoints: Sequence[EndpointForm], rng: np.random.Generator
) -> tuple[tuple[Pattern, ...], str]:
    """At most `MAX_PATTERNS`, most frequent first, and how their number was chosen."""
    moves = moves_of(sessions)
    if moves.session.size == 0:
        return (), "no session was seen whole"
    counts, codes = moves.by_session(sessions.count)
    mixture = fit_mixture(counts, codes // (moves.states + 1), MAX_PATTERNS, rng)
    kind = assign(mixture, counts, rng)
    present = np.unique(kind)
    kind = np.searchsorted(present, kind)
    order = np.argsort(-np.bincount(kind), kind="stable")
    kind = np.argsort(order)[kind]
    shares = np.bincount(kind) / kind.size
    visits = np.zeros((shares.size, sessions.states))
    np.add.at(visits, (kind[sessions.session], sessions.state), 1.0)
    names = pattern_names(endpoints, visits / (shares * kind.size)[:, None], shares)
    thinking = _Thinking(sessions, moves, kind, rng)
    patterns = tuple(
        _pattern(name, number, sessions, moves, kind, endpoints, thinking)
        for number, name in enumerate(names)
    )
    return patterns, _why(mixture, sessions.count)


def _pattern(
    name: str,
    number: int,
    sessions: SessionArrays,
    moves: Moves,
    kind: Ints,
    endpoints: Sequence[EndpointForm],
    thinking: _Thinking,
) -> Pattern:
    mine = kind == number
    codes, counts = np.unique(moves.code[mine[moves.session]], return_counts=True)
    lengths = sessions.length[mine]
    durations_s = (sessions.end_us - sessions.begin_us)[mine] / 1e6
    return Pattern(
        name=name,
        share=float(mine.mean()),
        sessions=int(mine.sum()),
        transitions=_transitions(codes, counts, moves.states, endpoints, number, thinking),
        length_mean=float(lengths.mean()),
        length_p50=float(np.median(lengths)),
        duration_p50_s=float(np.median(durations_s)),
    )


def _transitions(
    codes: Ints,
    counts: Ints,
    states: int,
    endpoints: Sequence[EndpointForm],
    number: int,
    thinking: _Thinking,
) -> tuple[Transition, ...]:
    """By source (beginnings first), most frequent first; those of a source add up to 1."""
    sources, goals = np.divmod(codes, states + 1)
    totals = np.bincount(sources, weights=counts, minlength=states + 1)
    order = np.lexsort((goals, -counts, np.where(sources == states, -1, sources)))
    found = []
    for index in order:
        source, to = int(sources[index]), int(goals[index])
        inner = source < states and to < states
        fit = thinking.of(number, int(codes[index])) if inner else Fit(think=None)
        found.append(
            Transition(
                source=endpoints[source].name if source < states else None,
                to=endpoints[to].name if to < states else None,
                count=int(counts[index]),
                probability=float(counts[index] / totals[source]),
                think=fit.think,
                candidates=fit.candidates,
            )
        )
    return tuple(found)


class _Thinking:
    """Fits, made when first asked for; the busiest edges by pattern, others shared."""

    def __init__(
        self, sessions: SessionArrays, moves: Moves, kind: Ints, rng: np.random.Generator
    ) -> None:
        inner = (moves.source < moves.states) & (moves.to < moves.states)
        codes = moves.code[inner]
        patterns = kind[moves.session[inner]]
        self._width = (moves.states + 1) ** 2
        keys = patterns * self._width + codes
        order = np.argsort(keys, kind="stable")
        self._keys = keys[order]
        self._times = sessions.think_s[moves.row[inner][order]]
        self._resolution_s = sessions.resolution_s
        self._rng = rng
        distinct, counts = np.unique(self._keys, return_counts=True)
        busiest = distinct[np.argsort(-counts, kind="stable")][:_MAX_FITS]
        self._own = set(busiest[np.sort(-counts)[:_MAX_FITS] <= -ENOUGH].tolist())
        self._patterns = int(patterns.max()) + 1 if patterns.size else 0
        self._shared: dict[int, Fit] = {}
        self._all: Fit | None = None

    def of(self, pattern: int, code: int) -> Fit:
        key = pattern * self._width + code
        if key in self._own:
            return self._fit(self._slice(key))
        if code not in self._shared:
            pooled = np.concatenate(
                [self._slice(other * self._width + code) for other in range(self._patterns)]
            )
            self._shared[code] = (
                self._fit(pooled)
                if pooled.size >= ENOUGH and len(self._shared) < _MAX_FITS
                else self._any()
            )
        return self._shared[code]

    def _any(self) -> Fit:
        if self._all is None:
            self._all = self._fit(self._times)
        return self._all

    def _slice(self, key: int) -> NDArray[np.float64]:
        low, high = np.searchsorted(self._keys, [key, key + 1])
        return self._times[low:high]

    def _fit(self, times_s: NDArray[np.float64]) -> Fit:
        return fit_think(times_s, self._resolution_s, self._rng)


def _why(mixture: Mixture, sessions: int) -> str:
    if len(mixture.tried) == 1:
        return f"one kind: {sessions:,} sessions are too few to tell kinds apart"
    tried = ", ".join(f"{chains}: {bic:,.0f}" for chains, bic in mixture.tried)
    kinds = "1 kind" if mixture.chains == 1 else f"{mixture.chains} kinds"
    return (
        f"{kinds} of sessions, by BIC of a mixture of Markov chains ({tried}); one more must lower "
        "it by half a percent and have 2% of the sessions"
    )
