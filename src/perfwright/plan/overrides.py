"""What the command line says beside a test file, or instead of one (URL mode).

    --users, --rate, --ramp, --kind    replace the file's load shape
    --for                              alone stretches or shrinks it; beside them it is their length
    --slo, --stop-if, --watch, --resolve   add to the file's
    the rest                           replaces the file's value

A replaced load lasts 30 s, or as long as its kind usually does, unless `--for` says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from perfwright.model.errors import PlanError, UsageError
from perfwright.model.units import format_duration
from perfwright.plan import fields
from perfwright.plan.presets import preset
from perfwright.plan.shapes import Process, Shape, arrivals, stretched_loads, users
from perfwright.plan.slo import parse_slo, parse_stop_rule
from perfwright.plan.test import DEFAULT_DURATION_S, Connections, Test
from perfwright.plan.test_plan import TestPlan, UrlRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """The options of `perfwright run`; None (or empty) where they were not given."""

    target: str | None = None
    users: int | None = None
    rate: float | None = None
    duration_s: float | None = None
    ramp_s: float | None = None
    kind: str | None = None
    process: Process | None = None
    slos: tuple[str, ...] = ()
    watch: tuple[str, ...] = ()
    resolve: tuple[str, ...] = ()
    workers: int | None = None
    max_users: int | None = None
    grace_s: float | None = None
    seed: int | None = None
    insecure: bool = False
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    proxy: str | None = None
    connections: Connections | None = None
    timeout_s: float | None = None
    warmup_s: float | None = None
    stop_if: tuple[str, ...] = ()


def with_overrides(test: Test, overrides: Overrides) -> Test:
    """`test` as the command line wants it, with a length for every load."""
    changed = test.replaced(
        **{name: value for name, value in _replacing(overrides).items() if value is not None},
        load=_load(test, overrides),
        slos=(*test.slos, *map(parse_slo, overrides.slos)),
        watch=(*test.watch, *overrides.watch),
        resolve=(*test.resolve, *map(fields.resolve, overrides.resolve)),
        stop_if=(*test.stop_if, *map(parse_stop_rule, overrides.stop_if)),
    )
    if not changed.judged_windows():
        raise PlanError(
            f"warmup: {format_duration(changed.warmup_s)} leaves nothing to judge of a load of "
            f"{format_duration(changed.duration_s)}; make the load longer or the warm-up shorter"
        )
    return changed


def url_plan(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    overrides: Overrides | None = None,
) -> TestPlan:
    """The plan that repeats one request; UsageError for what is no URL, method or header."""
    fields.url("URL", url)
    parts = urlsplit(url)
    request = UrlRequest(
        method=fields.method("--method", method),
        url=url.partition("#")[0],
        headers=tuple(fields.headers("--header", headers or {}).items()),
        body=body,
    )
    test = Test(target=f"{parts.scheme}://{parts.netloc}")
    return TestPlan(test=with_overrides(test, overrides or Overrides()), request=request)


def _replacing(overrides: Overrides) -> dict[str, object]:
    """Values of the fields that an option replaces, checked; None where it was not given."""
    cert, key = fields.key_pair("--cert", overrides.cert, "--key", overrides.key)
    return {
        "target": fields.url("--target", overrides.target) if overrides.target else None,
        "workers": fields.optional_count("--workers", overrides.workers),
        "max_users": fields.optional_count("--max-users", overrides.max_users),
        "grace_s": overrides.grace_s,
        "seed": None if overrides.seed is None else fields.seed("--seed", overrides.seed),
        "insecure": overrides.insecure or None,
        "ca": fields.existing_file("--ca", overrides.ca),
        "client_cert": cert,
        "client_key": key,
        "proxy": fields.url("--proxy", overrides.proxy) if overrides.proxy else None,
        "connections": overrides.connections,
        "timeout_s": fields.optional_duration("--timeout", overrides.timeout_s),
        "warmup_s": overrides.warmup_s,
    }


def _load(test: Test, overrides: Overrides) -> dict[str, Shape]:
    replacing = (overrides.users, overrides.rate, overrides.ramp_s, overrides.kind)
    if any(option is not None for option in replacing):
        loads = {"": _replacement(test, overrides)}
    else:
        length_s = test.duration_s if overrides.duration_s is None else overrides.duration_s
        loads = stretched_loads(test.load, length_s)
    if overrides.process is not None:
        loads = _with_process(loads, overrides.process)
    return fields.loads(loads)


def _replacement(test: Test, overrides: Overrides) -> Shape:
    """The load that `--users`, `--rate`, `--ramp` and `--kind` describe together."""
    level = _level(test, overrides)
    if overrides.kind is not None:
        if overrides.ramp_s is not None:
            raise UsageError("--ramp: the shape of --kind has its own ramps; leave one of them out")
        shape = preset(overrides.kind, level.peak, overrides.duration_s, level.model)
        return replace(shape, process=level.process)
    length_s = DEFAULT_DURATION_S if overrides.duration_s is None else overrides.duration_s
    ramp_s = overrides.ramp_s or 0.0
    if ramp_s >= length_s:
        raise UsageError(
            f"--ramp: {format_duration(ramp_s)} must be shorter than the whole load, "
            f"{format_duration(length_s)}; raise --for"
        )
    start = replace(level, level=0.0, segments=()) if ramp_s else level
    return start.ramp(level.peak, over=ramp_s).hold(length_s - ramp_s)


def _level(test: Test, overrides: Overrides) -> Shape:
    """The level to reach, as a shape without length: given, or else the file's highest."""
    if overrides.users is not None and overrides.rate is not None:
        raise UsageError(
            "--users and --rate: choose the closed model (--users) or the open one (--rate)"
        )
    if overrides.users is not None:
        return users(overrides.users)
    if overrides.rate is not None:
        return arrivals(overrides.rate)
    if len(test.load) > 1:
        raise UsageError("--kind, --ramp: each scenario has its own load; say --users or --rate")
    (shape,) = test.load.values()
    return replace(shape, level=shape.peak, segments=())


def _with_process(loads: Mapping[str, Shape], process: Process) -> dict[str, Shape]:
    if all(shape.model == "closed" for shape in loads.values()):
        raise UsageError("--process: only the open model has arrivals; give --rate")
    return {
        name: shape if shape.model == "closed" else replace(shape, process=process)
        for name, shape in loads.items()
    }
