"""Checks of single fields that users write, in a test file or on the command line.

Each takes what was written and gives the clean value, or raises a UsageError (PlanError) that names
the field, the value and the remedy.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from perfwright.model.errors import PlanError, UsageError
from perfwright.model.units import parse_duration
from perfwright.plan.scenario import mark_of
from perfwright.plan.shapes import Shape, users

DEFAULT_USERS = 10
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""A header's name, or a method (RFC 9110 §5.6.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    """Connect to `address` wherever `host:port` is asked for, as curl's `--resolve`."""

    host: str
    port: int
    address: str


def loads(load: Shape | Mapping[str, Shape] | None) -> dict[str, Shape]:
    """Shapes by scenario name; the key "" is all scenarios together."""
    by_name = dict(load) if isinstance(load, Mapping) else {"": load or users(DEFAULT_USERS)}
    if not by_name:
        raise PlanError("load: {} is empty; give a shape, like load=users(10).hold('1m')")
    for name, shape in by_name.items():
        where = f"load[{name!r}]" if name else "load"
        if not isinstance(shape, Shape):
            raise PlanError(f"{where}: {shape!r} is no shape; write users(10) or arrivals(50)")
        if shape.peak == 0:
            raise PlanError(f"{where}: it never rises above zero, so nothing would be sent")
    return by_name


def texts(field: str, values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        raise PlanError(f"{field}: give a list, {field}=[{values!r}]")
    listed = tuple(values)
    for value in listed:
        if not isinstance(value, str):
            raise PlanError(f"{field}: {value!r} is no text")
    return listed


def scenario_names(values: Iterable[str | Callable[..., Any]] | None) -> tuple[str, ...] | None:
    """Names of scenarios, from names or the decorated functions themselves."""
    if values is None:
        return None
    names = []
    for value in [values] if isinstance(values, str) else values:
        mark = mark_of(value)
        if mark is None and not isinstance(value, str):
            raise PlanError(f"scenarios: {value!r} is neither a scenario's name nor a @scenario")
        names.append(mark.name if mark else str(value))
    if not names:
        raise PlanError("scenarios: the list is empty; leave it out to run them all")
    return tuple(names)


def url(field: str, text: str) -> str:
    """An absolute http(s) URL with a host; the trailing slash is dropped."""
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except (ValueError, AttributeError) as error:
        raise UsageError(f"{field}: {text!r} is no URL ({error})") from None
    if not valid:
        raise UsageError(f"{field}: {text!r} is no URL; write http://127.0.0.1:8000")
    return text.rstrip("/")


def one_of(field: str, value: str, choices: Any) -> str:
    """`value` if it is among the arguments of the Literal `choices`."""
    allowed = get_args(choices)
    if value not in allowed:
        raise PlanError(f"{field}: {value!r} is none of {', '.join(map(repr, allowed))}")
    return value


def positive_duration(field: str, value: str | float) -> float:
    seconds = parse_duration(value, field=field)
    if seconds == 0:
        raise UsageError(f"{field}: {value!r} must be longer than zero, like 10s")
    return seconds


def optional_duration(field: str, value: str | float | None) -> float | None:
    return None if value is None else positive_duration(field, value)


def optional_count(field: str, value: int | None) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise PlanError(f"{field}: {value!r} must be a whole number of one or more")
    return value


def seed(field: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**64:
        raise PlanError(f"{field}: {value!r} must be a whole number from 0 to 2^64 - 1")
    return value


def existing_file(field: str, path: str | Path | None) -> Path | None:
    if path is None:
        return None
    if not Path(path).is_file():
        raise PlanError(f"{field}: there is no file {str(path)!r} (looked from {Path.cwd()})")
    return Path(path).resolve()


def key_pair(
    cert_field: str, cert: str | Path | None, key_field: str, key: str | Path | None
) -> tuple[Path | None, Path | None]:
    """A client's certificate and private key (PEM): both or neither."""
    if (cert is None) != (key is None):
        given, missing = (key_field, cert_field) if cert is None else (cert_field, key_field)
        raise PlanError(f"{given}: it needs {missing} beside it, both PEM files")
    return existing_file(cert_field, cert), existing_file(key_field, key)


def headers(field: str, values: Mapping[str, str]) -> dict[str, str]:
    for name, value in values.items():
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            raise PlanError(f"{field}: {name!r} is no header name")
        if not isinstance(value, str) or any(char in value for char in "\r\n\0"):
            raise PlanError(f"{field}: the value of {name!r} must be text of one line: {value!r}")
    return dict(values)


def method(field: str, text: str) -> str:
    """An HTTP method, in capitals."""
    if not _TOKEN.fullmatch(text):
        raise UsageError(f"{field}: {text!r} is no HTTP method, like GET or POST")
    return text.upper()


def header_line(field: str, text: str) -> tuple[str, str]:
    """`Name: value`, as on the command line."""
    name, colon, value = text.partition(":")
    if not colon:
        raise UsageError(f"{field}: {text!r} is no header; write 'Accept: text/html'")
    [(name, value)] = headers(field, {name.strip(): value.strip()}).items()
    return name, value


def resolve(text: str) -> Resolve:
    """`host:port:address`; the address may be IPv6, with or without brackets."""
    host, _, rest = text.partition(":")
    port, _, address = rest.partition(":")
    try:
        number = int(port)
        clean = str(ipaddress.ip_address(address.strip("[]")))
    except ValueError:
        number, clean = 0, ""
    if not host or not 0 < number < 65536:
        raise UsageError(f"resolve: {text!r} must be host:port:address, like shop:443:127.0.0.1")
    return Resolve(host=host.lower(), port=number, address=clean)
