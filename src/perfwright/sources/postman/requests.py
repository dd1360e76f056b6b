"""One request of a collection: its address, headers, authorization and body as a call.

Postman's own rules are kept: what is disabled is not sent, a GET has no body unless the request
says so, a raw body's language sets the Content-Type that no header says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from perfwright.model.journey import Body, Call, Constant, Text, Value, Var
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
from perfwright.sources.drafting.targets import with_query
from perfwright.sources.drafting.texts import (
    as_text,
    concat,
    header_value,
    json_of,
    map_literals,
    value_of,
)
from perfwright.sources.postman.authorization import Credentials
from perfwright.sources.postman.documents import (
    Json,
    elements,
    enabled,
    object_of,
    objects,
    plain,
    text,
)
from perfwright.sources.postman.variables import Variables

_TYPES = {
    "json": "application/json",
    "xml": "application/xml",
    "html": "text/html",
    "javascript": "application/javascript",
    "text": "text/plain",
}
_PATH_VARIABLE = re.compile(r"/:([A-Za-z_][\w.-]*)")
_HEADER_LINE = re.compile(r"^([^:\r\n]+):[ \t]*([^\r\n]*)$", re.MULTILINE)


class Requests:
    """`typed`: variables that answers' JSON fills, which keep their type without quotes."""

    def __init__(self, variables: Variables, secrets: Environment, typed: frozenset[str]) -> None:
        self._variables = variables
        self._secrets = secrets
        self._typed = typed

    def call(
        self, name: str, request: Json, credentials: Credentials, note: Callable[[str], None]
    ) -> Call | None:
        """None where the request has no address."""
        url = self._url(request.get("url"))
        if not url.parts:
            return None
        method = text(request, "method").upper() or "GET"
        headers = self._headers(request)
        body, headers = self._body(request, method, headers, note)
        if any(header.lower() == "authorization" for header, _ in headers):
            credentials = Credentials()
        if credentials.query:
            url = _with_pairs(url, credentials.query)
        return Call(
            name=name,
            method=method if re.fullmatch(r"[A-Z]{1,20}", method) else "GET",
            url=url,
            headers=self._secrets.guard_pairs((*credentials.headers, *headers)),
            body=body,
            auth=credentials.basic,
        )

    def _url(self, url: object) -> Text:
        if isinstance(url, str):
            return self._variables.text(url.strip())
        if not isinstance(url, dict):
            return Text(())
        host = _joined(url.get("host"), ".")
        if not host:
            return self._with_path_variables(text(url, "raw").strip(), url)
        protocol = text(url, "protocol")
        begin = f"{protocol}://" if protocol and "://" not in host else ""
        port = text(url, "port")
        path = _joined(url.get("path"), "/")
        separator = "" if path.startswith("/") else "/"
        whole = f"{begin}{host}{':' + port if port else ''}{separator}{path}"
        pairs = [each for each in objects(url, "query") if enabled(each)]
        query = "&".join(
            _unsplit(text(each, "key")) + "=" + _unsplit(text(each, "value")) for each in pairs
        )
        return self._with_path_variables(f"{whole}?{query}" if query else whole, url)

    def _with_path_variables(self, whole: str, url: Json) -> Text:
        path, mark, query = whole.partition("?")
        values = {text(each, "key"): text(each, "value") for each in objects(url, "variable")}

        def filled(match: re.Match[str]) -> str:
            value = values.get(match[1], "")
            return f"/{value}" if value else f"/{{{{{match[1]}}}}}"

        return self._variables.text(_PATH_VARIABLE.sub(filled, path) + mark + query)

    def _headers(self, request: Json) -> Headers:
        declared = request.get("header")
        if isinstance(declared, str):
            pairs = _HEADER_LINE.findall(declared)
        else:
            pairs = [
                (text(each, "key"), text(each, "value"))
                for each in objects(request, "header")
                if enabled(each)
            ]
        return [
            (name.strip(), header_value(self._variables.text(value)))
            for name, value in pairs
            if is_kept(name.strip())
        ]

    def _body(
        self, request: Json, method: str, headers: Headers, note: Callable[[str], None]
    ) -> tuple[Body | None, Headers]:
        body = object_of(request, "body")
        behavior = object_of(request, "protocolProfileBehavior")
        pruned = method in ("GET", "HEAD") and behavior.get("disableBodyPruning") is not True
        if not enabled(body) or pruned:
            return None, headers
        match text(body, "mode"):
            case "raw":
                return self._raw(body, headers)
            case "urlencoded":
                pairs = self._pairs(body, "urlencoded")
                return (Body("form", pairs) if pairs else None), without_type(headers)
            case "formdata":
                parts = self._parts(body, note)
                return (Body("multipart", parts) if parts else None), without_type(headers)
            case "graphql":
                return self._graphql(body, headers)
            case "file":
                file = clean(text(object_of(body, "file"), "src"), "a file")
                note(f"its body is the file {file!r}, which is not read: say data=Path(…)")
        return None, headers

    def _raw(self, body: Json, headers: Headers) -> tuple[Body | None, Headers]:
        raw = text(body, "raw")
        if not raw.strip():
            return None, headers
        language = text(object_of(object_of(body, "options"), "raw"), "language")
        if content_type(headers) is None:
            headers = [*headers, ("Content-Type", _TYPES.get(language, "text/plain"))]
        return raw_body(self._variables.text(raw), headers, self._bare, self._secrets)

    def _bare(self, variable: Var) -> Value:
        if variable.name in self._typed or self._variables.numeric(variable.name):
            return variable
        origin = self._variables.known.get(variable.name)
        if isinstance(origin, Constant):
            value = json.loads(origin.value)
            if value is None or isinstance(value, (bool, int, float)):
                return value
        raise ValueError(f"{variable.name} is not in quotes, and may be a number")

    def _pairs(self, body: Json, member: str) -> tuple[tuple[str, Value], ...]:
        declared = body.get(member)
        if isinstance(declared, str):
            split = [pair.partition("=")[::2] for pair in declared.split("&") if pair]
        else:
            split = [
                (text(each, "key"), text(each, "value"))
                for each in objects(body, member)
                if enabled(each) and text(each, "key")
            ]
        return self._secrets.guard_pairs(
            [(name, value_of(self._variables.text(value))) for name, value in split]
        )

    def _parts(self, body: Json, note: Callable[[str], None]) -> tuple[Value, ...]:
        parts: list[Value] = []
        for each in objects(body, "formdata"):
            name = text(each, "key")
            if not enabled(each) or not name:
                continue
            if text(each, "type") == "file":
                source = each.get("src")
                short = file_name(plain(source) or "".join(map(plain, elements(source)[:1])))
                note(f"the file {short!r} is not read: a few words are sent in its place")
                parts.append(file_part(name, short, text(each, "contentType")))
            else:
                value = value_of(self._variables.text(text(each, "value")))
                parts.append((name, self._secrets.guard(name, value)))
        return tuple(parts)

    def _graphql(self, body: Json, headers: Headers) -> tuple[Body | None, Headers]:
        graphql = object_of(body, "graphql")
        query = text(graphql, "query")
        if not query:
            return None, headers
        said: dict[str, Value] = {"query": value_of(self._variables.text(query))}
        if text(graphql, "operationName"):
            said["operationName"] = text(graphql, "operationName")
        variables = text(graphql, "variables") or json.dumps(graphql.get("variables") or {})
        try:
            said["variables"] = json_of(self._variables.text(variables), self._bare)
        except ValueError:
            said["variables"] = {}
        return Body("json", self._secrets.guard("body", said)), without_type(headers)


def _joined(value: object, separator: str) -> str:
    """A host or path, given as text or in pieces; a piece may be an object with a value."""
    if isinstance(value, str):
        return value
    pieces = (text(p, "value") if isinstance(p, dict) else plain(p) for p in elements(value))
    return separator.join(pieces)


def _unsplit(part: str) -> str:
    """Keeps what a list of pairs says from being taken for the marks between them."""
    return part.replace("&", "%26").replace("#", "%23")


def _with_pairs(url: Text, query: tuple[tuple[str, Value], ...]) -> Text:
    for name, value in query:
        said = map_literals(as_text(value), _unsplit)
        url = with_query(url, concat(Text((f"{_unsplit(name)}=",)), said))
    return url
