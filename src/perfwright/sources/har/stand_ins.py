"""Fills what answers do not: secrets, login names, values of the moment.

Works through the slots that correlation left alone, and through the plain text around its
variables; what it replaces, it replaces wherever the same value stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from perfwright.model.journey import (
    DataFile,
    FromData,
    FromEnvironment,
    Made,
    Origin,
    Text,
    Value,
    Var,
    Variable,
)
from perfwright.sources.correlation.distinctive import is_distinctive
from perfwright.sources.correlation.exchanges import Slot
from perfwright.sources.correlation.naming import Names
from perfwright.sources.har.requests import Request
from perfwright.sources.har.secrets import is_login_name, is_secret, made_anew, secrets_in

USERS = "users"
_LEAST_ELSEWHERE = 6
"""Shorter secrets are replaced where their field is, not wherever their letters stand."""
_RESERVED = frozenset(
    ("PATH", "HOME", "USER", "SHELL", "PWD", "LANG", "TERM", "HOSTNAME", "TMPDIR")
)

Uses = dict[tuple[int, Hashable], Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIns:
    """`uses`: those of correlation, and ours. `data`: one file, or none. `environment`: names of
    the variables that must be set."""

    uses: Uses
    variables: tuple[Variable, ...]
    data: tuple[DataFile, ...]
    environment: tuple[str, ...]


def stand_ins(
    requests: Sequence[Request],
    correlated: Mapping[tuple[int, Hashable], Var | Text],
    taken: frozenset[str],
) -> StandIns:
    """`taken`: names of variables that answers fill."""
    filling = _Filling(requests, dict(correlated), taken)
    filling.find_secrets()
    filling.find_login_names()
    filling.fill()
    return filling.done()


class _Filling:
    def __init__(self, requests: Sequence[Request], uses: Uses, taken: frozenset[str]) -> None:
        self._slots = [list(request.slots()) for request in requests]
        self._requests = requests
        self._uses = uses
        self._names = Names(taken)
        self._variables: dict[str, Variable] = {}
        self._secrets: dict[str, Var] = {}
        self._fields: set[tuple[int, Hashable]] = set()
        self._users: dict[str, Var] = {}
        self._made: dict[tuple[int, str], Var] = {}

    def find_secrets(self) -> None:
        for index, slot in self._open():
            name_counts = not slot.in_path or is_distinctive(slot.value)  # /password/edit
            if is_secret(slot.name if name_counts else "", slot.value):
                self._fields.add((index, slot.key))
                self._secret(slot.name, slot.value)
            elif not slot.name or slot.in_path or len(slot.value) > _LEAST_ELSEWHERE * 4:
                for name, value in secrets_in(slot.value):
                    self._secret(name, value)
        for use in list(self._uses.values()):
            for part in use.parts if isinstance(use, Text) else ():
                for name, value in secrets_in(part) if isinstance(part, str) else ():
                    self._secret(name, value)

    def _secret(self, name: str, value: str) -> None:
        if value not in self._secrets:
            secret = self._new(name or "secret", lambda free: FromEnvironment(_environment(free)))
            self._secrets[value] = secret

    def find_login_names(self) -> None:
        """Beside a password, in the same body or header."""
        for index, slots in enumerate(self._slots):
            secret = {
                slot.key[0]
                for slot in slots
                if (index, slot.key) in self._fields and isinstance(slot.key, tuple)
            }
            for slot in slots:
                place = slot.key[0] if isinstance(slot.key, tuple) else None
                is_free = (index, slot.key) not in self._uses and slot.kind == "text"
                if place in secret & {"body", "auth"} and is_free and is_login_name(slot):
                    self._user(slot)

    def _user(self, slot: Slot) -> None:
        if slot.value not in self._users and slot.value not in self._secrets:
            name = slot.name if slot.name.lower() != "name" else "username"
            self._users[slot.value] = self._new(name, lambda free: FromData(USERS, free))

    def fill(self) -> None:
        for index, slots in enumerate(self._slots):
            for slot in slots:
                use = self._uses.get((index, slot.key))
                parts = use.parts if isinstance(use, Text) else (slot.value,)
                if isinstance(use, Var) or not slot.value:
                    continue
                filled = self._value(index, slot, parts)
                if filled is not None:
                    self._uses[index, slot.key] = filled

    def _value(self, index: int, slot: Slot, parts: tuple[str | Var, ...]) -> Value:
        """None: it stays as it is."""
        whole = self._whole(index, slot, parts[0]) if len(parts) == 1 else None
        if whole is not None:
            is_number = isinstance(self._variables[whole.name].origin, Made)
            return Text((whole,)) if is_number and slot.kind == "text" else whole
        told = tuple(self._split(parts))
        return Text(told) if told != parts else None

    def _whole(self, index: int, slot: Slot, value: str | Var) -> Var | None:
        if isinstance(value, Var):
            return None
        if (index, slot.key) in self._fields:
            return self._secrets[value]
        if value in self._users and slot.kind == "text" and is_login_name(slot):
            return self._users[value]
        made = made_anew(slot, self._requests[index].entry.began_s)
        if made is None:
            return None
        if (index, value) not in self._made:
            self._made[index, value] = self._new(slot.name or made.how, lambda _: made)
        return self._made[index, value]

    def _split(self, parts: tuple[str | Var, ...]) -> Iterator[str | Var]:
        """Secrets inside of texts, longest first, so that none hides in another."""
        known = sorted((one for one in self._secrets if len(one) >= _LEAST_ELSEWHERE), key=len)
        if not known:
            yield from parts
            return
        pattern = re.compile("|".join(re.escape(one) for one in reversed(known)))
        for part in parts:
            if isinstance(part, Var):
                yield part
                continue
            at = 0
            for match in pattern.finditer(part):
                if match.start() > at:
                    yield part[at : match.start()]
                yield self._secrets[match[0]]
                at = match.end()
            if at < len(part):
                yield part[at:]

    def _new(self, name: str, make: Callable[[str], Origin]) -> Var:
        """A variable; where its value comes from may be called as it is."""
        free = self._names.new(name)
        self._variables[free] = Variable(free, make(free))
        return Var(free)

    def _open(self) -> Iterator[tuple[int, Slot]]:
        for index, slots in enumerate(self._slots):
            for slot in slots:
                if (index, slot.key) not in self._uses:
                    yield index, slot

    def done(self) -> StandIns:
        columns = {var.name: value for value, var in self._users.items()}
        file = DataFile(name=USERS, columns=tuple(columns), rows=(tuple(columns.values()),))
        origins = (one.origin for one in self._variables.values())
        return StandIns(
            uses=self._uses,
            variables=tuple(self._variables.values()),
            data=(file,) if columns else (),
            environment=tuple(one.variable for one in origins if isinstance(one, FromEnvironment)),
        )


def _environment(name: str) -> str:
    upper = re.sub(r"\W", "_", name.upper())
    return f"TEST_{upper}" if upper in _RESERVED else upper
