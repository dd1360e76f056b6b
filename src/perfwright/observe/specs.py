"""What `--watch` may name, and the probe that watches it.

    host                          the machine
    port:8000  pid:4711  name:X   a process with its children, its cgroup
    postgresql://…  sqlite:FILE  redis://…
    prometheus:http://…/metrics   any exporter, or the application itself
    promql:http://…?query=…       a Prometheus server
    otlp  otlp:PORT               a receiver for traces and metrics
    auto                          what is found behind the target (`discover.py`)
    none                          nothing

Modules are imported when a probe is made: a run that watches nothing loads none of them.
"""

from __future__ import annotations

from importlib import import_module

from perfwright.model.errors import ProbeError
from perfwright.model.protocols import Probe

AUTO = "auto"
NONE = "none"

_PROBES = {
    "host": ("host", "HostProbe"),
    "port:": ("process", "ProcessProbe"),
    "pid:": ("process", "ProcessProbe"),
    "name:": ("process", "ProcessProbe"),
    "postgresql://": ("postgres", "PostgresProbe"),
    "postgres://": ("postgres", "PostgresProbe"),
    "sqlite:": ("sqlite", "SqliteProbe"),
    "redis://": ("redis", "RedisProbe"),
    "rediss://": ("redis", "RedisProbe"),
    "prometheus:": ("prometheus", "PrometheusProbe"),
    "promql:": ("promql", "PromqlProbe"),
    "otlp": ("otlp", "OtlpProbe"),
}


def make_probe(spec: str) -> Probe:
    """The probe for one spec; it is not open yet. ProbeError: the spec cannot mean anything."""
    for prefix, (module, name) in _PROBES.items():
        if spec == prefix or (prefix != "host" and spec.startswith(prefix)):
            made: Probe = getattr(import_module(f"perfwright.observe.{module}"), name)(spec)
            return made
    known = ", ".join(sorted(prefix for prefix in _PROBES))
    raise ProbeError(f"--watch {spec!r}: nothing of this kind can be watched; there are {known}")
