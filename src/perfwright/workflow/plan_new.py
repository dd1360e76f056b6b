"""A plan without a source: what people answer becomes one journey through the addresses they named.

    "GET /", "/items/{id}", "POST /orders"  ──►  GET / · think · GET /items/{id} · think · …

A part in braces varies: a whole number from 1 to 100 each time, to be replaced by data that exist.
Think time is 1 to 3 s between two requests; nobody has measured it, and the notes say so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from perfwright.model.errors import UsageError
from perfwright.model.journey import (
    Call,
    DraftLoad,
    Item,
    Journey,
    LoadPart,
    Made,
    Pause,
    ScenarioDraft,
    Text,
    Var,
    Variable,
)
from perfwright.model.think import Uniform
from perfwright.model.units import format_number
from perfwright.plan import fields

_VARYING = re.compile(r"\{([^{}/?#]*)\}")
_METHOD = re.compile(r"([A-Za-z]+)\s+(\S.*)")
_IDS = (1.0, 100.0)
_BODILESS = ("GET", "HEAD", "DELETE", "OPTIONS")
_THINK = Uniform(1.0, 3.0)
_RAMP_S = 30.0
_HOLD_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """`urls`: each `[METHOD ]PATH` or a whole address. Either `users` or `rate` (sessions/s) says
    what is usual; `scale`: how many times that the peak is."""

    name: str
    target: str
    urls: tuple[str, ...]
    users: int | None = None
    rate: float | None = None
    scale: float = 1.0


def draft_of_answers(answers: Answers) -> ScenarioDraft:
    """UsageError for an answer that cannot mean anything."""
    target = fields.url("--target", answers.target)
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(target))
    calls = [_call(text, origin) for text in answers.urls]
    items: list[Item] = []
    for call in calls:
        items += [Pause(_THINK), call] if items else [call]
    variables = {part.name for call in calls for part in call.url.parts if isinstance(part, Var)}
    return ScenarioDraft(
        title=answers.name,
        sources=(),
        target=target,
        journeys=(Journey(name="visit", weight=1, items=tuple(items)),),
        variables=tuple(Variable(name, Made("integer", *_IDS)) for name in sorted(variables)),
        load=load_of(answers.users, answers.rate, answers.scale),
        notes=tuple(_notes(calls, bool(variables))),
    )


def load_of(users: int | None, rate: float | None, scale: float) -> DraftLoad:
    """A climb to the peak, and the peak for five minutes."""
    usual = rate if rate is not None else users
    assert usual is not None, "either users or rate"
    if rate is None:
        peak = float(max(1, round(usual * scale)))
        unit = "users at once"
    else:
        peak = usual * scale
        unit = "sessions/s"
    times = f", {scale:g} times the usual {format_number(usual)}" if scale != 1 else ""
    return DraftLoad(
        kind="arrivals" if rate is not None else "users",
        parts=(LoadPart(to=peak, over_s=_RAMP_S, hold_s=_HOLD_S),),
        process="poisson" if rate is not None else "uniform",
        why=f"The peak is {format_number(peak)} {unit}{times}: said, not measured.",
    )


def _call(text: str, origin: str) -> Call:
    match = _METHOD.fullmatch(text.strip())
    method, address = (match[1], match[2].strip()) if match else ("GET", text.strip())
    method = fields.method("--url", method)
    address = address.removeprefix(origin) or "/"
    if "://" in address:
        fields.url("--url", address)
    elif not address.startswith("/"):
        raise UsageError(f"--url: {text!r} is no address; write /items, or POST /orders")
    parts: list[str | Var] = []
    end = 0
    for varying in _VARYING.finditer(address):
        parts += [address[end : varying.start()], Var(varying[1] or "id")]
        end = varying.end()
    parts.append(address[end:])
    return Call(
        name=f"{method} {address.partition('?')[0]}",
        method=method,
        url=Text(tuple(part for part in parts if part)),
        comment="" if method in _BODILESS else "say what it sends: json=…",
    )


def _notes(calls: Sequence[Call], varies: bool) -> list[str]:
    notes = [
        "Nothing was measured: mix, order and think times (1 to 3 s) are answers, not history. A "
        "log, a HAR or an OpenAPI document would tell more: `perfwright plan access.log`."
    ]
    if varies:
        notes.append("Parts in braces are whole numbers from 1 to 100: let them be what exists.")
    writing = [call.name for call in calls if call.comment]
    if writing:
        notes.append(f"Nobody said what {', '.join(writing)} sends: complete it in scenario.py.")
    return notes
