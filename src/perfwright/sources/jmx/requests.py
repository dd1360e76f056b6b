"""HTTP samplers as calls, with the defaults, headers and credentials that apply to them.

What a sampler leaves empty comes from the nearest HTTP Request Defaults, then from the next one
out; parameters of all of them are sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_plus

from perfwright.model.journey import Body, Call, Text, Value
from perfwright.sources.drafting.bodies import (
    Headers,
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
    concat,
    header_value,
    literal_of,
    map_literals,
    text_of,
    value_of,
)
from perfwright.sources.jmx.ledger import Ledger
from perfwright.sources.jmx.scope import Scope
from perfwright.sources.jmx.tree import Element, Property
from perfwright.sources.jmx.variables import Variables

HTTP_SAMPLERS = frozenset({"HTTPSamplerProxy", "HTTPSampler", "HTTPSampler2"})
_NO_BODY = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_ARGUMENTS = ("HTTPsampler.Arguments", "Arguments.arguments")
_FILES = ("HTTPsampler.Files", "HTTPFileArgs.files")


@dataclass(frozen=True, slots=True)
class _Argument:
    name: Text
    value: Text
    encode: bool


class Requests:
    def __init__(self, variables: Variables, secrets: Environment, ledger: Ledger) -> None:
        self.typed: frozenset[str] = frozenset()
        """Variables that answers' JSON fills."""
        self._variables = variables
        self._secrets = secrets
        self._ledger = ledger

    def call(self, sampler: Element, name: str, scope: Scope) -> Call:
        """The call with its address still absolute (relative where the plan names no host)."""
        chain = [sampler, *_defaults(scope)]
        method = (self._variables.literal(_first(chain, "HTTPSampler.method")) or "GET").upper()
        method = method if re.fullmatch(r"[A-Z]{1,20}", method) else "GET"
        headers = self._headers(scope)
        arguments = [each for element in reversed(chain) for each in self._arguments(element)]
        url = self._url(chain)
        nameless = bool(arguments) and not any(each.name.parts for each in arguments)
        raw = sampler.flag("HTTPSampler.postBodyRaw") or (nameless and method not in _NO_BODY)
        body: Body | None = None
        files = _files(sampler)
        if raw:
            body, headers = self._raw(arguments, headers)
        elif method in _NO_BODY or (method == "DELETE" and not files):
            url = _with_arguments(url, arguments)
        elif files or sampler.flag("HTTPSampler.DO_MULTIPART_POST"):
            body, headers = self._multipart(sampler, arguments, files), without_type(headers)
        elif arguments:
            body, headers = self._form(arguments), without_type(headers)
        self._tell(sampler, chain)
        return Call(
            name=name,
            method=method,
            url=url,
            headers=self._secrets.guard_pairs(headers),
            body=body,
            auth=self._auth(scope, url),
            comment=clean(sampler.text("TestPlan.comments"), ""),
        )

    def _url(self, chain: list[Element]) -> Text:
        path = self._variables.text(_first(chain, "HTTPSampler.path"))
        begin = literal_of(text_of(path.parts[:1])) or ""
        if re.match(r"https?://", begin, re.IGNORECASE):
            return path
        domain = self._variables.text(_first(chain, "HTTPSampler.domain"))
        if not domain.parts:
            led = not path.parts or (begin and not begin.startswith("/"))
            return concat(Text(("/",)), path) if led else path
        protocol = self._variables.text(_first(chain, "HTTPSampler.protocol") or "http")
        port = self._variables.text(_first(chain, "HTTPSampler.port"))
        host = literal_of(text_of(domain.parts[:1])) or ""
        scheme = Text(()) if "://" in host else concat(protocol, Text(("://",)))
        usual = {"http": "80", "https": "443"}.get(literal_of(protocol) or "")
        known = port.parts and literal_of(port) not in (usual, "0", "")
        number = concat(Text((":",)), port) if known else Text(())
        slash = Text(()) if begin.startswith(("/", "?")) else Text(("/",))
        return concat(
            scheme, map_literals(domain, lambda part: part.rstrip("/")), number, slash, path
        )

    def _arguments(self, element: Element) -> list[_Argument]:
        return [
            _Argument(
                self._variables.text(row.get("Argument.name").text),
                self._variables.text(row.get("Argument.value").text),
                row.get("HTTPArgument.always_encode").text.strip().lower() == "true",
            )
            for row in element.rows(*_ARGUMENTS)
        ]

    def _headers(self, scope: Scope) -> Headers:
        found: dict[str, tuple[str, Value]] = {}
        for manager in scope.of({"HeaderManager"}):
            for row in manager.rows("HeaderManager.headers"):
                name = (self._variables.literal(row.get("Header.name").text) or "").strip()
                value = header_value(self._variables.text(row.get("Header.value").text.strip()))
                if is_kept(name):
                    found[name.lower()] = (name, value)
        cookies = [
            concat(
                self._variables.text(row.name or row.get("Cookie.name").text),
                Text(("=",)),
                self._variables.text(row.get("Cookie.value").text),
            )
            for manager in scope.of({"CookieManager"})
            for row in manager.rows("CookieManager.cookies")
        ]
        if cookies:
            joined = cookies[0]
            for cookie in cookies[1:]:
                joined = concat(joined, Text(("; ",)), cookie)
            found["cookie"] = ("Cookie", value_of(joined))
        return list(found.values())

    def _auth(self, scope: Scope, url: Text) -> tuple[Value, Value] | None:
        """Credentials are for addresses that begin with theirs."""
        address = self._variables.plain(url)
        for manager in reversed(list(scope.of({"AuthManager"}))):
            for row in manager.rows("AuthManager.auth_list"):
                begin = self._variables.literal(row.get("Authorization.url").text.strip())
                if address is not None and not address.startswith((begin or "").rstrip("/")):
                    continue
                mechanism = row.get("Authorization.mechanism").text.strip()
                if mechanism in ("", "BASIC", "BASIC_DIGEST"):
                    user = value_of(self._variables.text(row.get("Authorization.username").text))
                    password = self._variables.text(row.get("Authorization.password").text)
                    return user, self._secrets.guard("password", value_of(password))
                self._ledger.told(manager, f"asks for {clean(mechanism, '?')}, which is not done")
        return None

    def _raw(self, arguments: list[_Argument], headers: Headers) -> tuple[Body | None, Headers]:
        written = concat(*(each.value for each in arguments))
        if not written.parts:
            return None, headers
        bare = self._variables.bare(self.typed.__contains__)
        return raw_body(written, headers, bare, self._secrets)

    def _form(self, arguments: list[_Argument]) -> Body:
        pairs = [(literal_of(each.name), _plain_value(each)) for each in arguments]
        named = [(name, value) for name, value in pairs if name]
        return Body("form", self._secrets.guard_pairs(named))

    def _multipart(
        self, sampler: Element, arguments: list[_Argument], files: list[Property]
    ) -> Body | None:
        parts: list[Value] = [
            (name, self._secrets.guard(name, value_of(each.value)))
            for each in arguments
            if (name := literal_of(each.name))
        ]
        for file in files:
            short = file_name(file.get("File.path").text)
            name = file.get("File.paramname").text.strip()
            if not name:
                self._ledger.told(
                    sampler, f"sends the file {short!r} as its body, which is not read"
                )
                continue
            self._ledger.told(sampler, f"sends the file {short!r}: a few words stand in its place")
            kind = clean(file.get("File.mimetype").text, "")
            parts.append(file_part(clean(name, "file"), short, kind))
        return Body("multipart", tuple(parts)) if parts else None

    def _tell(self, sampler: Element, chain: list[Element]) -> None:
        if any(each.flag("HTTPSampler.image_parser") for each in chain):
            self._ledger.note(
                "JMeter was asked to fetch embedded resources, which the test does not: "
                "record the pages as HAR to have them."
            )
        follows = ("HTTPSampler.follow_redirects", "HTTPSampler.auto_redirects")
        if all(sampler.text(name) == "false" for name in follows):
            self._ledger.told(sampler, "does not follow redirects, which the test always does")
        if _first(chain, "HTTPSampler.response_timeout"):
            limit = clean(_first(chain, "HTTPSampler.response_timeout"), "?")
            self._ledger.note(f"JMeter waits {limit} ms for an answer: see Test(timeout=…).")
        if _first(chain, "HTTPSampler.proxyHost"):
            self._ledger.note("JMeter goes through a proxy: see Test(proxy=…).")


