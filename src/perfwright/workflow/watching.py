"""What watches a run: the probes that were asked for, and with `auto` those that are found.

Discovery is asked again while the load flows, since a service opens its connections to databases
only when it has something to ask them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from urllib.parse import urlsplit

from perfwright.model.errors import ProbeError
from perfwright.model.watched import Component, Reading, joined
from perfwright.observe.specs import AUTO, NONE, make_probe
from perfwright.observe.watcher import Watcher
from perfwright.plan.targets import is_loopback

_LOOK_AGAIN_AT_S = (1, 3, 6, 12)
_CLOSE_WITHIN_S = 12.0


class Watching:
    """Use: start, then `second` for each frame, and close. `specs` as in `--watch`; `profile`:
    auto, none, or the name of one profiler. `notes` grow with what could not be seen."""

    def __init__(self, target: str, specs: tuple[str, ...], profile: str) -> None:
        self.notes: list[str] = []
        self._target = target
        self._wanted = specs
        self._profile = profile
        self._watcher: Watcher | None = None
        self._places: set[str] = set()
        self._components: dict[str, Component] = {}
        self._found = Reading()

    def start(self, origin_ns: int) -> None:
        """Open the probes, whose specs `check_watch` has let pass."""
        self._watcher = Watcher(origin_ns)
        for spec in self._wanted:
            if spec not in (AUTO, NONE):
                self._watch(spec)
        self._discover()

    def second(self, second: int) -> Reading:
        """What was seen up to now."""
        if second in _LOOK_AGAIN_AT_S:
            self._discover()
        return self._told(self._started.take())

    def profile(self, moment: str, *, at_s: float, duration_s: float) -> None:
        """Profile every component found, from `at_s` on."""
        if self._profile == "none":
            return
        from perfwright.observe.profilers import profilers_for

        profilers = profilers_for(self._components.values(), self._profile)
        self._started.profile(profilers, moment, at_s=at_s, duration_s=duration_s)

    def close(self) -> Reading:
        """The last readings; probes that do not end are left behind. Again: nothing."""
        watcher, self._watcher = self._watcher, None
        return Reading() if watcher is None else self._told(watcher.close(_CLOSE_WITHIN_S))

    @property
    def _started(self) -> Watcher:
        assert self._watcher is not None, "not started"
        return self._watcher

    def _watch(self, spec: str) -> None:
        """Once, also where a database was given with other credentials than were found."""
        place = _place(spec)
        if place not in self._places:
            self._places.add(place)
            self._started.watch(make_probe(spec))

    def _discover(self) -> None:
        if AUTO not in self._wanted:
            return
        from perfwright.observe.discover import discover

        found = discover(self._target)
        components = map(self._with_known_peers, found.components)
        new = tuple(one for one in components if self._components.get(one.subject) != one)
        self._components.update({component.subject: component for component in new})
        notes = list(found.notes)
        for spec in found.specs:
            try:
                self._watch(spec)
            except ProbeError as error:
                notes.append(str(error))
        self._found = joined((self._found, Reading(components=new, notes=tuple(notes))))

    def _with_known_peers(self, component: Component) -> Component:
        """A connection that is there for moments only was perhaps seen in an earlier look."""
        known = self._components.get(component.subject, component)
        peers = {*known.talks_to, *component.talks_to}
        return dataclasses.replace(component, talks_to=tuple(sorted(peers)))

    def _told(self, reading: Reading) -> Reading:
        together, self._found = joined((self._found, reading)), Reading()
        self.notes += (note for note in together.notes if note not in self.notes)
        return together


def check_watch(specs: Sequence[str], profile: str) -> None:
    """ProbeError: a spec, or the kind of profile, that cannot mean anything."""
    for spec in specs:
        if spec not in (AUTO, NONE):
            make_probe(spec)
    if profile not in (AUTO, NONE):
        from perfwright.observe.profilers import profilers_for

        profilers_for((), profile)


def _place(spec: str) -> str:
    """What is watched, whoever asks: for a database its address and name; the spec of all else."""
    parts = urlsplit(spec)
    if not parts.netloc:
        return spec
    host = (parts.hostname or "").replace("localhost", "127.0.0.1")
    return f"{parts.scheme.removesuffix('ql')}://{host}:{parts.port}{parts.path}"


def usual_watch(target: str) -> tuple[str, ...]:
    """What is watched where nothing was said: everything behind a target on this machine."""
    return (AUTO,) if is_loopback(target) else ()
