"""Profiles of Go programs over HTTP: `/debug/pprof/profile?seconds=N` (package net/http/pprof).

Asked at the ports that the program itself listens on, on loopback. What it samples is CPU time, 100
times a second; meanwhile `/debug/pprof/goroutine` tells where all goroutines are, running or not.
ProbeError where no port serves profiles, with the line of code that would add them.
"""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx

from perfwright.model.errors import ProbeError
from perfwright.model.units import NS_PER_S
from perfwright.model.watched import Component, Reading, joined
from perfwright.observe.pprof_proto import Line, Profile, read_profile
from perfwright.observe.procfs import link
from perfwright.observe.profile_frames import Sampling, counted, frame_text, joined_stack
from perfwright.observe.profile_pids import busiest, listening_ports
from perfwright.observe.repeated_looks import Stacks, wall_profile
from perfwright.observe.runtimes import runtime_of

_PORTS = 8
_ASK_S = 2.0
_MAX_BYTES = 16 << 20
_PACKAGE = re.compile(r"(?P<package>(?:.*/)?[^./]+)\.")
_MODULE = re.compile(r".*/pkg/mod/|.*/vendor/")
_SERVES_PROFILES = re.compile(r"(net/http|runtime)/pprof\.")
_VERSION = re.compile(r"@[^/]+")


class PprofProfiler:
    """Profiles the Go process of one component."""

    def __init__(self, component: Component) -> None:
        self.name = f"pprof of {component.subject}"
        self._component = component

    def profile(self, moment: str, duration_s: float) -> Reading:
        """Stacks of the modes cpu and wall, of whole seconds."""
        pids = busiest(self._component, lambda pid: runtime_of(pid).startswith("go"), 1)
        if not pids:
            raise ProbeError(f"{self.name}: it has no Go process that we can see")
        seconds = max(1, round(duration_s))
        with (
            httpx.Client(trust_env=False, timeout=_ASK_S) as client,
            ThreadPoolExecutor(1) as beside,
        ):
            base = self._serving(client, pids)
            waits = beside.submit(self._waits, base, pids[0], moment, seconds)
            taken = self._asked(client, f"{base}/profile", {"seconds": seconds}, seconds + 10)
            waiting = waits.result()
        period_ns = taken.period_ns or NS_PER_S // 100
        sampling = Sampling(
            moment=moment,
            subject=self._component.subject,
            mode="cpu",
            rate_per_s=NS_PER_S / period_ns,
            duration_s=seconds,
        )
        counts = go_stacks(taken, str(pids[0]), link(f"/proc/{pids[0]}/cwd"))
        return joined((Reading(stacks=counted(counts, sampling)), waiting))

    def _waits(self, base: str, pid: int, moment: str, seconds: int) -> Reading:
        cwd = link(f"/proc/{pid}/cwd")

        def look() -> Stacks:
            return go_stacks(self._asked(client, f"{base}/goroutine", {}, _ASK_S), str(pid), cwd)

        with httpx.Client(trust_env=False, timeout=_ASK_S) as client:
            try:
                subject = self._component.subject
                taken = wall_profile(look, moment=moment, subject=subject, duration_s=seconds)
                return Reading(stacks=taken)
            except ProbeError as error:
                return Reading(notes=(f"what its goroutines wait for is unseen: {error}",))

    def _serving(self, client: httpx.Client, pids: tuple[int, ...]) -> str:
        ports = dict.fromkeys((self._component.port, *listening_ports(pids)))
        for port in [port for port in ports if port][:_PORTS]:
            base = f"http://127.0.0.1:{port}/debug/pprof"
            try:
                if client.get(f"{base}/cmdline").is_success:
                    return base
            except httpx.HTTPError:
                continue
        raise ProbeError(
            f"{self.name}: none of its ports serves /debug/pprof/; "
            'import _ "net/http/pprof" adds it to the default mux'
        )

    def _asked(
        self, client: httpx.Client, url: str, params: dict[str, int], timeout_s: float
    ) -> Profile:
        try:
            body = bytearray()
            with client.stream("GET", url, params=params, timeout=timeout_s) as answer:
                if not answer.is_success:
                    raise ProbeError(f"{self.name}: {url} answered HTTP {answer.status_code}")
                for piece in answer.iter_raw():
                    body += piece
                    if len(body) > _MAX_BYTES:
                        raise ProbeError(f"{self.name}: a profile of over {_MAX_BYTES >> 20} MiB")
            return read_profile(bytes(body))
        except (httpx.HTTPError, ValueError) as error:
            raise ProbeError(f"{self.name}: {error or type(error).__name__}") from error


def go_stacks(profile: Profile, thread: str, cwd: str) -> Stacks:
    """A Go profile by stack, without what serves us profiles."""
    counts: Stacks = Counter()
    root = _go_root(profile)
    for lines, count in profile.samples:
        if not lines or any(_SERVES_PROFILES.match(line.function) for line in lines):
            continue
        stack = joined_stack(
            frame_text(line.function, _file(line, cwd, root), line.line) for line in lines
        )
        counts[thread, stack] += count
    return counts


def _go_root(profile: Profile) -> str:
    """Where Go itself was built, `/usr/local/go/src/`: its runtime is in every program. "" where
    paths were trimmed."""
    for lines, _ in profile.samples:
        for line in lines:
            root, marked, _ = line.file.rpartition("/src/runtime/")
            if marked and line.function.startswith("runtime."):
                return f"{root}/src/"
    return ""


def _file(line: Line, cwd: str, root: str) -> str:
    """A module's or the standard library's file as it is imported, others below `./`."""
    if module := _MODULE.match(line.file):
        return _VERSION.sub("", line.file[module.end() :])
    if root and line.file.startswith(root):
        return line.file[len(root) :]
    found = _PACKAGE.match(line.function)
    package = found["package"] if found else ""
    if package != "main" and "." not in package.partition("/")[0]:
        _, marked, name = f"/src/{line.file}".rpartition(f"/src/{package}/")
        if marked:
            return f"{package}/{name}"
    if line.file.startswith(f"{cwd}/"):
        return f"./{line.file[len(cwd) + 1 :]}"
    return line.file if line.file.startswith("/") else f"./{line.file}"
