"""The tests that a purpose calls for: why each, at which load, how long, when it may begin, when it
has passed, and its command.

A length is the kind's usual one (docs/kinds.md), or longer where the workload asks for it: a level
that is shorter than a session has shown no whole one, and a p99 that rests on too few requests is
no verdict (`analyze/support.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from perfwright.analyze.planning.loads import Means, shape_in_words
from perfwright.analyze.planning.shell import SCRIPT, command_line, repeated
from perfwright.model.plan_page import Kind, PlannedTest
from perfwright.model.units import format_count, format_duration, format_number
from perfwright.plan.presets import PRESETS, preset
from perfwright.plan.shapes import Model, Shape

BREAKPOINT_TOP = 5.0
SPIKE_TOP = 2.0
_SESSIONS_A_LEVEL = 2.0
_LEVELS: Mapping[Kind, float] = {"stress": 4, "spike": 5, "breakpoint": 4, "soak": 1, "load": 1}
"""Length of the whole ÷ length of its shortest level."""
_MINUTE_S = 60.0
_LEAST_SESSIONS = 10
_LOAD_SESSIONS = 30
"""Of the load test, and of any other or each of its levels: fewer show nothing."""
_SELDOM = "sessions come seldom"
_PIECES_OF_A_LEVEL = 2
"""A climb and a hold."""
_LONGEST_S = 8 * 3600.0
_ABOVE = 1.02
"""A peak hardly above the file's own load is that load."""

STOP_RULES = ("errors > 10% for 10s", "p95 > 10s for 10s")

