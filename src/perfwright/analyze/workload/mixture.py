"""Kinds of sessions: a mixture of Markov chains, fitted by EM, their number chosen by BIC.

    P(session) = Σₖ wₖ Π P_k(to | source)

(Cadez, Heckerman, Meek, Smyth & White: "Model-Based Clustering and Visualization of Navigation
Patterns on a Web Site", 2003.)
A chain sees of a session only how often it made each transition, so sessions with the same counts
are one row with a weight. Begun from k-means++ seeds, several times, the likeliest kept. One more
chain must lower BIC = q ln n - 2 ln L by half a percent (with many sessions any more chain lowers
it by something), and have a share of at least 2% and 30 sessions. Seeded: the same log gives the
same chains.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_SHARE = 0.02
LEAST_SESSIONS = 30
LEAST_GAIN = 0.005
_SAMPLE = 10_000
_STARTS = 3
_FIRST_ROUNDS = 20
_ROUNDS = 200
_CONVERGED = 1e-7
_PRIOR = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """`log_p`: of each transition (row), in each chain (column). `tried`: (chains, BIC)."""

    weights: Floats
    log_p: Floats
    log_likelihood: float
    bic: float
    tried: tuple[tuple[int, float], ...] = ()

    @property
    def chains(self) -> int:
        return int(self.weights.size)

    def posteriors(self, counts: sparse.csr_array) -> Floats:
        """How likely each session is of each chain."""
        return _shares(counts @ self.log_p + np.log(self.weights))[0]


def fit_mixture(
    counts: sparse.csr_array, sources: Ints, max_chains: int, rng: np.random.Generator
) -> Mixture:
    """`counts`: transitions by session; `sources`: the state that each column leaves."""
    sessions = counts.shape[0]
    if sessions > _SAMPLE:
        counts = counts[np.sort(rng.choice(sessions, _SAMPLE, replace=False))]
    rows, weights = _distinct(counts)
    best = _climb(rows, weights, sources, np.ones((rows.shape[0], 1)), 1)
    tried = [(1, best.bic)]
    for chains in range(2, max_chains + 1):
        if weights.sum() < chains * LEAST_SESSIONS or rows.shape[0] < chains:
            break
        candidate = _fitted(rows, weights, sources, chains, rng)
        tried.append((chains, candidate.bic))
        smallest: float = float(candidate.weights.min())
        if smallest < LEAST_SHARE or smallest * weights.sum() < LEAST_SESSIONS:
            break
        if candidate.bic > best.bic - LEAST_GAIN * abs(best.bic):
            break
        best = candidate
    order = np.argsort(-best.weights, kind="stable")
    return Mixture(
        weights=best.weights[order],
        log_p=best.log_p[:, order],
        log_likelihood=best.log_likelihood,
        bic=best.bic,
        tried=tuple(tried),
    )


def assign(mixture: Mixture, counts: sparse.csr_array, rng: np.random.Generator) -> Ints:
    """A chain for each session, drawn with its posterior: taking the likeliest would give all
    short sessions, which fit any chain, to the largest."""
    shares = mixture.posteriors(counts)
    drawn = rng.random((shares.shape[0], 1))
    chosen: Ints = (np.cumsum(shares, axis=1) < drawn).sum(axis=1)
    return np.minimum(chosen, mixture.chains - 1)


def _distinct(counts: sparse.csr_array) -> tuple[sparse.csr_array, Floats]:
    """Different rows and how often each occurs; rows are told apart by a random projection."""
    projection = np.random.default_rng(0).random((counts.shape[1], 2))
    keys = np.round(counts @ projection, 9)
    _, index, times = np.unique(keys, axis=0, return_index=True, return_counts=True)
    return counts[index], times.astype(float)


def _fitted(
    rows: sparse.csr_array, weights: Floats, sources: Ints, chains: int, rng: np.random.Generator
) -> Mixture:
    """The likeliest of several starts, climbed to the top."""
    starts = [
        _climb(rows, weights, sources, _seeds(rows, weights, chains, rng), _FIRST_ROUNDS)
        for _ in range(_STARTS)
    ]
    best = max(starts, key=lambda run: run.log_likelihood)
    return _climb(rows, weights, sources, best.posteriors(rows), _ROUNDS)


def _climb(
    rows: sparse.csr_array, weights: Floats, sources: Ints, shares: Floats, rounds: int
) -> Mixture:
    """EM from `shares`, until the likelihood hardly grows."""
    likelihood = -math.inf
    transposed = rows.T.tocsr()
    for _ in range(rounds):
        mass = weights[:, None] * shares
        totals = mass.sum(0) + 1e-9
        priors = totals / totals.sum()
        expected = transposed @ mass
        log_p = np.log(_normalised(expected + _PRIOR, sources))
        shares, sums = _shares(rows @ log_p + np.log(priors))
        latest = float(weights @ sums)
        if latest - likelihood < _CONVERGED * abs(latest):
            break
        likelihood = latest
    free = priors.size - 1
    for chain in range(priors.size):
        used = expected[:, chain] > 0.5
        free += int(used.sum()) - np.unique(sources[used]).size
    bic = free * math.log(weights.sum()) - 2 * latest
    return Mixture(weights=priors, log_p=log_p, log_likelihood=latest, bic=bic)


def _normalised(expected: Floats, sources: Ints) -> Floats:
    totals = np.zeros((int(sources.max()) + 1, expected.shape[1]))
    np.add.at(totals, sources, expected)
    result: Floats = expected / totals[sources]
    return result


def _shares(logs: Floats) -> tuple[Floats, Floats]:
    """Posteriors, and the logarithm of each row's sum."""
    highest = logs.max(axis=1, keepdims=True)
    parts = np.exp(logs - highest)
    sums = parts.sum(axis=1, keepdims=True)
    return parts / sums, (highest + np.log(sums))[:, 0]


def _seeds(
    rows: sparse.csr_array, weights: Floats, chains: int, rng: np.random.Generator
) -> Floats:
    """Hard shares by k-means++ centres over the directions of the rows, softened a little."""
    norms = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1))).ravel()
    unit = sparse.diags_array(1 / np.maximum(norms, 1e-12)) @ rows
    likeness = np.zeros((rows.shape[0], chains))
    apart = weights.copy()
    for chain in range(chains):
        total = apart.sum()
        odds = apart / total if total > 0 else weights / weights.sum()
        centre = unit[[int(rng.choice(rows.shape[0], p=odds))]]
        likeness[:, chain] = (unit @ centre.T).toarray().ravel()
        apart = weights * np.maximum(1 - likeness[:, : chain + 1].max(axis=1), 0)
    hard = np.zeros_like(likeness)
    hard[np.arange(rows.shape[0]), likeness.argmax(axis=1)] = 1.0
    softened: Floats = 0.9 * hard + 0.1 / chains
    return softened
