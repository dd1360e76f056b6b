"""Who asks: the security schemes of a document as headers, parameters and a login
(https://spec.openapis.org/oas/v3.1.0#security-scheme-object).

    http bearer, apiKey        an operation of the document logs in  ─► `user_start`, its token
                               else the environment: API_TOKEN, API_KEY
    http basic                 API_USER, API_PASSWORD
    oauth2 clientCredentials   `user_start` asks the token URL: CLIENT_ID, CLIENT_SECRET
    oauth2 password            `user_start` asks it with an account of data/accounts.csv
    oauth2 others, OpenID      the environment: a person has to get the token

No secret is in a file of ours. Of alternatives the first that can be had is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from perfwright.model.journey import (
    Call,
    DataFile,
    FromEnvironment,
    Origin,
    Text,
    Value,
    Var,
    Variable,
)
from perfwright.sources.openapi.login import Login, plain_accounts
from perfwright.sources.openapi.naming import words_of
from perfwright.sources.openapi.notes import Notes, shown
from perfwright.sources.openapi.oauth import GRANTS, TOKEN, token_call, token_url
from perfwright.sources.openapi.operations import Operation
from perfwright.sources.openapi.servers import Server
from perfwright.sources.openapi.trees import Tree, text, tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a request shows."""

    headers: tuple[tuple[str, Value], ...] = ()
    params: tuple[tuple[str, Value], ...] = ()
    auth: tuple[Value, Value] | None = None