_TITLES: Mapping[Kind, str] = {
    "smoke": "Smoke",
    "load": "Load at peak",
    "stress": "Stress",
    "spike": "Spike",
    "soak": "Soak",
    "breakpoint": "Breakpoint",
}
_QUESTIONS: Mapping[Kind, str] = {
    "smoke": "Does it work at all? Proves scenario, data and environment before anything rests on "
    "them.",
    "load": "Does it hold the expected peak with its objectives met? All other tests are held "
    "against this one.",
    "stress": "What happens beyond the peak, up to twice of it? Shows the headroom, and how the "
    "system fails.",
    "spike": "Does it survive a sudden crowd, and recover by itself? Twice the peak, all at once.",
    "soak": "Does it leak or tire? The peak for hours: memory, connections, disks, queues.",
    "breakpoint": "Where does it break? An even climb until a stop rule ends it. "
    "perfwright investigate also names what limits it.",
}
_ENTERS: Mapping[Kind, tuple[str, ...]] = {
    "smoke": (
        "The environment table is filled in",
        "Test data are loaded",
        "Nobody else uses the environment",
    ),
    "load": ("Smoke has passed on this build", "Caches are in the state that the plan wants"),
    "stress": ("Load has passed", "Owners of shared services know of it"),
    "spike": ("Load has passed", "Autoscaling is set as in production"),
    "soak": ("Load has passed", "Disk and log space for the whole length"),
    "breakpoint": ("Load has passed", "Breaking the environment is allowed, and who restarts it"),
}
_PASSES: Mapping[Kind, tuple[str, ...]] = {
    "smoke": ("No error and no failed check", "Every step was taken at least once"),
    "load": ("Every SLO holds", "The verdict is not inconclusive (the generator kept its times)"),
    "stress": (
        "Every SLO holds up to 100% of the peak",
        "Above it the system refuses quickly instead of hanging",
        "It is back to normal after the test without a restart",
    ),
    "spike": (
        "Response time is back to what it was within a minute after the spike",
        "Errors end when the crowd leaves",
    ),
    "soak": (
        "Every SLO holds in every window of 5 minutes",
        "Memory, connections and disk use level off",
    ),
    "breakpoint": (
        "The limit is known, with what ends it",
        "It lies above the peak by the margin that you want",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What all tests of a plan share. `shape`: the load of `scenario.py`; `peak`: the one expected,
    which may be above it; `session_s`: the usual length of a session; `judged`: SLOs, and how many
    iterations each needs to be judged at all."""

    shape: Shape
    peak: float
    means: Means
    session_s: float
    judged: tuple[tuple[str, float], ...]
    options: tuple[str, ...]

    @property
    def model(self) -> Model:
        return self.shape.model


def planned_tests(kinds: Sequence[Kind], basis: Basis) -> tuple[PlannedTest, ...]:
    return tuple(_planned(kind, basis) for kind in kinds)


def _planned(kind: Kind, basis: Basis) -> PlannedTest:
    words: list[str] = []
    shape = basis.shape
    peak = _peak(kind, basis)
    duration_s, reason = _length(kind, basis, peak)
    if kind != "load" or not _is_enough(shape, peak, duration_s):
        shape = preset(kind, peak, duration_s, basis.model)
        words = _words(kind, shape, duration_s, peak)
    assert shape.duration_s is not None, shape
    level = shape.peak
    return PlannedTest(
        kind=kind,
        title=_TITLES[kind],
        why=f"{_QUESTIONS[kind]} {reason}".strip(),
        load=shape_in_words(shape.model, shape.segments),
        model=shape.model,
        peak=level,
        duration_s=shape.duration_s,
        segments=tuple((s.start_s, s.end_s, s.start, s.end) for s in shape.segments),
        users_about=basis.means.users_about(shape.model, level),
        requests_per_s=basis.means.requests_per_s(shape.model, level),
        enters=_ENTERS[kind],
        passes=_PASSES[kind],
        command=command_line("perfwright", "run", SCRIPT, *words, *basis.options),
    )


def _is_enough(shape: Shape, peak: float, needed_s: float) -> bool:
    """Whether the file's own load is the load test: as high and as long as that has to be, or with
    a course of its own."""
    has_course = len(shape.segments) > _PIECES_OF_A_LEVEL
    is_long = (shape.duration_s or 0.0) >= needed_s
    return peak <= shape.peak * _ABOVE and (is_long or has_course)


def _peak(kind: Kind, basis: Basis) -> float:
    """What `--kind` takes as its peak; stress climbs to twice of that by itself."""
    if kind == "smoke":
        return min(1.0, basis.peak)
    factor = {"spike": SPIKE_TOP, "breakpoint": BREAKPOINT_TOP}.get(kind, 1.0)
    return basis.peak * factor


def _length(kind: Kind, basis: Basis, peak: float) -> tuple[float, str]:
    """Seconds, and why it is longer than usual; "" where it is not."""
    usual_s = PRESETS[kind][1]
    needs = [*_needs(kind, basis, peak)]
    needed_s, reason = max(needs, default=(0.0, ""))
    if needed_s <= usual_s:
        return usual_s, ""
    length_s = math.ceil(min(needed_s, _LONGEST_S) / _MINUTE_S) * _MINUTE_S
    return length_s, f"Longer than the usual {format_duration(usual_s)}: {reason}."


def _needs(kind: Kind, basis: Basis, peak: float) -> Iterator[tuple[float, str]]:
    """Seconds that the test needs, each with its reason."""
    session = f"a session takes about {format_duration(basis.session_s)}"
    if kind == "smoke":
        yield basis.session_s * 1.5, session
        if basis.model == "open" and peak > 0:
            yield _LEAST_SESSIONS / peak, _SELDOM
        return
    yield basis.session_s * _SESSIONS_A_LEVEL * _LEVELS[kind], session
    if basis.model != "open" or peak <= 0:
        return
    sessions = _LOAD_SESSIONS if kind == "load" else _LEAST_SESSIONS * _LEVELS[kind]
    yield sessions / peak, _SELDOM
    if kind in ("load", "soak"):
        for expr, iterations in basis.judged:
            seconds = iterations / peak
            told = f"{expr} needs {format_count(math.ceil(iterations))} sessions to be judged"
            yield seconds, told + (f", {format_duration(seconds)}" if seconds > _LONGEST_S else "")


def _words(kind: Kind, shape: Shape, duration_s: float, peak: float) -> list[str]:
    level = f"{peak:.6g}" if shape.model == "open" else str(max(1, round(peak)))
    words = ["--kind", kind, "--rate" if shape.model == "open" else "--users", level]
    words += ["--for", format_duration(duration_s).replace(" ", "")]
    if kind == "breakpoint":
        words += repeated("--stop-if", STOP_RULES)
    return words


def expected_load(test: PlannedTest) -> str:
    """What a test's load comes to: `about 38 users at once, 17 requests/s`; "" if unknown."""
    parts = []
    if test.model == "open" and test.users_about is not None:
        users = math.ceil(test.users_about)
        parts.append(f"{format_count(users)} user{'' if users == 1 else 's'} at once")
    if test.requests_per_s is not None:
        parts.append(f"{format_number(test.requests_per_s)} requests/s")
    return f"about {', '.join(parts)}" if parts else ""
