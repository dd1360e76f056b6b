"""What probes see of a healthy service: one Python process with a PostgreSQL on the same machine.

CPU by demand, statements alike in weight, profiles spread over twenty functions, connections and
caches as they should be. A later reading of the same metric, subject and label stands beside the
earlier one: to change one thing, give its parameter, or leave its metric out and add your own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from support.views import APP, DB, Value, loaded, per_second, stacks, statement

from perfwright.model import metrics
from perfwright.model.stage import Stage
from perfwright.model.watched import Component, Reading, joined

DB_PROCESS = "port:5432"


def shop(
    stages: Sequence[Stage] | None = None,
    *,
    app_s: float = 0.0025,
    db_s: float = 0.0004,
    generator_s: float = 0.0003,
    cores: float = 4,
    pool: float = 20,
    without: Iterable[str] = (),
) -> Reading:
    """`app_s`, `db_s`, `generator_s`: CPU seconds a request; `pool`: connections to the database;
    `without`: metric names to leave out."""
    over = loaded() if stages is None else stages
    left_out = set(without)

    def seen(metric: str, subject: str, value: Value, label: str = "") -> Reading:
        kept = metric not in left_out
        return per_second(over, metric, subject, value, label) if kept else Reading()

    def host(one: Stage) -> float:
        return min(1.0, one.throughput_per_s * (app_s + db_s + generator_s) / cores + 0.02)

    return joined(
        [
            Reading(components=_components()),
            per_second(over, metrics.CPU_COUNT, "host", cores, noise=0),
            seen(metrics.CPU_UTILIZATION, "host", host),
            seen(metrics.PROCESS_CPU, APP, lambda one: one.throughput_per_s * app_s + 0.004),
            seen(
                metrics.PROCESS_CPU,
                APP,
                lambda one: one.throughput_per_s * app_s + 0.004,
                "pid:4711",
            ),
            seen(metrics.PROCESS_CPU, DB_PROCESS, lambda one: one.throughput_per_s * db_s + 0.002),
            seen(metrics.CONNECTIONS_TO, APP, pool, DB_PROCESS),
            seen(metrics.CONNECTIONS_FROM, APP, lambda one: max(4.0, one.in_flight)),
            seen(metrics.DB_SESSIONS, DB, pool),
            seen(metrics.DB_SESSIONS, DB, lambda one: one.throughput_per_s * 0.002, "active"),
            seen(metrics.DB_SESSIONS_LIMIT, DB, 100.0),
            seen(metrics.DB_WAITS, DB, lambda one: one.throughput_per_s * 0.0015, "CPU"),
            seen(metrics.DB_BLOCKED, DB, 0.0),
            seen(metrics.DB_CACHE_HITS, DB, 0.999),
            seen(metrics.DISK_UTILIZATION, "host", 0.05, "sda"),
            seen(metrics.SOCKETS, "host", 20.0, "time_wait"),
            *(
                statement(over, text, each_s=0.0004)
                for text in (
                    "SELECT id, title FROM items WHERE id = $1",
                    "SELECT id, name FROM customers WHERE name = $1",
                    "SELECT item_id, quantity FROM cart_lines WHERE cart_id = $1",
                    "INSERT INTO orders (customer_id, total) VALUES ($1, $2)",
                )
            ),
            stacks(_HEALTHY_STACKS, moment="low", samples=100),
            stacks(_HEALTHY_STACKS, moment="knee"),
        ]
    )


_HEALTHY_STACKS = {
    f"run (/srv/server.py:9);handle (/srv/routes.py:{line});{name} (/srv/{name}.py:{line})": 0.05
    for line, name in enumerate(
        (
            "parse", "route", "auth", "verify", "load_item", "load_cart", "price", "discount",
            "total", "render", "encode", "compress", "write", "log", "count", "trace", "cache",
            "schedule", "select", "resume",
        ),
        start=10,
    )
}  # fmt: skip


def _components() -> tuple[Component, ...]:
    return (
        Component(
            subject=APP,
            runtime="python 3.11",
            detail="python -m server",
            pids=(4711,),
            port=8000,
            talks_to=(DB_PROCESS,),
        ),
        Component(
            subject=DB_PROCESS,
            runtime="postgresql 15.4",
            detail="postgres",
            pids=(5000,),
            port=5432,
        ),
    )