def _files(sampler: Element) -> list[Property]:
    """The files that are sent; before JMeter 2.4 there was one, said by the sampler itself."""
    given = [*sampler.rows(*_FILES)]
    old = {
        "File.path": "HTTPSampler.FILE_NAME",
        "File.paramname": "HTTPSampler.FILE_FIELD",
        "File.mimetype": "HTTPSampler.mimetype",
    }
    given.append(Property("", inner=[Property(new, sampler.text(o)) for new, o in old.items()]))
    return [each for each in given if each.get("File.path").text.strip()]


def _defaults(scope: Scope) -> list[Element]:
    """HTTP Request Defaults, the nearest first."""
    found = [each for each in scope.of({"ConfigTestElement"}) if is_http_defaults(each)]
    return found[::-1]


def is_http_defaults(element: Element) -> bool:
    if element.gui:
        return element.gui == "HttpDefaultsGui"
    return any(each.name.startswith("HTTPSampler.") for each in element.properties.inner)


def _first(chain: list[Element], name: str) -> str:
    return next((each.text(name) for each in chain if each.text(name)), "")


def _with_arguments(url: Text, arguments: list[_Argument]) -> Text:
    for each in arguments:
        value = map_literals(each.value, _escaped if each.encode else _kept)
        if each.name.parts:
            url = with_query(url, concat(map_literals(each.name, _kept), Text(("=",)), value))
        elif each.value.parts:
            url = with_query(url, value)
    return url


def _escaped(literal: str) -> str:
    return literal.replace("%", "%25").replace("&", "%26").replace("#", "%23").replace("+", "%2B")


def _kept(literal: str) -> str:
    return literal.replace("&", "%26").replace("#", "%23")


def _plain_value(argument: _Argument) -> Value:
    """A value that is sent as it stands was encoded by hand, and is encoded again by the test."""
    encoded = not argument.encode and any(
        re.search(r"%[0-9A-Fa-f]{2}", part)
        for part in argument.value.parts
        if isinstance(part, str)
    )
    return value_of(map_literals(argument.value, unquote_plus) if encoded else argument.value)
