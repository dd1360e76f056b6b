"""The options of `perfwright run`: how they are written, and what they mean to the plan.

Click checks numbers and choices; durations, headers and KEY=VALUE pairs are parsed here. Each error
names the option, the value and the remedy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from perfwright.cli.shared import json_option, store_option

if TYPE_CHECKING:
    from perfwright.plan.overrides import Overrides
    from perfwright.plan.shapes import Process
    from perfwright.plan.test import Connections

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class RunArguments:
    """What was given, by option; durations still as text. What a command has no option for keeps
    its default."""

    test: str
    target: str | None
    users: int | None = None
    rate: float | None = None
    duration: str | None = None
    ramp: str | None = None
    kind: str | None = None
    slos: tuple[str, ...]
    stop_if: tuple[str, ...] = ()
    warmup: str | None = None
    watch: tuple[str, ...]
    profile: str
    workers: int | None
    max_users: int | None
    grace: str | None
    process: Process | None
    seed: int | None
    once: bool = False
    env: tuple[str, ...]
    tags: tuple[str, ...]
    name: str
    allow_targets: tuple[str, ...]
    method: str | None
    headers: tuple[str, ...]
    body: str | None
    timeout: str | None
    connections: Connections | None
    insecure: bool
    ca: str | None
    cert: str | None
    key: str | None
    resolve: tuple[str, ...]
    proxy: str | None
    store: Path
    as_json: bool
    quiet: bool

    @property
    def is_url(self) -> bool:
        return self.test.lower().startswith(("http://", "https://"))


_TARGET = (
    click.option("--target", metavar="URL", help="Base address, instead of the test file's."),
)

_LOAD = (
    click.option(
        "--users",
        type=click.IntRange(min=1),
        metavar="N",
        help="Closed model: N virtual users, each waiting for its answer. For a URL 10 by default.",
    ),
    click.option(
        "--rate",
        type=click.FloatRange(min=0, min_open=True),
        metavar="PER_S",
        help="Open model: iterations started per second, whoever still waits.",
    ),
    click.option(
        "--for",
        "duration",
        metavar="TIME",
        help="Length of the load, like 30s or 5m. Alone it stretches the test file's load to that "
        "length. By default the file's, else 30s.",
    ),
    click.option("--ramp", metavar="TIME", help="Climb evenly from zero in this time first."),
    click.option(
        "--kind",
        metavar="KIND",
        help="A classic shape up to the load given: smoke, load, stress, spike, soak, breakpoint.",
    ),
)

_PROCESS = (
    click.option(
        "--process",
        type=click.Choice(["uniform", "poisson"]),
        help="Open model: arrivals evenly spaced (the default) or random and independent.",
    ),
)

_GENERATOR = (
    click.option(
        "--max-users",
        type=click.IntRange(min=1),
        metavar="N",
        help="At most N iterations at once; later arrivals wait for their turn. No limit by "
        "default.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(min=1),
        metavar="N",
        help="Worker processes, each of one core. One less than the cores by default.",
    ),
    click.option(
        "--grace",
        metavar="TIME",
        help="How long iterations under way may still finish after the end. 10s by default.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        metavar="N",
        help="Seed of all that is random. 1 by default.",
    ),
)

_OBJECTIVES = (
    click.option(
        "--slo",
        "slos",
        multiple=True,
        metavar="EXPR",
        help="An objective, besides the test file's: 'p99 < 300ms', 'errors < 0.1%', "
        "'p95(login) < 150ms every 10s'. Repeatable.",
    ),
)

_JUDGING = (
    click.option(
        "--stop-if",
        multiple=True,
        metavar="EXPR",
        help="End the run early: 'errors > 50% for 10s'. Repeatable.",
    ),
    click.option(
        "--warmup",
        metavar="TIME",
        help="Measured and shown, but not judged, like 10s. 0 by default.",
    ),
)

_URL_REQUEST = (
    click.option("--method", metavar="METHOD", help="For a URL: GET, or POST with a --body."),
    click.option(
        "--header",
        "headers",
        multiple=True,
        metavar="'NAME: VALUE'",
        help="For a URL: a request header. Repeatable.",
    ),
    click.option(
        "--body", metavar="TEXT", help="For a URL: the request body; @FILE reads it from a file."
    ),
)

_CONNECTIONS = (
    click.option(
        "--timeout", metavar="TIME", help="At most this long for a request. 30s by default."
    ),
    click.option(
        "--connections",
        type=click.Choice(["per_user", "shared", "new"]),
        help="per_user: each user keeps its own, as browsers do (the default); shared: one pool, "
        "as a service's client; new: one per request.",
    ),
    click.option("--insecure", is_flag=True, help="Do not verify the server's TLS certificate."),
    click.option("--ca", metavar="FILE", help="PEM file of authorities to trust for TLS."),
    click.option("--cert", metavar="FILE", help="PEM file of the client's certificate (mTLS)."),
    click.option("--key", metavar="FILE", help="PEM file of the client certificate's key."),
    click.option(
        "--resolve",
        multiple=True,
        metavar="HOST:PORT:ADDRESS",
        help="Connect to this address for HOST:PORT. Repeatable.",
    ),
    click.option("--proxy", metavar="URL", help="HTTP proxy to go through."),
    click.option(
        "--allow-target",
        "allow_targets",
        multiple=True,
        metavar="HOST",
        help="Allow this public host to be loaded. Repeatable; or allow-targets in "
        "perfwright.toml.",
    ),
)

_ONCE = (
    click.option(
        "--once",
        is_flag=True,
        help="One user, each scenario once, every request and response printed; nothing is kept.",
    ),
)

_ENVIRONMENT = (
    click.option(
        "--env",
        multiple=True,
        metavar="KEY=VALUE",
        help="Environment variable for the test file. Repeatable.",
    ),
)

_RUN = (
    click.option(
        "--tag",
        "tags",
        multiple=True,
        metavar="TAG",
        help="A label to find the run by. Repeatable.",
    ),
    click.option("--name", default="", metavar="NAME", help="The run's name in reports."),
    click.option("--quiet", is_flag=True, help="No live view: stderr has only what is wrong."),
    store_option,
    json_option,
)


def run_options(function: F) -> F:
    """All options of `perfwright run`, in the order in which its help shows them."""
    groups = (
        *_TARGET, *_LOAD, *_PROCESS, *_GENERATOR, *_OBJECTIVES, *_JUDGING, *_watching("none"),
        *_URL_REQUEST, *_CONNECTIONS, *_ONCE, *_ENVIRONMENT, *_RUN,
    )  # fmt: skip
    return _with(groups, function)


def replay_options(function: F) -> F:
    """Those that `perfwright replay` has, too: the log is its load."""
    groups = (
        *_TARGET, *_GENERATOR, *_OBJECTIVES, *_JUDGING, *_watching("none"), *_CONNECTIONS, *_RUN,
    )  # fmt: skip
    return _with(groups, function)


def investigate_options(function: F) -> F:
    """Those that `perfwright investigate` has, too: it makes the load itself."""
    groups = (
        *_TARGET, *_PROCESS, *_GENERATOR, *_OBJECTIVES, *_watching("auto"), *_URL_REQUEST,
        *_CONNECTIONS, *_ENVIRONMENT, *_RUN,
    )  # fmt: skip
    return _with(groups, function)


def _watching(profile: str) -> tuple[Callable[[F], F], ...]:
    return (
        click.option(
            "--watch",
            multiple=True,
            metavar="SPEC",
            help="What to watch meanwhile: host, port:8000, pid:N, name:X, postgresql://…, "
            "sqlite:FILE, redis://…, prometheus:URL, promql:URL, otlp; auto: what is found behind "
            "the target. Repeatable.",
        ),
        click.option(
            "--profile",
            default=profile,
            show_default=True,
            metavar="HOW",
            help="Profiles of what is watched: auto, none, or one of pyspy, perf, pprof, node, "
            "jvm.",
        ),
    )


def _with(options: tuple[Callable[[F], F], ...], function: F) -> F:
    for option in reversed(options):
        function = option(function)
    return function


def overrides_of(given: RunArguments) -> Overrides:
    """What the options say to the plan."""
    from perfwright.plan.overrides import Overrides

    return Overrides(
        target=given.target,
        users=given.users,
        rate=given.rate,
        duration_s=_positive_duration("--for", given.duration),
        ramp_s=_duration("--ramp", given.ramp),
        kind=given.kind,
        process=given.process,
        slos=given.slos,
        watch=given.watch,
        stop_if=given.stop_if,
        resolve=given.resolve,
        workers=given.workers,
        max_users=given.max_users,
        grace_s=_duration("--grace", given.grace),
        seed=given.seed,
        insecure=given.insecure,
        ca=given.ca,
        cert=given.cert,
        key=given.key,
        proxy=given.proxy,
        connections=given.connections,
        timeout_s=_positive_duration("--timeout", given.timeout),
        warmup_s=_duration("--warmup", given.warmup),
    )


def environment_of(given: RunArguments) -> dict[str, str]:
    """The pairs of `--env`."""
    from perfwright.model.errors import UsageError

    pairs = {}
    for text in given.env:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise UsageError(f"--env: {text!r} must be KEY=VALUE, like API_URL=http://…")
        pairs[key] = value
    return pairs


def body_of(given: RunArguments) -> bytes:
    """The bytes of `--body`: its text, or the file after the @."""
    from perfwright.model.errors import UsageError, os_reason

    text = given.body or ""
    if not text.startswith("@"):
        return text.encode()
    path = Path(text[1:])
    try:
        return path.read_bytes()
    except OSError as error:
        told = f"--body: cannot read {text[1:]!r}: {os_reason(error)}; name a file"
        raise UsageError(told) from None


def _duration(option: str, text: str | None) -> float | None:
    from perfwright.model.units import parse_duration

    return None if text is None else parse_duration(text, field=option)


def _positive_duration(option: str, text: str | None) -> float | None:
    from perfwright.plan.fields import optional_duration

    return optional_duration(option, text)
