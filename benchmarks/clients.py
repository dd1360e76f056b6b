"""Load clients, ours and our peers', each as one function: (address, …) → `Sample`.

All use 64 kept-alive connections and one core. A peer's CPU is that of its whole process. Ours is
told twice: the worker's own (`cpu_us`, what a request costs) and the whole tree's (`tree_cpu_us`:
worker, command line, live view, store, and start-up of all of them spread over the requests of this
run).
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processes import Finished, run_pinned

CONNECTIONS = 64
PERFWRIGHT = Path(sys.executable).with_name("perfwright")
# pass, an SLO broken, inconclusive: in each the run's numbers were printed.
RUN_ENDED = (0, 99, 97)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One round of one client; CPU in µs a request."""

    requests: int
    cpu_us: float
    per_s: float
    tree_cpu_us: float


class ClientError(RuntimeError):
    """A client is missing, failed, or printed something else than expected."""


def run_json(
    arguments: Sequence[str | Path],
    *,
    binary: Path = PERFWRIGHT,
    watch: Callable[[int], None] | None = None,
) -> tuple[dict[str, Any], Finished]:
    """`perfwright run ARGUMENTS --json` on the client's core, in a store of its own."""
    with tempfile.TemporaryDirectory(prefix="perfwright-bench-") as store:
        command = [binary, "run", *arguments, "--json", "--store", store]
        finished = run_pinned(command, watch=watch)
    if finished.exit_code not in RUN_ENDED:
        raise ClientError(f"perfwright run: exit {finished.exit_code}: {finished.stderr[-500:]}")
    document: dict[str, Any] = json.loads(finished.stdout)
    return document, finished


def ours(target: str | Path, seconds: int, *extra: str, binary: Path = PERFWRIGHT) -> Sample:
    """Ours: URL mode for a URL, the Python driver for a test file."""
    load = ["--users", str(CONNECTIONS), "--for", f"{seconds}s", "--workers", "1"]
    document, finished = run_json([target, *load, *extra], binary=binary)
    requests = document["totals"]["requests"]
    if not requests or document["totals"]["errors"]:
        raise ClientError(f"perfwright run {target}: {document['totals']}")
    return Sample(
        requests=requests,
        cpu_us=document["generator"]["cpu_us_per_request"],
        per_s=document["totals"]["throughput_per_s"],
        tree_cpu_us=finished.cpu_s / requests * 1e6,
    )


def wrk(url: str, seconds: int) -> Sample:
    """wrk 4: one thread."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", url]
    return _peer(command, r"(\d+) requests in", failure=r"Non-2xx|Socket errors")


def h2load(url: str, seconds: int) -> Sample:
    """nghttp2's h2load, HTTP/1.1."""
    command = ["h2load", "--h1", "-t1", f"-c{CONNECTIONS}", f"-D{seconds}", url]
    return _peer(command, r"(\d+) succeeded", failure=r"[1-9]\d* failed")


def ab(url: str, seconds: int) -> Sample:
    """Apache's ab; `-n` after `-t`, which would otherwise stop at 50,000."""
    command = ["ab", "-q", "-k", f"-c{CONNECTIONS}", f"-t{seconds}", "-n100000000", url]
    return _peer(command, r"Complete requests:\s+(\d+)", failure=r"Failed requests:\s+[1-9]")


def hey(url: str, seconds: int) -> Sample:
    """hey (Go's net/http), on one core as the others."""
    command = ["hey", "-cpus", "1", "-c", str(CONNECTIONS), "-z", f"{seconds}s", url]
    return _peer(command, r"\[200\]\s+(\d+) responses", failure=r"Error distribution")


def locust(locustfile: Path, url: str, seconds: int) -> Sample:
    """Locust from `.tools/peers`; its locustfile prints the CPU of the time after start-up."""
    binary = Path(__file__).resolve().parent.parent / ".tools/peers/bin/locust"
    options = ["--headless", "--only-summary", "-u", str(CONNECTIONS), "-r", str(CONNECTIONS)]
    command: list[str | Path] = [binary, "-f", locustfile, "-H", url, "-t", f"{seconds}s", *options]
    finished = _run(command)
    found = re.search(r"^measured (\{.*\})$", finished.stdout, re.MULTILINE)
    if finished.exit_code or not found:
        raise ClientError(f"locust: exit {finished.exit_code}: {finished.stderr[-500:]}")
    measured = json.loads(found[1])
    if not measured["requests"]:
        raise ClientError("locust: no request after its start-up; give it more seconds")
    return Sample(
        requests=measured["requests"],
        cpu_us=measured["cpu_s"] / measured["requests"] * 1e6,
        per_s=measured["requests"] / measured["wall_s"],
        tree_cpu_us=finished.cpu_s / measured["requests"] * 1e6,
    )


def _run(command: Sequence[str | Path]) -> Finished:
    if shutil.which(str(command[0])) is None:
        raise ClientError(f"{command[0]} is missing")
    return run_pinned(command)


def _peer(command: Sequence[str], requests_in: str, *, failure: str) -> Sample:
    finished = _run(command)
    found = re.search(requests_in, finished.stdout)
    failed = re.search(failure, finished.stdout)
    if finished.exit_code or not found or failed:
        output = (finished.stdout + finished.stderr)[-500:]
        raise ClientError(f"{command[0]}: exit {finished.exit_code}: {output}")
    requests = int(found[1])
    cpu_us = finished.cpu_s / requests * 1e6
    return Sample(
        requests=requests, cpu_us=cpu_us, per_s=requests / finished.wall_s, tree_cpu_us=cpu_us
    )