@dataclass(slots=True)
class Security:
    """`schemes`: of the document, references followed. `login`: the operation that logs in, if
    there is one. `accounts`: those that users log in with."""

    schemes: Tree
    server: Server
    login: Login | None
    notes: Notes
    user_start: list[Call] = field(default_factory=list)
    variables: dict[str, Variable] = field(default_factory=dict)
    accounts: DataFile | None = None
    _known: dict[str, Credentials | None] = field(default_factory=dict)
    _logged_in: bool = False

    def credentials(self, operation: Operation) -> Credentials:
        if not operation.security or operation.security == ({},):
            return Credentials()
        for demand in operation.security:
            several = [self._scheme(name, scopes) for name, scopes in demand.items()]
            if several and None not in several:
                return _together([one for one in several if one is not None])
        if {} not in operation.security:
            self.notes.of("Operations whose security is not known to us go without", operation.name)
        return Credentials()

    def _scheme(self, name: str, scopes: Sequence[str]) -> Credentials | None:
        if name not in self._known:
            self._known[name] = self._credentials(name, tree(self.schemes.get(name)), scopes)
        return self._known[name]

    def _credentials(self, name: str, scheme: Tree, scopes: Sequence[str]) -> Credentials | None:
        match text(scheme.get("type")).lower():
            case "http" if text(scheme.get("scheme")).lower() == "basic":
                user = self._environment(name, "user")
                return Credentials(auth=(user, self._environment(name, "password")))
            case "http" if text(scheme.get("scheme")).lower() == "bearer":
                return _bearer(self._token() or self._environment(name, "token"))
            case "apikey":
                return self._api_key(name, scheme)
            case "oauth2":
                return self._oauth(name, tree(scheme.get("flows")), scopes)
            case "openidconnect":
                token = self._token()
                if token is None:
                    self._by_hand(name, "OpenID Connect")
                return _bearer(token or self._environment(name, "token"))
            case "mutualtls":
                self.notes.add("The API wants a client certificate: give --cert and --key.")
                return Credentials()
        return None

    def _api_key(self, name: str, scheme: Tree) -> Credentials | None:
        place, called = text(scheme.get("in")), text(scheme.get("name"))
        if not called:
            return None
        if place == "cookie" and self.login is not None and not self.login.token:
            self._token()
            return Credentials()  # the login's answer sets it
        token = self._token() if place == "header" else None
        if token is not None:
            is_bearer = called.lower() == "authorization"
            value = Text(("Bearer ", token)) if is_bearer else Text((token,))
            return Credentials(headers=((called, value),))
        key = self._environment(name, "key")
        if place == "query":
            return Credentials(params=((called, key),))
        if place == "cookie":
            return Credentials(headers=(("Cookie", Text((f"{called}=", key))),))
        return Credentials(headers=((called, key),)) if place == "header" else None

    def _oauth(self, name: str, flows: Tree, scopes: Sequence[str]) -> Credentials:
        token = self._token()
        if token is not None:
            return _bearer(token)
        for kind in GRANTS:
            flow = tree(flows.get(kind))
            url = token_url(flow, self.server)
            if url is not None and (kind != "password" or self.login is None):
                who = self._account(url) if kind == "password" else self._client(name)
                self.user_start.append(token_call(kind, flow, url, who, scopes))
                return _bearer(Var(TOKEN))
        self._by_hand(name, "OAuth 2")
        return _bearer(self._environment(name, "token"))

    def _client(self, name: str) -> list[tuple[str, Value]]:
        return [(what, self._environment(name, what)) for what in ("client_id", "client_secret")]

    def _account(self, url: str) -> list[tuple[str, Value]]:
        names = ("username", "password")
        variables, accounts = plain_accounts(names)
        self._log_in(f"POST {shown(url)}", variables, accounts)
        return [(one, Var(variable.name)) for one, variable in zip(names, variables, strict=True)]

    def _log_in(self, how: str, variables: Sequence[Variable], accounts: DataFile) -> None:
        self.variables.update((one.name, one) for one in variables)
        self.accounts = accounts
        self.notes.add(
            f"Users log in by {how} with accounts of data/accounts.csv: those there are made up, "
            "put real ones in."
        )

    def _by_hand(self, name: str, what: str) -> None:
        self.notes.add(
            f"{what} needs a person: get a token, and give it as --env {_setting(name, 'token')}=…"
        )

    def _token(self) -> Var | None:
        """The token that a login of the document answers with; the login happens once a user."""
        if self.login is None:
            return None
        if not self._logged_in:
            self._logged_in = True
            self.user_start.append(self.login.call)
            self._log_in(self.login.call.name, self.login.variables, self.login.data)
        return Var(self.login.token) if self.login.token else None

    def _environment(self, scheme: str, what: str) -> Var:
        setting = _setting(scheme, what)
        name = setting.lower()
        if name not in self.variables:
            origin: Origin = FromEnvironment(setting)
            self.variables[name] = Variable(name, origin)
            self.notes.of("Set these in the environment (--env NAME=…)", setting)
        return Var(name)


def wants_token(operation: Operation, schemes: Tree) -> bool:
    """Whether a login could give what the operation demands."""
    names = {name for demand in operation.security for name in demand}
    kinds = [tree(schemes.get(name)) for name in names]
    return any(text(one.get("scheme")).lower() != "basic" for one in kinds if one)


def _bearer(token: Value) -> Credentials:
    assert isinstance(token, Var)
    return Credentials(headers=(("Authorization", Text(("Bearer ", token))),))


def _together(shown: Sequence[Credentials]) -> Credentials:
    return Credentials(
        headers=tuple(header for one in shown for header in one.headers),
        params=tuple(param for one in shown for param in one.params),
        auth=next((one.auth for one in shown if one.auth is not None), None),
    )


_VAGUE = {"api", "auth", "bearer", "basic", "token", "key", "http", "security", "oauth", "jwt",
          "default", "scheme", "access", "apikey", "authorization", "header"}  # fmt: skip


def _setting(scheme: str, what: str) -> str:
    """An environment variable: `petstore_auth` ─► PETSTORE_TOKEN, `bearerAuth` ─► API_TOKEN."""
    words = [word for word in words_of(scheme) if word not in _VAGUE and not word.isdecimal()]
    return "_".join([*(words[:3] or ["api"]), what]).upper()
