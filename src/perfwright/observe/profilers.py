"""Which profiler takes a component's profile: by its runtime, or as `--profile` says.

    python …   py-spy          go …     pprof over HTTP, else perf
    node …     the inspector   jvm …    flight recorder (jcmd)
    others     perf

With `auto`, what is not an application (databases, proxies) is profiled only where perf is
installed: nobody asked for it. A Python service with a SQLite file is looked at for its statements,
too. Components on other machines have no processes here and are left
out.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable

from perfwright.model.errors import ProbeError
from perfwright.model.protocols import Profiler
from perfwright.model.watched import Component, Reading, joined
from perfwright.observe.profile_jvm import JvmProfiler
from perfwright.observe.profile_node import NodeProfiler
from perfwright.observe.profile_perf import PerfProfiler
from perfwright.observe.profile_pprof import PprofProfiler
from perfwright.observe.profile_pyspy import PySpyProfiler
from perfwright.observe.profile_sql import StatementLooks
from perfwright.observe.sqlite_files import sqlite_files

AUTO = "auto"
NONE = "none"
_Maker = Callable[[Component], Profiler]
_BY_RUNTIME: dict[str, tuple[str, ...]] = {
    "python": ("pyspy",),
    "go": ("pprof", "perf"),
    "node": ("node",),
    "jvm": ("jvm",),
}
_MAKERS: dict[str, _Maker] = {
    "pyspy": PySpyProfiler,
    "perf": PerfProfiler,
    "pprof": PprofProfiler,
    "node": NodeProfiler,
    "jvm": JvmProfiler,
}
SETTINGS = (AUTO, NONE, *_MAKERS)
_OTHER = ("perf",)


class FirstThatWorks:
    """The first profiler that is not refused; why the others were is a note."""

    def __init__(self, profilers: tuple[Profiler, ...]) -> None:
        self.name = profilers[0].name
        self._profilers = profilers

    def profile(self, moment: str, duration_s: float) -> Reading:
        """As the one that works. ProbeError: none does."""
        refused: list[str] = []
        for profiler in self._profilers:
            try:
                taken = profiler.profile(moment, duration_s)
            except ProbeError as error:
                refused.append(str(error))
            else:
                return joined((taken, Reading(notes=tuple(refused))))
        raise ProbeError("; ".join(refused))


def profilers_for(components: Iterable[Component], setting: str) -> tuple[Profiler, ...]:
    """A profiler for each component that can have one. ProbeError: `setting` names none."""
    if setting not in SETTINGS:
        raise ProbeError(f"--profile {setting!r}: there are {', '.join(SETTINGS)}")
    here = [component for component in components if component.pids]
    if setting == NONE:
        return ()
    if setting == AUTO:
        made = [_by_runtime(component) for component in here if _worth_it(component)]
        return (*made, *(StatementLooks(one) for one in here if _keeps_sqlite(one)))
    return tuple(
        _MAKERS[setting](component)
        for component in here
        if setting in _names(component) or setting == "perf"
    )


def _by_runtime(component: Component) -> Profiler:
    made = tuple(_MAKERS[name](component) for name in _names(component))
    return made[0] if len(made) == 1 else FirstThatWorks(made)


def _names(component: Component) -> tuple[str, ...]:
    return _BY_RUNTIME.get(_runtime(component), _OTHER)


def _keeps_sqlite(component: Component) -> bool:
    """Whether a Python service has a database that only itself can tell of."""
    return _runtime(component) == "python" and bool(sqlite_files(component.pids))


def _worth_it(component: Component) -> bool:
    is_application = _runtime(component) in (*_BY_RUNTIME, "native")
    return is_application or shutil.which("perf") is not None


def _runtime(component: Component) -> str:
    return component.runtime.partition(" ")[0]
