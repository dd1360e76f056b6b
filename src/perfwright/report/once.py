"""`run --once` in print: each request and its answer in full, then the checks.

    ── 2  add to cart ──────────────────────────────────
    POST http://127.0.0.1:8000/cart
    > Authorization: Bearer eyJh… (182 characters)
    > {"id": 7}
    201 Created in 4.1 ms (connect 0.2 ms · wait 3.8 ms)
    < Content-Type: application/json
    < {"items": 1}

Secrets in headers are cut to their first characters. Bodies are shown up to `LINES_MAX` lines: JSON
laid out, text as it is, anything else as its size and first bytes. Times have their unit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress

from rich.console import RenderableType
from rich.text import Text

from perfwright.model.exchange import Exchange
from perfwright.model.result import CheckResult
from perfwright.model.units import NS_PER_S, format_duration
from perfwright.report import wording
from perfwright.report.console import console_text

LINES_MAX = 40
_LINE_MAX = 400
_TEXT_MAX_BYTES = 200_000
_SECRET_HEADERS = frozenset(
    ("authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "x-auth-token")
)
_SHOWN_OF_SECRET = 4


def render_exchange(
    exchange: Exchange, *, number: int, width: int = 80, color: bool = False
) -> str:
    """One request and its answer; `number` counts from 1."""
    lines = [*_request(exchange, number, width), *_answer(exchange), Text()]
    return console_text(lines, width=width, color=color, wrap=False)


def render_once_end(
    checks: Sequence[CheckResult], *, error: str = "", width: int = 80, color: bool = False
) -> str:
    """What comes after the last exchange: each check, and the scenario's traceback if it raised."""
    lines: list[RenderableType] = []
    for check in checks:
        sign, style = ("✗", "bold red") if check.failed else ("✓", "green")
        times = f" ({check.failed} of {check.failed + check.passed} failed)" if check.failed else ""
        lines.append(Text(f"{sign} {wording.clean(check.name)}{times}", style))
    if error:
        lines.append(Text(wording.clean(error.rstrip(), keep="\n\t"), "red"))
    return console_text(lines, width=width, color=color, wrap=False) if lines else ""


def shorten_secret(name: str, value: str) -> str:
    """A header's value as it may be shown: `Bearer eyJh… (182 characters)`, `session=a81c…`."""
    key = name.lower()
    if key not in _SECRET_HEADERS:
        return value
    if key in ("cookie", "set-cookie"):
        first, *attributes = value.split(";")
        cookies = [first, *attributes] if key == "cookie" else [first]
        rest = attributes if key == "set-cookie" else []
        return ";".join([*map(_cut_cookie, cookies), *rest])
    scheme, space, secret = value.partition(" ")
    return f"{scheme} {_cut(secret)}" if space else _cut(value)


def body_lines(body: bytes, content_type: str) -> list[str]:
    """A body's first lines, readable: JSON laid out, text as it is, else a summary."""
    if not body:
        return []
    text = _decoded(body)
    if text is None:
        kind = wording.clean(content_type) or "binary data"
        return [f"{wording.size(len(body))} of {kind}: {body[:16].hex(' ')} …"]
    if "json" in content_type or text.lstrip()[:1] in ("{", "["):
        with suppress(ValueError):  # what only looks like JSON is shown as it came
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    lines = [wording.shorten(wording.clean(line), _LINE_MAX) for line in text.splitlines()]
    left_out = len(lines) - LINES_MAX
    if left_out > 0:
        more = wording.plural(left_out, "more line")
        lines[LINES_MAX:] = [f"… {more}, {wording.size(len(body))} in all"]
    return lines


def _request(exchange: Exchange, number: int, width: int) -> Iterator[Text]:
    title = f"── {number}  {wording.clean(exchange.step)} "
    yield Text(title + "─" * max(0, width - len(title)), "cyan")
    yield Text(f"{exchange.method} {wording.clean(exchange.url)}", "bold")
    yield from _message(">", exchange.request_headers, exchange.request_body)


def _answer(exchange: Exchange) -> Iterator[Text]:
    ok = exchange.outcome == "ok"
    word = f"{exchange.status} {exchange.reason}".strip() if exchange.status else exchange.outcome
    phases = " · ".join(
        f"{name} {format_duration(value_ns / NS_PER_S)}"
        for name, value_ns in exchange.phases_ns.items()
        if value_ns
    )
    line = Text().append(wording.clean(word), "bold green" if ok else "bold red")
    line.append(f" in {format_duration(exchange.response_ns / NS_PER_S)}", "bold")
    yield line.append(f" ({phases})" if phases else "", "dim")
    if exchange.message:
        yield Text(wording.clean(exchange.message), "red")
    yield from _message("<", exchange.response_headers, exchange.response_body)


def _message(sign: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Iterator[Text]:
    content_type = ""
    for name, value in headers:
        if name.lower() == "content-type":
            content_type = value.lower()
        line = Text().append(f"{sign} {wording.clean(name)}: ", "dim")
        yield line.append(wording.shorten(wording.clean(shorten_secret(name, value)), _LINE_MAX))
    for text in body_lines(body, content_type):
        yield Text().append(f"{sign} ", "dim").append(text, "cyan")


def _decoded(body: bytes) -> str | None:
    """Text, or None for what is none."""
    if len(body) > _TEXT_MAX_BYTES:
        body = body[:_TEXT_MAX_BYTES]
    if b"\0" in body:
        return None
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        cut_short = error.start > len(body) - 4
        return body[: error.start].decode("utf-8") if cut_short and error.start else None


def _cut_cookie(cookie: str) -> str:
    name, equals, secret = cookie.partition("=")
    return f"{name}={_cut(secret)}" if equals else cookie


def _cut(secret: str) -> str:
    if len(secret) <= 2 * _SHOWN_OF_SECRET:
        return "…"
    return f"{secret[:_SHOWN_OF_SECRET]}… ({len(secret)} characters)"
