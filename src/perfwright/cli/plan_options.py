"""The options of `perfwright plan`: how they are written, and what they mean.

Click checks numbers and choices; factors, times and pairs are parsed here. Each error names the
option, the value and the remedy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from perfwright.cli.shared import json_option, map_option, mapped_fields

if TYPE_CHECKING:
    from perfwright.model.plan_page import Purpose
    from perfwright.workflow.plan_options import PlanOptions

F = TypeVar("F", bound=Callable[..., Any])

PURPOSES: tuple[Purpose, ...] = ("general", "release", "peak", "capacity", "stability")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanArguments:
    """What was given, by option; factors and times still as text."""

    out: Path | None
    force: bool
    name: str
    target: str
    purpose: Purpose
    slos: tuple[str, ...]
    users: int | None
    rate: float | None
    scale: str
    seed: int
    log_format: str
    mapping: tuple[str, ...]
    zone: str
    peak: bool
    shape: Literal["flat", "day"]
    compress: str
    growth: str
    horizon: str
    timeout: str
    keep_static: bool
    keep_third_party: bool
    keep_bots: bool
    only: tuple[str, ...]
    allow_remote_refs: bool
    is_new: bool
    urls: tuple[str, ...]
    as_json: bool

    def options(self) -> PlanOptions:
        """As the workflow takes them. UsageError."""
        from perfwright.model.errors import UsageError
        from perfwright.plan.fields import optional_duration
        from perfwright.workflow.plan_options import PlanOptions
        from perfwright.workflow.plan_words import compression_of, growth_of, scale_of, years_of

        if self.users is not None and self.rate is not None:
            raise UsageError(
                "--users: it goes with no --rate; users wait for their answers, arrivals do not"
            )
        if self.urls and not self.is_new:
            raise UsageError("--url: it belongs to --new; a source has its own addresses")
        return PlanOptions(
            out=self.out,
            force=self.force,
            name=self.name,
            target=self.target,
            purpose=self.purpose,
            slos=self.slos,
            users=self.users,
            rate=self.rate,
            scale=scale_of(self.scale),
            seed=self.seed,
            log_format=self.log_format,
            mapping=mapped_fields(self.mapping),
            zone=self.zone,
            peak=self.peak,
            shape=self.shape,
            compress=compression_of(self.compress) if self.compress else 1.0,
            growth_per_year=growth_of(self.growth) if self.growth else 0.0,
            horizon_years=years_of(self.horizon),
            timeout_s=optional_duration("--timeout", self.timeout or None),
            keep_static=self.keep_static,
            keep_third_party=self.keep_third_party,
            keep_bots=self.keep_bots,
            only=self.only,
            allow_remote_refs=self.allow_remote_refs,
        )


_OF_ALL: Sequence[Callable[[F], F]] = (
    click.option("--out", type=click.Path(path_type=Path), metavar="DIR",
                 help="Folder of the plan.  [default: plan-NAME]"),
    click.option("--force", is_flag=True, help="Overwrite what was edited there."),
    click.option("--name", default="", help="Of the test.  [default: the source's name]"),
    click.option("--target", default="", metavar="URL", help="Base address of the system to test."),
    click.option("--purpose", type=click.Choice(PURPOSES), default="general", show_default=True,
                 help="What is to be known: it chooses the tests."),
    click.option("--slo", "slos", multiple=True, metavar="EXPR",
                 help="As of `run`; without any, some are proposed. Repeatable."),
    click.option("--users", type=click.IntRange(min=1), metavar="N",
                 help="Load where the source tells none: users at once."),
    click.option("--rate", type=click.FloatRange(min=0, min_open=True), metavar="PER_S",
                 help="The same as sessions begun a second."),
    click.option("--scale", default="1x", show_default=True, metavar="FACTOR",
                 help="Times history, or times --users or --rate: 2x, 150%."),
    click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True,
                 help="Of all that is drawn at random."),
)  # fmt: skip
_OF_LOGS: Sequence[Callable[[F], F]] = (
    click.option("--log-format", default="", metavar="FORMAT",
                 help="How lines look: nginx's log_format or Apache's LogFormat."),
    map_option,
    click.option("--zone", default="UTC", show_default=True, metavar="NAME",
                 help="Of times without an offset, like Europe/Berlin."),
    click.option("--peak", is_flag=True, help="Load: the busiest hour, not the mean."),
    click.option("--shape", type=click.Choice(("flat", "day")), default="flat", show_default=True,
                 help="Load: the peak, or the course of the day."),
    click.option("--compress", default="", metavar="FROM:TO",
                 help="With --shape day: 24h:10m passes a day in ten minutes."),
    click.option("--growth", default="", metavar="RATE",
                 help="Forecast of the load, like 30%/year."),
    click.option("--horizon", default="1y", show_default=True, metavar="TIME",
                 help="How far ahead --growth looks."),
    click.option("--timeout", default="", metavar="TIME",
                 help="A longer gap begins a new session.  [default: by the gaps]"),
    click.option("--keep-static", is_flag=True, help="Keep images, styles, scripts (also of HAR)."),
    click.option("--keep-bots", is_flag=True, help="Keep crawlers and monitors."),
)  # fmt: skip
_OF_DOCUMENTS: Sequence[Callable[[F], F]] = (
    click.option("--only", multiple=True, metavar="NAME",
                 help="Only these parts of a document: tags, folders, paths. Repeatable."),
    click.option("--keep-third-party", is_flag=True, help="Keep other sites' requests (of HAR)."),
    click.option("--allow-remote-refs", is_flag=True,
                 help="Fetch what an OpenAPI document refers to elsewhere."),
)  # fmt: skip
_OF_NEW: Sequence[Callable[[F], F]] = (
    click.option("--new", "is_new", is_flag=True, help="No source: ask for the essentials."),
    click.option("--url", "urls", multiple=True, metavar="[METHOD ]PATH",
                 help="With --new: what a user asks for, in order. Repeatable."),
    json_option,
)  # fmt: skip


def plan_options(function: F) -> F:
    """All of them, in the order of the help."""
    for option in reversed((*_OF_ALL, *_OF_LOGS, *_OF_DOCUMENTS, *_OF_NEW)):
        function = option(function)
    return function
