"""Think times as code: in a journey what is thought, in a walk's table what draws it.

    LogNormal(1.2, 0.8)     await user.think(user.rng.lognormvariate(1.2, 0.8))      a journey
                            lognormal(1.2, 0.8)                                      a table

`random.weibullvariate` takes scale before shape, `expovariate` the reciprocal of the mean.
"""

from __future__ import annotations

from perfwright.export.scenario_file.context import FileContext
from perfwright.export.scenario_file.layout import Atom
from perfwright.export.scenario_file.literals import rounded
from perfwright.model.think import (
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    LogNormal,
    Think,
    Uniform,
    Weibull,
)


def mean_is_zero(think: Think | None) -> bool:
    """Whether there is nothing to wait for."""
    match think:
        case None:
            return True
        case Fixed(seconds) | Exponential(seconds):
            return not seconds > 0
        case Uniform(low, high):
            return not (high > 0 and low >= 0)
        case Gamma(shape, scale) | Weibull(shape, scale):
            return not (shape > 0 and scale > 0)
        case Empirical(quantiles):
            return not quantiles or not max(quantiles) > 0
        case LogNormal(_, sigma):
            return sigma < 0


def in_journey(think: Think, file: FileContext, name: str) -> Atom:
    """The argument(s) of `user.think(…)`."""
    match think:
        case Fixed(seconds):
            return Atom(rounded(seconds, 3))
        case Uniform(low, high):
            return Atom(f"{rounded(low, 3)}, {rounded(high, 3)}")
        case Exponential(mean):
            return Atom(f"user.rng.expovariate(1 / {rounded(mean, 3)})")
        case LogNormal(mu, sigma):
            return Atom(f"user.rng.lognormvariate({rounded(mu)}, {rounded(sigma)})")
        case Gamma(shape, scale):
            return Atom(f"user.rng.gammavariate({rounded(shape)}, {rounded(scale)})")
        case Weibull(shape, scale):
            return Atom(f"user.rng.weibullvariate({rounded(scale)}, {rounded(shape)})")
        case Empirical(quantiles):
            if len(quantiles) == 1:
                return Atom(rounded(quantiles[0], 3))
            file.needs.add("drawn")
            return Atom(f"drawn(user.rng, {file.quantiles(name, quantiles)})")


def in_table(think: Think | None, file: FileContext, name: str) -> Atom:
    """What draws a think time, `None` where there is none."""
    if think is None or mean_is_zero(think):
        return Atom("None")
    match think:
        case Fixed(seconds):
            function, numbers = "fixed", [rounded(seconds, 3)]
        case Uniform(low, high):
            function, numbers = "uniform", [rounded(low, 3), rounded(high, 3)]
        case Exponential(mean):
            function, numbers = "exponential", [rounded(mean, 3)]
        case LogNormal(mu, sigma):
            function, numbers = "lognormal", [rounded(mu), rounded(sigma)]
        case Gamma(shape, scale):
            function, numbers = "gamma", [rounded(shape), rounded(scale)]
        case Weibull(shape, scale):
            function, numbers = "weibull", [rounded(shape), rounded(scale)]
        case Empirical(quantiles) if len(quantiles) == 1:
            function, numbers = "fixed", [rounded(quantiles[0], 3)]
        case Empirical(quantiles):
            file.needs.add("drawn")
            function, numbers = "measured", [file.quantiles(name, quantiles)]
    file.needs.add(function)
    return Atom(f"{function}({', '.join(numbers)})")
