"""Was it the system that we measured, or ourselves?

The generator is to blame when the busiest worker used ≥ 90% of a core, or when requests started
late: the p99 of lateness above 1 ms and above a tenth of the median response time. So it is when
scenario code held the loop, for answers that came meanwhile were read late: of N holds of mean
length L in T seconds, 1% of all moments lie more than x = L - T/(100 N) before the end of one, and
x is held to the same two limits. So it is, too, when this machine had no ports or open files left.
Waiting at `--max-users` is the system's doing and blames nobody here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from perfwright.analyze.digest import Digest
from perfwright.analyze.summary import all_requests
from perfwright.model.frame import Hold
from perfwright.model.units import NS_PER_MS, NS_PER_S, format_count, format_duration

CPU_LIMIT_RATIO = 0.9
LATENESS_FLOOR_NS = NS_PER_MS
LATENESS_SHARE_OF_MEDIAN = 0.1
_TAIL_RATIO = 0.01
"""What a p99 leaves out."""
_LIMITS = {
    "no_ports": (
        "local ports",
        "Use --connections shared, or widen /proc/sys/net/ipv4/ip_local_port_range.",
    ),
    "too_many_files": (
        "open files",
        "Use fewer users, more --workers or --connections shared, or raise `ulimit -Hn`.",
    ),
}


def generator_faults(digest: Digest, *, workers: int) -> tuple[str, ...]:
    """A sentence for each way in which the generator was the bottleneck; none when it kept up."""
    late = _lateness(digest, workers) or _held(digest, workers)
    return tuple(fault for fault in (_cpu(digest, workers), late, *_unsent(digest)) if fault)


def never_sent(error_kinds: Mapping[str, int]) -> int:
    """How many of these failures were this machine's own limits: they never left it."""
    return sum(error_kinds.get(kind, 0) for kind in _LIMITS)


def _cpu(digest: Digest, workers: int) -> str | None:
    cpu_ratio = digest.busiest_cpu_ratio()
    if cpu_ratio < CPU_LIMIT_RATIO:
        return None
    return (
        "The load generator was the bottleneck: its busiest worker used "
        f"{cpu_ratio:.0%} of a core. {_more_workers(workers)}"
    )


def _lateness(digest: Digest, workers: int) -> str | None:
    tally = digest.judged.tally
    late_ns, median_ns = tally.lateness.quantile(0.99), tally.measure("response").quantile(0.5)
    if late_ns is None or median_ns is None:
        return None
    if late_ns <= _tolerated_ns(median_ns):
        return None
    late = (
        "The load generator was late: the p99 of its lateness was "
        f"{format_duration(late_ns / NS_PER_S)}, with a median response time of "
        f"{format_duration(median_ns / NS_PER_S)}."
    )
    if not tally.holds:
        return f"{late} {_more_workers(workers)}"
    return f"{late} {_blame(max(tally.holds, key=lambda hold: hold.total_ns))}"


def _held(digest: Digest, workers: int) -> str | None:
    """A user's code delays the other users of its worker; alone there it delays nobody."""
    tally = digest.judged.tally
    count = sum(hold.count for hold in tally.holds)
    total_ns = sum(hold.total_ns for hold in tally.holds)
    median_ns = tally.measure("response").quantile(0.5)
    lasted_ns = digest.judged.seconds * workers * NS_PER_S
    if not count or not lasted_ns or median_ns is None or digest.users_max <= workers:
        return None
    if total_ns / count - _TAIL_RATIO * lasted_ns / count <= _tolerated_ns(median_ns):
        return None
    share = min(1.0, total_ns / lasted_ns)
    return (
        f"Scenario code held the loop for {share:.0%} of the time, and answers that came then "
        f"were read late. {_blame(max(tally.holds, key=lambda hold: hold.total_ns))}"
    )


def _tolerated_ns(median_ns: float) -> float:
    return max(LATENESS_FLOOR_NS, LATENESS_SHARE_OF_MEDIAN * median_ns)


def _unsent(digest: Digest) -> Iterator[str]:
    kinds = all_requests(digest.judged.tally).error_kinds
    for kind, (what, remedy) in _LIMITS.items():
        if unsent := kinds.get(kind, 0):
            yield (
                f"The load generator ran out of {what}: {format_count(unsent)} requests were never "
                f"sent. {remedy}"
            )


def _blame(hold: Hold) -> str:
    longest = format_duration(hold.longest_ns / NS_PER_S)
    return (
        f"{hold.file}:{hold.line} held the loop for {longest}, {format_count(hold.count)} times: "
        "take it out of the scenario or wrap it in user.thread."
    )


def _more_workers(workers: int) -> str:
    return f"Use more workers (--workers {2 * workers}, on more cores) or less load."
