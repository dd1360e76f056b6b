"""Series whose truth is known: twelve kinds, with and without autocorrelated noise, from a seed.

    noise      nothing happens                  spikes    anomalies of 1–3 rows, no change
    steps      1–4 shifts of the level          variance  the scatter doubles to quadruples
    small      one shift of 1–1.5 σ             skewed    steps in log-normal noise
    drift      a slow ramp between two levels   heavy     steps in Student's t noise, 3 degrees
    mixed      steps and a spike                seasonal  a day's pattern, one step, two anomalies
    walk       a random walk: nothing happens   bursts    a day's pattern with anomalous stretches

Levels are about 100, σ is 2–5. A change's label is its first row, an anomaly's its rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Random = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """`changes`: first rows of the new; `anomalies`: [start, end] rows, inclusive."""

    kind: str
    values: Floats
    changes: tuple[int, ...]
    anomalies: tuple[tuple[int, int], ...] = ()
    step_s: float = 3600.0


def labelled(kind: str, *, phi: float, seed: int) -> Labelled:
    """The series of this kind, noise and seed; `phi`: of the AR(1) noise."""
    random = np.random.default_rng([seed, KINDS.index(kind), round(100 * phi)])
    return _MAKERS[kind](random, phi)


def ar1(random: Random, n: int, sigma: float, phi: float, shocks: Floats | None = None) -> Floats:
    """Stationary noise with the standard deviation `sigma`, normal unless `shocks` are given."""
    if shocks is None:
        shocks = random.normal(0, sigma * np.sqrt(1 - phi**2), n)
    noise = np.empty(n)
    noise[0] = random.normal(0, sigma)
    for i in range(1, n):
        noise[i] = phi * noise[i - 1] + shocks[i]
    return noise


def _stationary(
    random: Random, phi: float, low: int = 60, high: int = 400
) -> tuple[int, float, Floats]:
    n, sigma = int(random.integers(low, high)), float(random.uniform(2, 5))
    return n, sigma, 100 + ar1(random, n, sigma, phi)


def _places(random: Random, n: int, k: int, apart: int) -> list[int]:
    """k sorted places, at least `apart` from each other and from the ends."""
    while True:
        places = sorted(random.integers(apart, n - apart, k).tolist())
        if all(b - a >= apart for a, b in itertools.pairwise(places)):
            return places


def _shift(random: Random, sigma: float, phi: float, low: float, high: float) -> float:
    """A shift of `low`..`high` standard deviations, more where autocorrelation hides it."""
    return float(random.choice((-1, 1)) * random.uniform(low, high) * sigma / (1 - phi / 2))


def _noise(random: Random, phi: float) -> Labelled:
    return Labelled(kind="noise", values=_stationary(random, phi)[2], changes=())


def _steps(random: Random, phi: float) -> Labelled:
    n, sigma, values = _stationary(random, phi, 100)
    places = _places(random, n, int(random.integers(1, min(5, n // 40 + 1))), 15)
    for place in places:
        values[place:] += _shift(random, sigma, phi, 2, 5)
    return Labelled(kind="steps", values=values, changes=tuple(places))


def _small(random: Random, phi: float) -> Labelled:
    n, sigma, values = _stationary(random, phi, 150)
    (place,) = _places(random, n, 1, 50)
    values[place:] += _shift(random, sigma, phi, 1, 1.5)
    return Labelled(kind="small", values=values, changes=(place,))


def _drift(random: Random, phi: float) -> Labelled:
    n, sigma, values = _stationary(random, phi, 150)
    (start,) = _places(random, n, 1, 50)
    length = int(random.integers(20, n - start)) if n - start > 21 else n - start
    rise = _shift(random, sigma, phi, 4, 8)
    values += rise * np.clip((np.arange(n) - start) / length, 0, 1)
    return Labelled(kind="drift", values=values, changes=(start,))


def _spikes(random: Random, phi: float) -> Labelled:
    n, sigma, values = _stationary(random, phi, 100)
    places = _places(random, n, int(random.integers(1, 5)), 12)
    spans = []
    for place in places:
        end = place + int(random.integers(0, 3))
        values[place : end + 1] += _shift(random, sigma, 0, 7, 15)
        spans.append((place, end))
    return Labelled(kind="spikes", values=values, changes=(), anomalies=tuple(spans))


def _variance(random: Random, phi: float) -> Labelled:
    n, sigma, _ = _stationary(random, phi, 150)
    (place,) = _places(random, n, 1, 60)
    scale = np.where(np.arange(n) < place, 1.0, random.uniform(2, 4))
    if random.random() < 0.5:
        scale = scale.max() / scale
    values = 100 + ar1(random, n, sigma, phi) * scale
    return Labelled(kind="variance", values=values, changes=(place,))


def _skewed(random: Random, phi: float) -> Labelled:
    n = int(random.integers(100, 400))
    sigma = float(random.uniform(0.05, 0.25))
    log = np.log(100) + ar1(random, n, sigma, phi)
    places = _places(random, n, int(random.integers(1, 3)), 20)
    for place in places:
        log[place:] += _shift(random, sigma, phi, 2, 5)
    return Labelled(kind="skewed", values=np.exp(log), changes=tuple(places))


def _heavy(random: Random, phi: float) -> Labelled:
    n, sigma = int(random.integers(100, 400)), float(random.uniform(2, 5))
    shocks = random.standard_t(3, n) / np.sqrt(3) * sigma * np.sqrt(1 - phi**2)
    values = 100 + ar1(random, n, sigma, phi, shocks)
    places = _places(random, n, int(random.integers(1, 3)), 20)
    for place in places:
        values[place:] += _shift(random, sigma, phi, 2, 5)
    return Labelled(kind="heavy", values=values, changes=tuple(places))


def _walk(random: Random, phi: float) -> Labelled:
    n, sigma, _ = _stationary(random, phi)
    values = 100 + np.cumsum(ar1(random, n, sigma / 4, phi / 2))
    return Labelled(kind="walk", values=values, changes=())


def _mixed(random: Random, phi: float) -> Labelled:
    n, sigma, values = _stationary(random, phi, 120)
    places = _places(random, n, 3, 20)
    for place in places[:2]:
        values[place:] += _shift(random, sigma, phi, 2.5, 5)
    values[places[2]] += _shift(random, sigma, 0, 8, 15)
    return Labelled(
        kind="mixed", values=values, changes=tuple(places[:2]),
        anomalies=((places[2], places[2]),),
    )  # fmt: skip


def _day(random: Random, n: int, sigma: float) -> Floats:
    """A daily pattern of hourly rows: a wave and a busy hour."""
    hours = np.arange(n)
    wave = random.uniform(2, 6) * sigma * np.sin(2 * np.pi * (hours / 24 + random.random()))
    busy: Floats = wave + random.uniform(0, 5) * sigma * (hours % 24 == random.integers(0, 24))
    return busy


def _seasonal(random: Random, phi: float) -> Labelled:
    n, sigma, values = _stationary(random, phi, 300, 900)
    values += _day(random, n, sigma)
    places = _places(random, n, 3, 40)
    values[places[0] :] += _shift(random, sigma, phi, 2.5, 5)
    spans = tuple((place, place + int(random.integers(0, 2))) for place in places[1:])
    for start, end in spans:
        values[start : end + 1] += _shift(random, sigma, 0, 8, 15)
    return Labelled(kind="seasonal", values=values, changes=(places[0],), anomalies=spans)


def _bursts(random: Random, phi: float) -> Labelled:
    n, sigma, values = _stationary(random, phi, 500, 1200)
    values += _day(random, n, sigma)
    spans = []
    for place in _places(random, n, 3, 40):
        end = place + int(random.integers(2, 10))
        values[place : end + 1] += _shift(random, sigma, phi, 5, 9)
        spans.append((place, end))
    return Labelled(kind="bursts", values=values, changes=(), anomalies=tuple(spans))


_MAKERS: dict[str, Callable[[Random, float], Labelled]] = {
    "noise": _noise,
    "steps": _steps,
    "small": _small,
    "drift": _drift,
    "spikes": _spikes,
    "variance": _variance,
    "skewed": _skewed,
    "heavy": _heavy,
    "walk": _walk,
    "mixed": _mixed,
    "seasonal": _seasonal,
    "bursts": _bursts,
}
KINDS = tuple(_MAKERS)
