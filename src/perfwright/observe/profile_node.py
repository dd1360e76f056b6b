"""Profiles of Node.js through its inspector: the V8 sampling profiler, 100 times a second.

    SIGUSR1 ─► inspector listens ─► ws: Profiler.start ─ … ─ Profiler.stop ─► it listens no more

A process without `--inspect` opens its inspector on SIGUSR1; any other program would die of that
signal, so it is sent only to one whose program is node and that is seen to catch it. What we
opened, we close. Protocol: https://chromedevtools.github.io/devtools-protocol/v8/Profiler/
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from perfwright.model.errors import ProbeError
from perfwright.model.watched import Component, Reading
from perfwright.observe.procfs import link, read_text
from perfwright.observe.profile_frames import (
    Sampling,
    counted,
    frame_text,
    joined_stack,
    short_path,
)
from perfwright.observe.profile_pids import busiest, listening_ports

_RATE = 100
_OPEN_S = 10.0
_ANSWER_S = 15.0
_MAX_BYTES = 64 << 20
_NO_WORK = ("(idle)",)
_CLOSE = "setTimeout(() => process._debugEnd(), 50)"


class NodeProfiler:
    """Profiles the busiest Node process of one component."""

    def __init__(self, component: Component) -> None:
        self.name = f"node inspector of {component.subject}"
        self._component = component

    def profile(self, moment: str, duration_s: float) -> Reading:
        """Stacks of mode cpu; a collector's work is the frame `(garbage collector)`."""
        pids = busiest(self._component, is_surely_node, 1)
        if not pids:
            raise ProbeError(f"{self.name}: it has no process that is surely node and may be asked")
        address, opened = self._inspector(pids[0])
        from websockets.exceptions import WebSocketException

        try:
            profile = _taken(address, duration_s, close=opened)
        except (OSError, ValueError, KeyError, WebSocketException) as error:
            told = str(error) or type(error).__name__
            raise ProbeError(f"{self.name}: the inspector failed ({told})") from error
        if opened:
            self._wait_until(pids[0], closed=True)
        sampling = Sampling(
            moment=moment,
            subject=self._component.subject,
            mode="cpu",
            rate_per_s=_RATE,
            duration_s=duration_s,
        )
        counts = node_stacks(profile, f"{pids[0]} main", link(f"/proc/{pids[0]}/cwd"))
        return Reading(stacks=counted(counts, sampling))

    def _inspector(self, pid: int) -> tuple[str, bool]:
        """Its address, and whether it was us who had it opened."""
        if address := self._address(pid):
            return address, False
        os.kill(pid, signal.SIGUSR1)
        if address := self._wait_until(pid, closed=False):
            return address, True
        raise ProbeError(
            f"{self.name}: its inspector did not open within {_OPEN_S:g} s; start it with "
            "`node --inspect=127.0.0.1:0`"
        )

    def _wait_until(self, pid: int, *, closed: bool) -> str:
        """Its address once it is open, or "" once it is closed; what it is when time is up."""
        until_s = time.monotonic() + _OPEN_S
        while bool(address := self._address(pid)) is closed and time.monotonic() < until_s:
            time.sleep(0.1)
        return address

    def _address(self, pid: int) -> str:
        """The web socket of its inspector; "" where no port beside the service's own is one."""
        with httpx.Client(timeout=2.0, trust_env=False, verify=False) as client:
            for port in set(listening_ports((pid,))) - {self._component.port}:
                try:
                    answer = client.get(f"http://127.0.0.1:{port}/json/list")
                    return str(answer.json()[0]["webSocketDebuggerUrl"])
                except (httpx.HTTPError, ValueError, LookupError, TypeError):
                    continue
        return ""


def is_surely_node(pid: int) -> bool:
    """Whether its program is node and it catches SIGUSR1, as node does."""
    program = PurePosixPath(link(f"/proc/{pid}/exe")).name
    caught = next(
        (line for line in read_text(f"/proc/{pid}/status").splitlines() if "SigCgt" in line), ""
    )
    bits = int(caught.split()[1], 16) if caught else 0
    return program in ("node", "nodejs") and bool(bits >> (signal.SIGUSR1 - 1) & 1)


def _taken(address: str, duration_s: float, *, close: bool) -> dict[str, Any]:
    from websockets.sync.client import connect

    with connect(address, max_size=_MAX_BYTES, open_timeout=_OPEN_S, proxy=None) as socket:
        asked = 0

        def ask(method: str, **parameters: object) -> dict[str, Any]:
            nonlocal asked
            asked += 1
            socket.send(json.dumps({"id": asked, "method": method, "params": parameters}))
            until_s = time.monotonic() + _ANSWER_S
            while True:
                answer = json.loads(socket.recv(timeout=until_s - time.monotonic()))
                if answer.get("id") == asked:
                    result: dict[str, Any] = answer["result"]
                    return result

        ask("Profiler.enable")
        ask("Profiler.setSamplingInterval", interval=1_000_000 // _RATE)
        ask("Profiler.start")
        time.sleep(duration_s)
        profile: dict[str, Any] = ask("Profiler.stop")["profile"]
        ask("Profiler.disable")
        if close:
            ask("Runtime.evaluate", expression=_CLOSE)
        return profile


def node_stacks(profile: dict[str, Any], thread: str, cwd: str) -> Counter[tuple[str, str]]:
    """A V8 profile by stack, without the idle."""
    nodes = {node["id"]: node for node in profile["nodes"]}
    parents = {child: node["id"] for node in nodes.values() for child in node.get("children", ())}
    counts: Counter[tuple[str, str]] = Counter()
    for leaf, count in Counter(profile.get("samples", ())).items():
        frames = []
        at: int | None = leaf
        while at is not None:
            frames.append(_frame(nodes[at]["callFrame"], cwd))
            at = parents.get(at)
        if frames[0] not in _NO_WORK:
            counts[thread, joined_stack(reversed(frames[:-1] or frames))] += count
    return counts


def _frame(call: dict[str, Any], cwd: str) -> str:
    function = call["functionName"] or "(anonymous)"
    url = str(call["url"])
    if url.startswith("file:"):
        url = unquote(urlsplit(url).path)
    if not url:
        return frame_text(function, "")
    file = short_path(url, cwd) if url.startswith("/") else url
    return frame_text(function, file, int(call["lineNumber"]) + 1)
