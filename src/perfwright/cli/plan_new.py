"""`perfwright plan --new`: asks on a terminal for what no option says.

Questions go to stderr, so that `--json` leaves stdout to its document. Where there is no terminal
to ask on, a UsageError names the options that are missing.
"""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, get_args

import click

from perfwright.cli.plan_options import PURPOSES, PlanArguments
from perfwright.model.errors import PerfwrightError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from perfwright.workflow.plan_new import Answers
    from perfwright.workflow.plan_options import PlanOptions


def answers_of(given: PlanArguments) -> tuple[Answers, PlanOptions]:
    """What was said by options, and the rest by answers."""
    from perfwright.model.plan_page import Purpose
    from perfwright.workflow.plan_new import Answers
    from perfwright.workflow.plan_words import scale_of

    if sys.stdin.isatty():
        given = _asked(given)
    missing = [
        option
        for option, value in (
            ("--target URL", given.target),
            ("--url PATH", given.urls),
            ("--users N or --rate PER_S", given.users or given.rate),
        )
        if not value
    ]
    if missing:
        raise UsageError(
            f"--new: standard input is no terminal to ask on; give {', '.join(missing)} as well"
        )
    assert given.purpose in get_args(Purpose), given.purpose
    options = given.options()
    answers = Answers(
        name=given.name or "test",
        target=given.target,
        urls=given.urls,
        users=given.users,
        rate=given.rate,
        scale=scale_of(given.scale),
    )
    return answers, options


def _asked(given: PlanArguments) -> PlanArguments:
    from perfwright.plan import fields
    from perfwright.plan.slo import parse_slo
    from perfwright.workflow.plan_words import scale_of

    _say("A test plan from answers; Enter takes what stands in brackets.\n")
    name = given.name or _ask("System under test", default="shop")
    target = given.target or _ask(
        "Base address of the test environment",
        default="http://127.0.0.1:8000",
        check=lambda text: fields.url("answer", text),
    )
    purpose = given.purpose
    if purpose == "general":
        _say("\n  general   all six kinds of test\n  release   may it go out?\n"
             "  peak      a rush is coming\n  capacity  how much does it hold?\n"
             "  stability does it last for hours?")  # fmt: skip
        purpose = click.prompt(
            "Purpose", type=click.Choice(PURPOSES), default="general", show_choices=False, err=True
        )
    urls = given.urls or _urls()
    users, rate = given.users, given.rate
    scale = given.scale
    if users is None and rate is None:
        users, rate = _usual_load()
        scale = _ask("The peak is how many times that", default="2x", check=scale_of)
    slos = given.slos
    if not slos:
        text = _ask(
            "\nObjectives, like: p95 < 300ms, errors < 1% (Enter: some are proposed)",
            default="",
            check=lambda text: [parse_slo(part) for part in text.split(",") if part.strip()],
        )
        slos = tuple(part.strip() for part in text.split(",") if part.strip())
    _say("")
    return dataclasses.replace(
        given, name=name, target=target, purpose=purpose, urls=urls, users=users, rate=rate,
        scale=scale, slos=slos,
    )  # fmt: skip


def _urls() -> tuple[str, ...]:
    """One a line, until an empty one."""
    _say("\nWhat a user asks for, in order, like: /items/{id} or POST /orders (Enter ends)")
    urls: list[str] = []
    while True:
        default = "" if urls else "/"
        text = _ask(f"  {len(urls) + 1}.", default=default, check=_is_address)
        if not text:
            return tuple(urls)
        urls.append(text)


def _is_address(text: str) -> object:
    address = text.rpartition(" ")[2]
    if text and not (address.startswith("/") or "://" in address):
        raise UsageError(f"{text!r} is no address; write /items, or POST /orders")
    return text


def _usual_load() -> tuple[int | None, float | None]:
    """`20` users at once, or `5/s` sessions begun a second."""

    def parsed(text: str) -> tuple[int | None, float | None]:
        number = text.strip().lower().removesuffix("/s").strip()
        is_rate = text.strip().lower().endswith("/s")
        try:
            value = float(number) if is_rate else int(number)
        except ValueError:
            value = 0
        if not 0 < value < float("inf"):
            raise UsageError(f"{text!r} is neither; write 20 for users at once, 5/s for sessions")
        return (None, float(value)) if is_rate else (int(value), None)

    return parsed(_ask("\nUsual load: users at once (20), or sessions begun a second (5/s)",
                       default="5/s", check=parsed))  # fmt: skip


def _ask(question: str, *, default: str, check: Callable[[str], object] = str) -> str:
    """Asks until the answer passes `check`."""
    while True:
        answer: str = click.prompt(
            question, default=default, show_default=bool(default), err=True
        ).strip()
        try:
            check(answer)
        except PerfwrightError as error:
            _say(f"  {error}")
            continue
        return answer


def _say(text: str) -> None:
    click.echo(text, err=True)
