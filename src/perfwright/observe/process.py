"""`port:N`, `pid:N`, `name:X`: a component's processes, watched as one and one by one.

    every 2 s, or once the first of them is gone:  spec ─► processes now   (process_spec.py)
    every second:                                  CPU, memory, whether stopped
    every second that 0.3% of a core buys each:    I/O; cgroup; threads; open files and sockets
    every 5 s at most:                             memory that is theirs alone

Processes come and go in a run: a worker that is recycled is followed; a component that ends is told
of once, and watched again when it is back. What belongs to another user reads as nothing, and a
note says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.model.errors import ProbeError
from perfwright.model.watched import NOTHING, Component, Occurrence, Reading, Sample
from perfwright.observe.components import component_of
from perfwright.observe.meter import Meter, Paced
from perfwright.observe.process_cgroup import CgroupMeter
from perfwright.observe.process_cpu import CpuMeter
from perfwright.observe.process_files import IoMeter, UniqueMemoryMeter
from perfwright.observe.process_sockets import SocketMeter
from perfwright.observe.process_spec import Processes, parse_spec
from perfwright.observe.process_stopped import StoppedMeter
from perfwright.observe.process_threads import DELAYACCT_REMEDY, ThreadMeter, delays_are_counted
from perfwright.observe.procfs import may_inspect, since_boot_s
from perfwright.observe.shared import SAME_ROUND_S

_RESOLVE_EVERY_S = 1.9
_SHARE = 0.003
_UNIQUE_MEMORY_EVERY_S = 5.0


class ProcessProbe:
    """One component's processes. ProbeError: the spec is wrong, or nothing like it runs.

    `share`: of a core, that each costly meter may take; `memory_every_s`: how often at most the
    memory that is the processes' own is looked at."""

    def __init__(
        self,
        spec: str,
        *,
        share: float = _SHARE,
        memory_every_s: float = _UNIQUE_MEMORY_EVERY_S,
    ) -> None:
        self._spec = parse_spec(spec)
        self.name = self._spec.subject
        self._processes = Processes(self._spec)
        self._share = share
        self._memory_every_s = memory_every_s
        self._pids: tuple[int, ...] = ()
        self._resolved_s = 0.0
        self._meters: tuple[Meter, ...] = ()

    def open(self, origin_ns: int) -> Reading:  # noqa: ARG002 - a probe's interface
        self._meters = (
            CpuMeter(),
            Paced(IoMeter(), share=self._share),
            Paced(CgroupMeter(), share=self._share),
            Paced(ThreadMeter(), share=self._share),
            Paced(SocketMeter(self._port), share=self._share),
            Paced(UniqueMemoryMeter(), share=self._share, least_s=self._memory_every_s),
            StoppedMeter(),
        )
        self._resolve(max_age_s=0.0)
        if not self._pids:
            raise ProbeError(
                f"--watch {self.name}: no such process runs here; is the target up, and is it on "
                "this machine?"
            )
        for meter in self._meters:  # the first differences need a beginning
            tuple(meter.read(self._pids))
        return Reading(components=(self._component(),), notes=self._notes())

    def read(self, second: int) -> Reading:
        before = self._pids
        self._follow()
        samples = tuple(
            Sample(second=second, metric=metric, subject=self.name, value=value, label=label)
            for meter in self._meters
            if self._pids
            for metric, value, label in meter.read(self._pids)
        )
        return Reading(samples=samples, occurrences=self._told(second, before))

    def close(self) -> Reading:
        return Reading(components=(self._component(),)) if self._pids else NOTHING

    @property
    def _port(self) -> int:
        return self._spec.number if self._spec.kind == "port" else 0

    def _component(self) -> Component:
        return component_of(self.name, self._pids, port=self._port)

    def _follow(self) -> None:
        """Look the processes up again when it is time, or when those they all stem from end."""
        due = since_boot_s() - self._resolved_s >= _RESOLVE_EVERY_S
        if due or not self._processes.run():
            self._resolve(max_age_s=SAME_ROUND_S)

    def _resolve(self, *, max_age_s: float) -> None:
        self._pids = self._processes.now(max_age_s)
        self._resolved_s = since_boot_s()

    def _told(self, second: int, before: Sequence[int]) -> tuple[Occurrence, ...]:
        if bool(before) == bool(self._pids):
            return ()
        kind, message = (
            ("started", f"runs again as {_named(self._pids)}")
            if self._pids
            else ("ended", f"{_named(before)} ended")
        )
        return (Occurrence(second=second, subject=self.name, kind=kind, message=message),)

    def _notes(self) -> tuple[str, ...]:
        hidden = [pid for pid in self._pids if not may_inspect(pid)]
        notes = () if delays_are_counted() else (DELAYACCT_REMEDY,)
        if not hidden:
            return notes
        return (
            f"{self.name}: sockets, open files, I/O and unique memory of {_named(hidden)} are"
            " hidden from us, being another user's; run as that user or as root to see them",
            *notes,
        )


def _named(pids: Sequence[int]) -> str:
    shown = ", ".join(map(str, pids[:5])) + (", …" if len(pids) > 5 else "")
    return f"process {shown}" if len(pids) == 1 else f"processes {shown}"
