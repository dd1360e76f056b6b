"""A server's log format as its configuration writes it, into literals and fields.

    nginx    $remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent
    Apache   %h %l %u %t "%r" %>s %b "%{Referer}i" %D
    Envoy    [%START_TIME%] "%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL%" %RESPONSE_CODE% %DURATION%

The whole directive may be pasted (`log_format main '…' '…';`, `LogFormat "…" combined`). Fields
that nothing here needs are read past. UsageError: no field tells a time, or none a request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from perfwright.model.errors import UsageError
from perfwright.sources.access_logs.dialects import apache_meaning, envoy_meaning, nginx_meaning
from perfwright.sources.access_logs.meanings import Meaning


@dataclass(frozen=True, slots=True)
class Field:
    """`meaning` None: it is read past."""

    name: str
    meaning: Meaning | None = None


Token = str | Field

_NGINX = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_APACHE = re.compile(r"%%|%[<>!\d,]*(?:\{([^}]*)\})?(\^[A-Za-z]{2}|[A-Za-z])")
_ENVOY = re.compile(r"%([A-Z][A-Z_0-9]{2,})(?:\(([^)]*)\))?(?::\d+)?%")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_NGINX_DIRECTIVE = re.compile(r"\s*log_format\s+[\w-]+\s+(?:escape=\w+\s+)?(.*?);?\s*$", re.DOTALL)
_APACHE_DIRECTIVE = re.compile(r"\s*(?:LogFormat|CustomLog\s+\S+)\s+(\".*\")(?:\s+\S+)*\s*$", re.I)
_NEEDED = (
    ({"started_us", "ended_us"}, "the time", "$time_iso8601 (nginx) or %t (Apache)"),
    ({"request", "target", "path"}, "what was requested", "$request (nginx) or %r (Apache)"),
)


def parse_log_format(text: str) -> tuple[Token, ...]:
    """UsageError says what is wrong with it."""
    if _ENVOY.search(text):
        tokens = tuple(_tokens(_ENVOY, text, _envoy_field))
    elif directive := _NGINX_DIRECTIVE.match(text):
        tokens = tuple(_tokens(_NGINX, _joined(directive[1]), _nginx_field))
    elif _NGINX.search(text):
        tokens = tuple(_tokens(_NGINX, text, _nginx_field))
    else:
        directive = _APACHE_DIRECTIVE.match(text)
        form = _joined(directive[1]) if directive else text.replace('\\"', '"')
        tokens = tuple(_apache_tokens(form.replace("\\t", "\t")))
    slots = {one.meaning.slot for one in tokens if isinstance(one, Field) and one.meaning}
    for needed, what, example in _NEEDED:
        if not slots & needed:
            raise UsageError(f"--log-format: {text!r} does not tell {what}; it needs {example}")
    return tokens


def _tokens(
    pattern: re.Pattern[str], text: str, field: Callable[[re.Match[str]], Token]
) -> Iterator[Token]:
    """No two literals stand side by side."""
    literal, end = "", 0
    for match in pattern.finditer(text):
        token = field(match)
        literal += text[end : match.start()]
        end = match.end()
        if isinstance(token, str):
            literal += token
            continue
        if literal:
            yield literal
        literal = ""
        yield token
    if rest := (literal + text[end:]).rstrip("\r\n"):
        yield rest


def _nginx_field(match: re.Match[str]) -> Token:
    name = match[1] or match[2]
    return Field(f"${name}", nginx_meaning(name))


def _envoy_field(match: re.Match[str]) -> Token:
    return Field(match[0], envoy_meaning(match[1], match[2] or ""))


def _apache_field(match: re.Match[str]) -> Token:
    if match[0] == "%%":
        return "%"
    argument, directive = match[1] or "", match[2]
    return Field(match[0], apache_meaning(directive, argument))


def _apache_tokens(text: str) -> Iterator[Token]:
    """`%t` writes brackets around its time; `%{%F}t.%{msec_frac}t` is one time."""
    joined = re.sub(
        r"%\{([^}]*)\}t(?:[^%\"\]]?%\{[^}]*\}t)+",
        lambda match: "%{" + re.sub(r"%\{|\}t", "", match[0]) + "}t",
        text,
    )
    for token in _tokens(_APACHE, joined, _apache_field):
        if isinstance(token, Field) and token.name == "%t":
            yield from ("[", token, "]")
        else:
            yield token


def _joined(text: str) -> str:
    """The strings of a directive, put together; text without quotes as it is."""
    strings = [first or second for first, second in _QUOTED.findall(text)]
    return re.sub(r"\\(.)", r"\1", "".join(strings)) if strings else text
