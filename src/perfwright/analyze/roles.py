"""Who is who among the watched components: who serves the target, who stands behind whom.

    load ─► front (listens on the target's port) ─► backends, services ─► databases, caches

Told by ports, sockets and runtimes, which say it of any system; never by names of programs' own.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from perfwright.analyze.resources import HOST, component, process_of
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.watched import Component

_STORES = (
    "postgresql", "mysql", "mariadb", "mongodb", "clickhouse", "sqlite", "redis", "valkey",
    "memcached", "pgbouncer",
)  # fmt: skip
_STORE_PORTS = {5432, 6432, 3306, 27017, 6379, 11211, 9042, 1433, 1521}
_PROXIES = ("nginx", "haproxy", "envoy", "apache", "varnish", "traefik", "caddy")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def front(view: View) -> str:
    """The subject that listens on the target's port; "" where it was not watched."""
    port = target_port(view)
    listening = [one.subject for one in view.watched.components if port and one.port == port]
    if listening:
        return listening[-1]
    subject = f"port:{port}"
    return subject if subject in view.subjects(metrics.PROCESS_CPU) else ""


def target_port(view: View) -> int:
    """0 where the target names none."""
    parts = urlsplit(view.target)
    try:
        return parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return 0


def processes(view: View) -> tuple[str, ...]:
    """The watched components that run somebody's program: neither host, nor store, nor proxy."""
    return tuple(
        subject
        for subject in view.subjects(metrics.PROCESS_CPU)
        if subject != HOST and not is_store(view, subject) and not is_proxy(view, subject)
    )


def is_store(view: View, subject: str) -> bool:
    """Whether it is a database or a cache, whose own probes tell more."""
    if subject.startswith(("db:", "redis:", "sqlite:")):
        return True
    known = component(view, process_of(view, subject)) or component(view, subject)
    if known and known.runtime:
        return known.runtime.lower().startswith(_STORES)
    port = subject.rpartition(":")[2]
    return port.isdigit() and int(port) in _STORE_PORTS


def is_proxy(view: View, subject: str) -> bool:
    """Whether it passes requests on to others."""
    known = component(view, subject)
    return bool(known) and known.runtime.lower().startswith(_PROXIES) if known else False


def peers_of(view: View, subject: str) -> tuple[str, ...]:
    """Whom it opened connections to, sorted; as the sockets' labels name them."""
    known: Component | None = component(view, subject)
    named = set(known.talks_to) if known else set()
    return tuple(
        sorted(named | {one for one in view.labels(metrics.CONNECTIONS_TO, subject) if one})
    )
