"""`Test`: what a test file says about a run besides its scenarios, checked field by field.

    test = Test(
        target="http://127.0.0.1:8000",
        load=arrivals(0).ramp(to=200, over="30s").hold("5m"),
        slos=["p99 < 300ms", "errors < 0.1%"],
    )

Durations are written as `30s` or a number of seconds, sizes as `64MB` or bytes. Whatever cannot
mean anything is a UsageError (mostly PlanError) that names the field, the value and the remedy.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from perfwright.model.units import parse_duration, parse_size
from perfwright.plan import fields
from perfwright.plan.fields import Resolve
from perfwright.plan.scenario import UserFunction
from perfwright.plan.shapes import Shape
from perfwright.plan.slo import Slo, parse_slo, parse_stop_rule
from perfwright.plan.windows import Span, judged_windows

Connections = Literal["per_user", "shared", "new"]
DEFAULT_DURATION_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True, init=False)
class Test:
    """A validated test.

    `load` is by scenario name; the key "" stands for all of them, chosen by weight. `connections`:
    "per_user" keeps a pool for each user as browsers do, "shared" one pool for all as a service's
    client does, "new" connects for every request. `timeout_s` bounds a whole request,
    `connect_timeout_s` its connect, `response_timeout_s` the wait for the first byte (None: only
    the whole). `scenarios`: names of the only ones to run (None: all). `grace_s`: how long
    iterations under way may go on after the end. `allow_targets`: public hosts that may be asked,
    which is not for a test file to say.
    """

    __test__: ClassVar[bool] = False  # not one of pytest's

    target: str
    load: Mapping[str, Shape]
    slos: tuple[Slo, ...]
    stop_if: tuple[Slo, ...]
    warmup_s: float
    scenarios: tuple[str, ...] | None
    connections: Connections
    timeout_s: float
    connect_timeout_s: float
    response_timeout_s: float | None
    max_body_bytes: int
    insecure: bool
    ca: Path | None
    client_cert: Path | None
    client_key: Path | None
    headers: Mapping[str, str]
    resolve: tuple[Resolve, ...]
    proxy: str | None
    seed: int
    grace_s: float
    max_users: int | None
    workers: int | None
    watch: tuple[str, ...]
    allow_targets: tuple[str, ...]

    def __init__(
        self,
        *,
        target: str = "",
        load: Shape | Mapping[str, Shape] | None = None,
        slos: Iterable[str] = (),
        stop_if: Iterable[str] = (),
        warmup: str | float = 0,
        scenarios: Iterable[str | UserFunction] | None = None,
        connections: Connections = "per_user",
        timeout: str | float = 30,
        connect_timeout: str | float = 10,
        response_timeout: str | float | None = None,
        max_body: str | int = "64MB",
        insecure: bool = False,
        ca: str | Path | None = None,
        client_cert: str | Path | None = None,
        client_key: str | Path | None = None,
        headers: Mapping[str, str] | None = None,
        resolve: Iterable[str] = (),
        proxy: str | None = None,
        seed: int = 1,
        grace: str | float = 10,
        max_users: int | None = None,
        workers: int | None = None,
        watch: Iterable[str] = (),
    ) -> None:
        cert, key = fields.key_pair("client_cert", client_cert, "client_key", client_key)
        checked = {
            "target": fields.url("target", target) if target else "",
            "load": fields.loads(load),
            "slos": tuple(map(parse_slo, fields.texts("slos", slos))),
            "stop_if": tuple(map(parse_stop_rule, fields.texts("stop_if", stop_if))),
            "warmup_s": parse_duration(warmup, field="warmup"),
            "scenarios": fields.scenario_names(scenarios),
            "connections": fields.one_of("connections", connections, Connections),
            "timeout_s": fields.positive_duration("timeout", timeout),
            "connect_timeout_s": fields.positive_duration("connect_timeout", connect_timeout),
            "response_timeout_s": fields.optional_duration("response_timeout", response_timeout),
            "max_body_bytes": parse_size(max_body, field="max_body"),
            "insecure": bool(insecure),
            "ca": fields.existing_file("ca", ca),
            "client_cert": cert,
            "client_key": key,
            "headers": fields.headers("headers", headers or {}),
            "resolve": tuple(map(fields.resolve, fields.texts("resolve", resolve))),
            "proxy": fields.url("proxy", proxy) if proxy else None,
            "seed": fields.seed("seed", seed),
            "grace_s": parse_duration(grace, field="grace"),
            "max_users": fields.optional_count("max_users", max_users),
            "workers": fields.optional_count("workers", workers),
            "watch": fields.texts("watch", watch),
            "allow_targets": (),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def replaced(self, **checked: object) -> Test:
        """A copy with some fields changed; the values must be as the fields hold them."""
        assert checked.keys() <= {field.name for field in dataclasses.fields(self)}
        changed = copy(self)
        for name, value in checked.items():
            object.__setattr__(changed, name, value)
        return changed

    @property
    def duration_s(self) -> float:
        """How long the load lasts: the longest of its shapes, or the default where none has a
        length."""
        lengths = [shape.duration_s for shape in self.load.values() if shape.duration_s is not None]
        return max(lengths, default=DEFAULT_DURATION_S)

    def judged_windows(self) -> tuple[Span, ...]:
        """The seconds that SLOs are judged on."""
        return judged_windows((shape.segments for shape in self.load.values()), self.warmup_s)
