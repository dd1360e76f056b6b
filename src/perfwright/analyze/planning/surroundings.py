"""The environment: what must be there, how it differs from production and what that does to the
result, and what is to be watched.

The effects follow from operational laws (Denning & Buzen, "The Operational Analysis of Queueing
Network Models", 1978): U = X·D, X ≤ servers ÷ D_max, N = X·R; how tables and caches grow does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from perfwright.model.plan_page import Difference, Watched
from perfwright.model.units import format_number
from perfwright.plan.targets import is_public_address

_PRIVATE = (".local", ".internal", ".localhost", ".test")
_LOCAL = ("localhost", "127.0.0.1", "::1")


def may_be_production(target: str) -> bool:
    """Whether a host is named that is not plainly a private one: a source was recorded there."""
    host = (urlsplit(target).hostname or "").lower().rstrip(".")
    with suppress(ValueError):
        return is_public_address(host)
    is_name = "." in host and not host.replace(".", "").isdigit()
    return is_name and not host.endswith(_PRIVATE)


_EFFECTS = (
    (
        "CPU cores, their speed, instances",
        "U = X·D and X ≤ cores ÷ D: half the cores, half the throughput at the knee, if CPU "
        "limits. Far below the knee response time hardly changes.",
    ),
    (
        "Memory, cache sizes",
        "Less memory lowers hit ratios, and misses load the layer below. It does not scale: a "
        "limit met here need not exist there.",
    ),
    (
        "Database: version, rows, indexes",
        "A scan costs in proportion to its rows, an index lookup to their logarithm: with a tenth "
        "of the rows a missing index is ten times cheaper, and stays hidden.",
    ),
    (
        "Connection pools, worker counts, limits",
        "N = X·R: a pool of n carries at most n ÷ (time held) requests/s, whatever the hardware. "
        "Keep them as in production.",
    ),
    (
        "Network between user and system, TLS, CDN",
        "Adds its round trips to every response time and no service demand. Without a CDN the "
        "system gets requests that it never sees in production.",
    ),
    (
        "Services of others (payment, mail, search)",
        "A stub that answers at once hides waiting: while it waits, a request holds a worker and a "
        "connection (N = X·R). Give stubs the latency of the original.",
    ),
    (
        "Autoscaling",
        "With it the result is that of the rules: how soon, how far. Without it, that of a fixed "
        "size. Say which of the two is tested.",
    ),
    (
        "Caches: warm or cold",
        "Cold caches judge the first minutes after a release, warm ones the rest. Say which, and "
        "bring them there before the test.",
    ),
    (
        "Logging, tracing, feature flags, build",
        "Debug builds and verbose logs raise D of every request, and so lower X ≤ 1 ÷ D.",
    ),
    (
        "Other traffic on the same hosts",
        "Its utilization is missing to the test: X ≤ (1 − U_other) ÷ D. Stop it, or measure it.",
    ),
)


def differences(history_per_s: float | None, test_per_s: float | None) -> tuple[Difference, ...]:
    """Rows to be filled in, with the effect of each. Requests/s at the peak, in the log and in the
    test, are known where the source tells them."""
    return tuple(_rows(history_per_s, test_per_s))


def _rows(history_per_s: float | None, test_per_s: float | None) -> Iterator[Difference]:
    yield Difference(
        aspect="Load generator",
        production="users, each on a machine of their own",
        test="",
        effect="On the system's own machine it takes CPU from it. A generator that is late or "
        "busy makes the verdict inconclusive.",
    )
    if history_per_s is not None and test_per_s is not None:
        yield Difference(
            aspect="Requests/s at the peak",
            production=format_number(history_per_s),
            test=format_number(test_per_s),
            effect="What the result speaks for. A load scaled down with the hardware does not "
            "scale locks, pools and tables with it.",
        )
    for aspect, effect in _EFFECTS:
        yield Difference(aspect=aspect, production="", test="", effect=effect)


def watched(target: str) -> tuple[Watched, ...]:
    """Specs for `--watch`. What cannot be known from outside is a pattern to be completed."""
    parts = urlsplit(target)
    host = parts.hostname or "HOST"
    rows = [
        Watched(
            spec="host",
            sees="CPU, memory, disk, network of the machine that the load comes from",
            why="Was it the system, or the generator?",
        )
    ]
    if host in _LOCAL:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        rows.append(
            Watched(
                spec=f"port:{port}",
                sees="the process behind the target: CPU, threads, memory, descriptors, queue",
                why="Which resource is full first?",
            )
        )
        rows.append(
            Watched(
                spec="auto",
                sees="what is found behind the target: processes, databases, caches",
                why="The default of `perfwright investigate` on this machine.",
            )
        )
    rows += [
        Watched(
            spec=f"prometheus:http://{host}:9100/metrics",
            sees="any exporter of the system's machines, or the application's own metrics",
            why="CPU, memory, pools, queues of what is not on this machine.",
        ),
        Watched(
            spec=f"postgresql://USER@{host}/DATABASE",
            sees="statements, locks, connections, plans (sqlite:FILE, redis://… likewise)",
            why="Is it the database, and which statement?",
        ),
        Watched(
            spec="otlp",
            sees="spans and metrics of OpenTelemetry, sent here by the system",
            why="Where does a slow request spend its time?",
        ),
    ]
    return tuple(rows)
