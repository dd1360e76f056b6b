"""Was it the system that we measured, or ourselves?

The generator is to blame when the busiest worker used ≥ 90% of a core, or when requests started
late: the p99 of lateness above 1 ms and above a tenth of the median response time. Waiting at
`--max-users` is the system's doing and blames nobody here.
"""

from __future__ import annotations

from perfwright.analyze.digest import Digest
from perfwright.model.frame import Hold
from perfwright.model.units import NS_PER_MS, NS_PER_S, format_count, format_duration

CPU_LIMIT_RATIO = 0.9
LATENESS_FLOOR_NS = NS_PER_MS
LATENESS_SHARE_OF_MEDIAN = 0.1


def generator_faults(digest: Digest, *, workers: int) -> tuple[str, ...]:
    """A sentence for each way in which the generator was the bottleneck; none when it kept up."""
    return tuple(fault for fault in (_cpu(digest, workers), _lateness(digest, workers)) if fault)


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
    if late_ns <= max(LATENESS_FLOOR_NS, LATENESS_SHARE_OF_MEDIAN * median_ns):
        return None
    late = (
        "The load generator was late: the p99 of its lateness was "
        f"{format_duration(late_ns / NS_PER_S)}, with a median response time of "
        f"{format_duration(median_ns / NS_PER_S)}."
    )
    if not tally.holds:
        return f"{late} {_more_workers(workers)}"
    return f"{late} {_blame(max(tally.holds, key=lambda hold: hold.total_ns))}"


def _blame(hold: Hold) -> str:
    longest = format_duration(hold.longest_ns / NS_PER_S)
    return (
        f"{hold.file}:{hold.line} held the loop for {longest}, {format_count(hold.count)} times: "
        "take it out of the scenario or wrap it in user.thread."
    )


def _more_workers(workers: int) -> str:
    return f"Use more workers (--workers {2 * workers}, on more cores) or a lower rate."
