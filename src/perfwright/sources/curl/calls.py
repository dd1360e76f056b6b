"""One cURL request as a call: what curl would send, and notes on what is not said.

Bodies: several `-d` are joined by "&"; `--json` joins without anything between. What is typed as
JSON becomes JSON, a form becomes pairs where encoding them again says the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from perfwright.model.journey import Body, Call, Text, Value, Var
from perfwright.sources.curl.options import Asked
from perfwright.sources.drafting.bodies import (
    Headers,
    content_type,
    file_name,
    file_part,
    is_kept,
    raw_body,
    without_type,
)
from perfwright.sources.drafting.names import clean
from perfwright.sources.drafting.secrets import Environment
from perfwright.sources.drafting.targets import with_params, with_query
from perfwright.sources.drafting.texts import (
    concat,
    header_value,
    literal_of,
    map_literals,
    text_of,
    value_of,
)

_DATA = ("data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "json")
_FORM = "application/x-www-form-urlencoded"
_FORM_PART = re.compile(r"([^=]*)=(.*)", re.DOTALL)

Note = Callable[[str], None]


def call_of(asked: Asked, url: Text, secrets: Environment, note: Note) -> Call:
    """The call, with its address still absolute; its name is that of its method and path."""
    headers = _headers(asked, note)
    data = _data(asked, note)
    if "get" in asked.flags and data is not None:
        url, data = with_query(url, data), None
    for _, query in asked.all("url-query"):
        url = with_query(url, query)
    body, headers = _body(asked, data, headers, secrets, note)
    method = _method(asked, body)
    return Call(
        name=method,
        method=method,
        url=url,
        headers=secrets.guard_pairs(headers),
        body=body,
        auth=_auth(asked, secrets),
    )


def _method(asked: Asked, body: Body | None) -> str:
    request = literal_of(asked.last("request") or Text(()))
    if request:
        return request.upper() if request.isalpha() else "GET"
    if "head" in asked.flags:
        return "HEAD"
    if asked.last("upload-file") is not None:
        return "PUT"
    return "POST" if body is not None else "GET"


def _headers(asked: Asked, note: Note) -> Headers:
    headers: Headers = []
    for option, value in asked.given:
        if option == "header":
            headers += _header(value, note)
        elif option == "user-agent":
            headers.append(("User-Agent", header_value(value)))
        elif option == "referer":
            headers.append(("Referer", header_value(map_literals(value, _without_auto))))
        elif option == "range":
            headers.append(("Range", header_value(concat(Text(("bytes=",)), value))))
        elif option == "oauth2-bearer":
            headers.append(("Authorization", header_value(concat(Text(("Bearer ",)), value))))
        elif option == "cookie" and any("=" in p for p in value.parts if isinstance(p, str)):
            headers.append(("Cookie", header_value(value)))
        elif option == "cookie":
            note("-b names a file of cookies, which is not read.")
    return headers


def _header(value: Text, note: Note) -> Headers:
    first = value.parts[0] if value.parts else ""
    if not isinstance(first, str) or first.startswith("@"):
        note("-H names a file or a variable as a whole header, which is not read.")
        return []
    name, colon, begin = first.partition(":")
    if not colon:
        return [(name.rstrip(";"), "")] if name.endswith(";") else []
    content = text_of((begin.lstrip(), *value.parts[1:]))
    return [(name, header_value(content))] if content.parts and is_kept(name) else []


def _without_auto(literal: str) -> str:
    return literal.removesuffix(";auto")


def _auth(asked: Asked, secrets: Environment) -> tuple[Value, Value] | None:
    user = asked.last("user")
    if user is None or not user.parts:
        return None
    first = user.parts[0]
    if isinstance(first, Var):
        rest = text_of(user.parts[1:])
        return first, secrets.guard("password", value_of(map_literals(rest, _without_colon)))
    name, _, begin = first.partition(":")
    password = value_of(text_of((begin, *user.parts[1:])))
    return name, secrets.guard("password", password)


def _without_colon(literal: str) -> str:
    return literal.removeprefix(":")


def _data(asked: Asked, note: Note) -> Text | None:
    joined: Text | None = None
    for option, value in asked.all(*_DATA):
        part = _data_part(option, value, note)
        between = "" if option == "json" or joined is None else "&"
        joined = concat(joined or Text(()), Text((between,)) if between else Text(()), part)
    return joined


def _data_part(option: str, value: Text, note: Note) -> Text:
    first = value.parts[0] if value.parts else ""
    literal = first if isinstance(first, str) else ""
    if option == "data-urlencode":
        name, equals, content = literal.partition("=")
        if not equals and "@" in literal:
            note(f"The file {clean(literal.partition('@')[2], '?')!r} is a body and is not read.")
            return Text(())
        encoded = _urlencoded(content if equals else literal)
        rest = tuple(_urlencoded(p) if isinstance(p, str) else p for p in value.parts[1:])
        begin = (f"{name}=" if name and equals else "") + encoded
        return text_of((begin, *rest) if literal else value.parts)
    if literal.startswith("@") and option != "data-raw":
        note(
            f"The file {clean(literal[1:], '?')!r} is a body and is not read: say "
            f"data=Path(…) where the request is made."
        )
        return Text(())
    return value


def _urlencoded(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _body(
    asked: Asked, data: Text | None, headers: Headers, secrets: Environment, note: Note
) -> tuple[Body | None, Headers]:
    if asked.all("form", "form-string"):
        return _multipart(asked, secrets, note), without_type(headers)
    if asked.last("upload-file") is not None:
        note("-T sends a file, which is not read: say data=Path(…) where the request is made.")
    if data is None:
        return None, headers
    if asked.last("json") is not None:
        names = {name.lower() for name, _ in headers}
        told = [(name, "application/json") for name in ("Accept", "Content-Type")]
        headers = [*headers, *(one for one in told if one[0].lower() not in names)]
    kind = content_type(headers)
    if kind is None or (isinstance(kind, str) and kind.lower().startswith(_FORM)):
        return _form(data, headers, secrets)
    return raw_body(data, headers, _not_bare, secrets)


def _not_bare(variable: Var) -> Value:
    raise ValueError(f"{variable.name} is not in quotes, and may be a number")


def _form(data: Text, headers: Headers, secrets: Environment) -> tuple[Body, Headers]:
    _, pairs = with_params(concat(Text(("?",)), data))
    others = without_type(headers)
    if pairs:
        return Body("form", secrets.guard_pairs(pairs)), others
    return raw_body(data, [*others, ("Content-Type", _FORM)], _not_bare, secrets)


def _multipart(asked: Asked, secrets: Environment, note: Note) -> Body:
    parts: list[Value] = []
    for option, value in asked.all("form", "form-string"):
        first = value.parts[0] if value.parts else ""
        match = _FORM_PART.match(first) if isinstance(first, str) else None
        if match is None:
            note("-F without a name is left out.")
            continue
        name, content = match[1], match[2]
        if option == "form" and content[:1] in ("@", "<"):
            path, _, rest = content[1:].partition(";")
            file = file_name(path)
            kind = re.search(r"type=([\w.+-]+/[\w.+-]+)", rest)
            note(f"The file {file!r} is not read: a few words are sent in its place.")
            parts.append(file_part(name, file, kind[1] if kind else ""))
        else:
            said = text_of((content, *value.parts[1:]))
            parts.append((name, secrets.guard(name, value_of(said))))
    return Body("multipart", tuple(parts))
