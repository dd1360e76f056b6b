"""Scale and autocorrelation of noise, whatever steps and spikes are in it."""

from __future__ import annotations

import numpy as np
import pytest
from support.series import noise

from perfwright.analyze.trend.noise import ar1_of, scale_of, spread, tails_cut, whitened
from perfwright.analyze.trend.whitening import noise_of


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6, 0.9])
def test_autocorrelation_is_told_through_steps(phi: float) -> None:
    found = []
    for seed in range(6):
        values = noise(200, seed=seed, phi=phi)
        values[70:] += 4
        values[140:] -= 4
        found.append(noise_of(values).phi)
    assert np.median(found) == pytest.approx(phi, abs=0.2)


def test_steps_in_white_noise_are_not_taken_for_autocorrelation() -> None:
    apparent, settled = [], []
    for seed in range(12):
        values = noise(60, seed=seed)
        values[20:40] += 4
        apparent.append(ar1_of(values))
        settled.append(noise_of(values).phi)
    assert np.median(apparent) > 0.2
    assert np.median(settled) == 0.0


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9])
def test_differences_tell_the_autocorrelation_of_noise(phi: float) -> None:
    assert ar1_of(noise(2000, seed=1, phi=phi)) == pytest.approx(phi, abs=0.06)


def test_the_scale_does_not_see_a_step() -> None:
    values = noise(500, seed=2, sigma=3.0)
    values[250:] += 100
    assert scale_of(values) == pytest.approx(3.0, rel=0.1)


def test_a_constant_series_has_no_noise_and_rounded_ones_have_some() -> None:
    assert scale_of(np.full(20, 5.0)) == 0.0
    assert scale_of(np.array([5.0] * 30 + [6.0] * 30)) > 0
    assert noise_of(np.full(20, 5.0)).phi == 0.0


def test_whitening_keeps_levels_and_takes_dependence_away() -> None:
    values = 50 + noise(3000, seed=3, phi=0.8)
    z = whitened(values, 0.8)
    assert np.mean(z) == pytest.approx(50, abs=0.5)
    assert np.corrcoef(z[1:], z[:-1])[0, 1] == pytest.approx(0, abs=0.06)


def test_short_spikes_become_ordinary_and_steps_stay() -> None:
    values = noise(100, seed=4)
    values[50:] += 20
    values[20:23] += 40
    cut = tails_cut(values, width=7)
    assert np.abs(cut[20:23]).max() < 8
    assert cut[49] < 5 < 15 < cut[51]


def test_a_series_that_wanders_is_not_a_series_of_steps() -> None:
    """Slow noise under fast noise, which AR(1) does not describe."""
    slow, fast = noise(500, seed=9, phi=0.97, sigma=5.0), noise(500, seed=10, sigma=2.0)
    assert noise_of(slow + fast).phi >= 0.8
    wave = 5 * np.sin(np.arange(400) / 400 * 3 * np.pi) + noise(400, seed=4)
    assert noise_of(wave).phi >= 0.8


def test_many_true_steps_do_not_wander() -> None:
    values = noise(400, seed=5)
    for number, place in enumerate(range(60, 400, 60)):
        values[place:] += (-1) ** number * (4 + number)
    assert noise_of(values).phi <= 0.2


def test_rounded_values_have_a_spread() -> None:
    values = np.round(noise(200, seed=6) * 0.6)
    assert spread(values) == pytest.approx(float(np.std(values)), rel=0.25)
