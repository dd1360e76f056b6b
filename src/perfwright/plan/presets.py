"""The six classic kinds of test as load shapes, for `--kind`.

Each takes the `peak` (users or iterations per second), the whole length in seconds and the model.
In the closed model levels are rounded to whole users, at least one.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from perfwright.model.errors import UsageError
from perfwright.plan.shapes import Model, Shape, arrivals, users

Preset = Callable[[float, float, Model], Shape]


def smoke(peak: float, duration_s: float, model: Model) -> Shape:
    """Does it work at all? One user, or one iteration per second.

    1 ┤──────────────────────
      └──────────────────────► t
    """
    return _at(min(1.0, peak), model).hold(duration_s)


def load(peak: float, duration_s: float, model: Model) -> Shape:
    """Does it hold what we expect? A short climb (10% of the time), then the peak.

    peak ┤  ┌───────────────────
         │ ╱
       0 ┤╱
         └──────────────────────► t
    """
    ramp_s = duration_s * 0.1
    return _at(0, model).ramp(_rounded(peak, model), over=ramp_s).hold(duration_s - ramp_s)


def stress(peak: float, duration_s: float, model: Model) -> Shape:
    """What happens beyond the peak? Four stairs of equal length, up to twice the peak.

    200% ┤                 ┌─────
    150% ┤           ┌─────┘
    100% ┤     ┌─────┘
     50% ┤─────┘
         └──────────────────────► t
    """
    first, *stairs = (
        _at(_rounded(peak * factor, model), model).hold(duration_s / 4)
        for factor in (0.5, 1.0, 1.5, 2.0)
    )
    shape = first
    for stair in stairs:
        shape = shape.then(stair)
    return shape


def spike(peak: float, duration_s: float, model: Model) -> Shape:
    """Does it survive a sudden crowd, and recover? A fifth of the peak, all of it at once, and
    back.

    peak ┤        ┌─────┐
         │        │     │
     20% ┤────────┘     └────────
         └──────────────────────► t
    """
    calm = _at(_rounded(peak * 0.2, model), model).hold(duration_s * 0.4)
    return calm.then(_at(_rounded(peak, model), model).hold(duration_s * 0.2)).then(calm)


def soak(peak: float, duration_s: float, model: Model) -> Shape:
    """Does it leak or tire? The peak for hours, after a climb of 2% of the time.

    peak ┤ ┌──────────── … ─────
         │╱
       0 ┤
         └──────────────────────► t
    """
    ramp_s = duration_s * 0.02
    return _at(0, model).ramp(_rounded(peak, model), over=ramp_s).hold(duration_s - ramp_s)


def breakpoint(peak: float, duration_s: float, model: Model) -> Shape:  # noqa: A001
    """Where does it break? One even climb to the peak; let `stop_if` end it.

    peak ┤                    ╱
         │              ╱
         │        ╱
       0 ┤  ╱
         └──────────────────────► t
    """
    return _at(0, model).ramp(_rounded(peak, model), over=duration_s)


PRESETS: dict[str, tuple[Preset, float]] = {
    "smoke": (smoke, 10.0),
    "load": (load, 300.0),
    "stress": (stress, 480.0),
    "spike": (spike, 300.0),
    "soak": (soak, 7200.0),
    "breakpoint": (breakpoint, 600.0),
}
"""By name: the function, and the length in seconds where none is given."""


def preset(kind: str, peak: float, duration_s: float | None, model: Model) -> Shape:
    """The shape of `--kind`; UsageError for a kind that does not exist."""
    if kind not in PRESETS:
        close = get_close_matches(kind, PRESETS, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(PRESETS)}"
        raise UsageError(f"--kind: there is no kind {kind!r}; {hint}")
    build, default_s = PRESETS[kind]
    return build(peak, default_s if duration_s is None else duration_s, model)


def _at(level: float, model: Model) -> Shape:
    return users(int(level)) if model == "closed" else arrivals(level)


def _rounded(level: float, model: Model) -> float:
    return max(1.0, float(round(level))) if model == "closed" else level
