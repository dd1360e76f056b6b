"""Keeps secrets of a source out of the files that are written: they become environment variables.

    Authorization: Bearer eyJhb…    "Bearer " + the environment's AUTHORIZATION
    {"password": "hunter2"}         the environment's PASSWORD

A secret is what stands under a name that sounds like one, as the source has it in plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from perfwright.model.journey import FromEnvironment, Text, Value, Var, Variable
from perfwright.sources.drafting.names import Names, clean, slug
from perfwright.sources.drafting.texts import text_of

_SECRET = re.compile(
    r"passw|passphrase|secret|(?<!max)(?<!max_)token(?!s)(?!_?type)|api[-_ ]?key|access[-_ ]?key"
    r"|private[-_ ]?key|credential|signature|session[-_ ]?id"
    r"|(?:^|[-_ ])(?:pass|pwd|pw|sig|jwt|pin)$|^(?:proxy-)?authorization$|^cookie$",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(?:Bearer|Basic|Token|Digest|ApiKey|Negotiate|AWS4-HMAC-SHA256)\s+", re.I)
LOOKS_SECRET = re.compile(
    r"eyJ[\w-]{6,}\.[\w-]+\.[\w-]*|(?:sk|pk|rk)_(?:live|test)_\w{8,}|gh[pousr]_\w{20,}"
    r"|xox[abps]-[\w-]{10,}|AKIA[A-Z0-9]{16}|glpat-[\w-]{16,}|AIza[\w-]{30,}"
)
_IN_TEXT = re.compile(
    r"""(?P<json>"(?P<member>[^"\\]{1,100})"\s*:\s*")(?P<value>(?:[^"\\]|\\.){1,5000})(?=")"""
    r"""|(?P<xml><(?P<tag>[\w:.-]{1,100})(?:\s[^<>]{0,500})?>)(?P<text>[^<>]{1,5000})(?=</)""",
    re.DOTALL,
)
"""A member of JSON, or an element of XML, in text that is sent as it stands."""
_TAKEN = re.compile(
    r"(?:path|home|user|username|host|hostname|lang|shell|term|pwd|display|editor|mail|tmpdir"
    r"|ld_.*|python.*|\d.*)"
)
"""Names that an environment has for other things, or may not have."""


def sounds_secret(name: str) -> bool:
    return _SECRET.search(name) is not None


def _is_secret(name: str, value: str) -> bool:
    """By its name, or by what it looks like, wherever it stands: `eyJ…`, `ghp_…`."""
    return sounds_secret(name) or LOOKS_SECRET.search(value) is not None


class Environment:
    """The environment variables that a draft reads, and the variables of the draft for them."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """`taken`: environment variables that the source itself names."""
        self.notes: list[str] = []
        self._names = Names()
        for name in taken:
            self._names.new(name)
        self._by_value: dict[tuple[str, str], Var] = {}
        self._variables: list[Variable] = []

    @property
    def variables(self) -> tuple[Variable, ...]:
        return tuple(self._variables)

    def origin(self, name: str, default: str = "") -> FromEnvironment:
        """An environment variable named after `name`; each call gives another one."""
        plain = slug(name, "value")
        if _TAKEN.fullmatch(plain):
            plain = f"test_{plain}"
        return FromEnvironment(self._names.new(plain, pattern="{}_{}").upper(), default)

    def hide(self, name: str, value: str) -> Var:
        """A variable in place of a secret; the same one for the same secret."""
        known = self._by_value.get((slug(name, "secret"), value))
        if known is not None:
            return known
        origin = self.origin(name)
        variable = Var(f"secret {origin.variable.lower()}")
        self._by_value[(slug(name, "secret"), value)] = variable
        self._variables.append(Variable(variable.name, origin))
        self.notes.append(
            f"{clean(name, 'secret')!r} is a secret, so its value was not copied: set the "
            f"environment variable {origin.variable}."
        )
        return variable

    def guard(self, name: str, value: Value) -> Value:
        """The value, with what is secret in it hidden: under its own name and names inside."""
        if isinstance(value, Mapping):
            return {inner: self.guard(inner, part) for inner, part in value.items()}
        if isinstance(value, Sequence) and not isinstance(value, str):
            return tuple(self.guard(name, part) for part in value)
        if isinstance(value, str) and value.strip() and _is_secret(name, value):
            return self._hidden(name, value)
        return value

    def guard_pairs(self, pairs: Sequence[tuple[str, Value]]) -> tuple[tuple[str, Value], ...]:
        return tuple((name, self.guard(name, value)) for name, value in pairs)

    def guard_text(self, text: Text) -> Text:
        """A body that is sent as text, without the secrets of its JSON or XML."""
        parts: list[str | Var] = []
        for part in text.parts:
            parts += self._text_guarded(part) if isinstance(part, str) else [part]
        return text_of(parts)

    def _text_guarded(self, literal: str) -> list[str | Var]:
        parts: list[str | Var] = []
        at = 0
        for match in _IN_TEXT.finditer(literal):
            name = match["member"] or match["tag"]
            if sounds_secret(name):
                begin = match.start("value" if match["json"] else "text")
                parts += (literal[at:begin], self.hide(name, literal[begin : match.end()]))
                at = match.end()
        return [*parts, literal[at:]]

    def _hidden(self, name: str, value: str) -> Value:
        scheme = _SCHEME.match(value)
        if scheme is None:
            return self.hide(name, value)
        rest = value[scheme.end() :]
        return text_of((scheme[0], self.hide(name, rest))) if rest else value
