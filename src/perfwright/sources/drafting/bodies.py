"""Bodies and headers as the readers of collections, test plans and commands all make them.

    typed as JSON, and is JSON      its value, with variables in it; the usual Content-Type goes
                                    without saying
    anything else                   the text as it stands
    a file of a form                a few words in its place: files that a source names are not read

Secrets become environment variables. What the client makes by itself (Host, Content-Length) is not
kept among the headers.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from perfwright.model.journey import Body, Text, Value, Var
from perfwright.sources.drafting.names import clean
from perfwright.sources.drafting.secrets import Environment
from perfwright.sources.drafting.texts import json_of, value_of

Headers = list[tuple[str, Value]]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNSENT = frozenset({"content-length", "host", "connection", "accept-encoding"})


def is_kept(header: str) -> bool:
    """Whether it can be a header's name (RFC 9110, section 5.6.2) and is the author's to say."""
    return _TOKEN.fullmatch(header) is not None and header.lower() not in _UNSENT


def content_type(headers: Headers) -> Value:
    """None: no header says it."""
    return next((value for name, value in headers if name.lower() == "content-type"), None)


def without_type(headers: Headers) -> Headers:
    return [(name, value) for name, value in headers if name.lower() != "content-type"]


def raw_body(
    written: Text, headers: Headers, bare: Callable[[Var], Value], secrets: Environment
) -> tuple[Body, Headers]:
    """By the Content-Type among the headers. `bare`: what a variable without quotes is in JSON, or
    ValueError."""
    kind = content_type(headers)
    if isinstance(kind, str) and "json" in kind.lower():
        try:
            value = secrets.guard("body", json_of(written, bare))
        except ValueError:
            pass
        else:
            usual = kind.lower().replace(" ", "").removesuffix(";charset=utf-8")
            others = without_type(headers) if usual == "application/json" else headers
            return Body("json", value), others
    return Body("text", value_of(secrets.guard_text(written))), headers


def file_name(path: str) -> str:
    """Without its folders, of whichever system."""
    return clean(re.split(r"[/\\]", path)[-1], "file")


def file_part(name: str, file: str, kind: str) -> tuple[str, str, str, str]:
    """The part of a multipart body that sends a file."""
    return name, file, f"(content of {file})", kind or "application/octet-stream"
