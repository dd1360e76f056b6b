"""Postman's helpers for authorization: bearer, basic, API key and OAuth 2 are translated.

A request without one of its own takes that of its folder, or of the collection. Secrets that are
written down become environment variables; so does an OAuth 2 token, which Postman itself fetches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from perfwright.model.journey import Text, Value
from perfwright.sources.drafting.names import clean
from perfwright.sources.drafting.secrets import Environment
from perfwright.sources.drafting.texts import as_text, concat, value_of
from perfwright.sources.postman.documents import Json, objects, text
from perfwright.sources.postman.variables import Variables

Pairs = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What authorizes a request: in headers, in the query, or as user and password."""

    headers: Pairs = ()
    query: Pairs = ()
    basic: tuple[Value, Value] | None = None


def credentials_of(
    auth: Json, variables: Variables, secrets: Environment, note: Callable[[str], None]
) -> Credentials:
    kind = text(auth, "type")
    given = _parameters(auth, kind)

    def secret(name: str, called: str) -> Value:
        return secrets.guard(called, value_of(variables.text(given.get(name, ""))))

    match kind:
        case "" | "noauth":
            return Credentials()
        case "bearer":
            return _bearer("Bearer", secret("token", "bearer token"))
        case "basic":
            user = value_of(variables.text(given.get("username", "")))
            return Credentials(basic=(user, secret("password", "password")))
        case "apikey":
            name = given.get("key") or "X-API-Key"
            value = secret("value", "api key")
            if given.get("in") == "query":
                return Credentials(query=((name, value),))
            return Credentials(headers=((name, value),))
        case "oauth2":
            token = secret("accessToken", "access token") or secrets.hide("access token", "")
            if given.get("addTokenTo") == "queryParams":
                return Credentials(query=(("access_token", token),))
            return _bearer(given.get("headerPrefix", "Bearer").strip() or "Bearer", token)
    note(f"authorization of the kind {clean(kind, '?')!r} is not translated")
    return Credentials()


def _bearer(prefix: str, token: Value) -> Credentials:
    said = concat(Text((f"{prefix} ",)), as_text(token))
    return Credentials(headers=(("Authorization", value_of(said)),))


def _parameters(auth: Json, kind: str) -> dict[str, str]:
    """v2.1 has a list of key and value, v2.0 an object."""
    declared = auth.get(kind)
    if isinstance(declared, dict):
        return {name: text(declared, name) for name in declared}
    return {text(each, "key"): text(each, "value") for each in objects(auth, kind)}
