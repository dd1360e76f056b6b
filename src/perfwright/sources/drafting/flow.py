"""Settles where each variable of a draft gets its value.

    POST /login     ─ extracts token ─┐
    GET /items      uses token      ◄─┘   filled by an answer: nothing to settle
    GET /health     uses token, before    "token at first": what the source says, or the environment
    GET /shop/{id}  nobody fills id       the environment's ID, told in a note

What is extracted in one of several ways, or only sometimes, counts as filled within that way only;
the notes of `settle` tell whatever a person has to fill.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from perfwright.model.calls import calls_in
from perfwright.model.journey import (
    Body,
    Call,
    Constant,
    FromEnvironment,
    Group,
    Item,
    Journey,
    Made,
    OneOf,
    Origin,
    Pause,
    Repeat,
    Sometimes,
    Text,
    Value,
    Var,
    Variable,
)
from perfwright.sources.drafting.names import clean
from perfwright.sources.drafting.secrets import Environment
from perfwright.sources.drafting.texts import text_with_variables, variables_in, with_variables

_Filled = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    journeys: tuple[Journey, ...]
    user_start: tuple[Item, ...]
    variables: tuple[Variable, ...]
    notes: tuple[str, ...]


def settle(
    journeys: tuple[Journey, ...],
    user_start: tuple[Item, ...],
    known: Mapping[str, Origin],
    environment: Environment,
) -> Settled:
    """`known`: what the source says of variables (a constant "" counts as unknown)."""
    everything = (*user_start, *(item for journey in journeys for item in journey.items))
    extracted = {each.name for call in calls_in(everything) for each in call.extracts}
    flow = _Flow(known, extracted, environment)
    start, filled = flow.items(user_start, frozenset())
    settled = tuple(
        replace(journey, items=flow.items(journey.items, filled)[0]) for journey in journeys
    )
    return Settled(
        journeys=settled,
        user_start=start,
        variables=(*flow.variables.values(), *environment.variables),
        notes=(*flow.notes, *environment.notes),
    )


class _Flow:
    def __init__(
        self, known: Mapping[str, Origin], extracted: set[str], environment: Environment
    ) -> None:
        self.variables: dict[str, Variable] = {}
        self.notes: list[str] = []
        self._known = known
        self._extracted = extracted
        self._environment = environment
        self._hidden = {variable.name for variable in environment.variables}

    def items(self, items: tuple[Item, ...], filled: _Filled) -> tuple[tuple[Item, ...], _Filled]:
        settled: list[Item] = []
        for item in items:
            changed, filled = self._item(item, filled)
            settled.append(changed)
        return tuple(settled), filled

    def _item(self, item: Item, filled: _Filled) -> tuple[Item, _Filled]:
        match item:
            case Call():
                return self._call(item, filled)
            case Pause():
                return item, filled
            case Sometimes():
                return replace(item, items=self.items(item.items, filled)[0]), filled
            case OneOf():
                ways = [(weight, *self.items(way, filled)) for weight, way in item.ways]
                after = frozenset.intersection(*(each[2] for each in ways)) if ways else filled
                return OneOf(tuple((weight, way) for weight, way, _ in ways)), after
            case Group() | Repeat():
                inner, after = self.items(item.items, filled)
                empty = isinstance(item, Repeat) and item.times < 1
                return replace(item, items=inner), filled if empty else after

    def _call(self, call: Call, filled: _Filled) -> tuple[Call, _Filled]:
        def settled(variable: Var) -> Var:
            return variable if variable.name in filled else self._from_elsewhere(variable)

        def value(old: Value) -> Value:
            return self._plainer(with_variables(old, settled))

        after = filled | {each.name for each in call.extracts}
        changed = replace(
            call,
            url=text_with_variables(call.url, settled),
            params=tuple((name, value(old)) for name, old in call.params),
            headers=tuple(
                (name, value(old))
                for name, old in call.headers
                if not self._is_too_early(call.name, name, old, filled)
            ),
            body=Body(call.body.kind, value(call.body.value)) if call.body else None,
            auth=(value(call.auth[0]), value(call.auth[1])) if call.auth else None,
            resources=tuple(self._call(each, after)[0] for each in call.resources),
        )
        return changed, after

    def _is_too_early(self, call: str, header: str, value: Value, filled: _Filled) -> bool:
        """A header of what a later answer fills, as a token's on the login: it is left out."""
        unknown = any(
            name in self._extracted
            and name not in filled
            and self._known.get(name, Constant("")) == Constant("")
            for name in variables_in(value)
        )
        if unknown:
            self.notes.append(
                f"{clean(call, '?')!r} is sent without {clean(header, '?')!r}, which a later "
                f"answer fills."
            )
        return unknown

    def _plainer(self, value: Value) -> Value:
        """A text of one variable that is text by itself is said as that variable."""
        if isinstance(value, Text):
            only = value.parts[0] if len(value.parts) == 1 else ""
            return only if isinstance(only, Var) and self._is_text(only.name) else value
        if isinstance(value, Mapping):
            return {name: self._plainer(part) for name, part in value.items()}
        if isinstance(value, Sequence) and not isinstance(value, str):
            return tuple(self._plainer(part) for part in value)
        return value

    def _is_text(self, name: str) -> bool:
        variable = self.variables.get(name)
        if variable is None:
            return name in self._hidden
        made = isinstance(variable.origin, Made) and variable.origin.how
        return made not in ("integer", "number", "now_epoch_s", "now_epoch_ms")

    def _from_elsewhere(self, variable: Var) -> Var:
        name = variable.name
        if name in self._hidden:
            return variable
        early = name in self._extracted
        settled = Var(f"{name} at first") if early else variable
        if settled.name not in self.variables:
            self.variables[settled.name] = Variable(settled.name, self._origin(name, early))
        return settled

    def _origin(self, name: str, early: bool) -> Origin:
        known = self._known.get(name)
        shown = repr(clean(name, "?"))
        if known is not None and known != Constant(""):
            if isinstance(known, FromEnvironment) and not known.default:
                self.notes.append(
                    f"{shown} comes from the environment variable {known.variable}: set it."
                )
            elif early:
                self.notes.append(f"{shown} is used before the answer that fills it.")
            return known
        origin = self._environment.origin(name)
        why = "is used before an answer fills it, and" if early else "is filled by nothing and"
        self.notes.append(
            f"{shown} {why} has no value in the source: set the environment variable "
            f"{origin.variable}."
        )
        return origin
