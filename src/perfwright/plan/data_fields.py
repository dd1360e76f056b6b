"""A column's document → `Column`: the checks of one column, once, at the edge.

    email: email                                    a provider of Faker, or a kind, by name
    age: {type: normal, mean: 40, sd: 12}           a kind and its fields
    user_id: {references: users.id, pick: zipf}     keys of another table

What the kinds' fields are is read from the dataclasses of `data_spec.py`. Each error (DataError)
names the place, the value and the remedy, with "did you mean" where a name is nearly one.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from reprlib import repr as short
from typing import Any, get_args, get_type_hints

from perfwright.model.errors import DataError
from perfwright.plan.data_spec import (
    Boolean,
    Choice,
    Column,
    Constant,
    Correlation,
    Distribution,
    Exponential,
    Integer,
    Kind,
    LogNormal,
    Moment,
    Normal,
    Pattern,
    Poisson,
    Provider,
    Reference,
    Scalar,
    Sequence,
    Template,
    Uniform,
    Uuid,
    Zipf,
)
from perfwright.plan.data_values import (
    did_you_mean,
    digits,
    flag,
    moment,
    number,
    scalar,
    share,
    text,
    weighted,
    whole,
)

KINDS: Mapping[str, type[Kind]] = {
    "uniform": Uniform,
    "integer": Integer,
    "normal": Normal,
    "lognormal": LogNormal,
    "exponential": Exponential,
    "poisson": Poisson,
    "zipf": Zipf,
    "choice": Choice,
    "boolean": Boolean,
    "date": Moment,
    "datetime": Moment,
    "sequence": Sequence,
    "constant": Constant,
    "uuid": Uuid,
    "pattern": Pattern,
    "template": Template,
}
"""By `type:`. A few may be written without it, by the field that only they have."""
_TOLD_BY = {"template": "template", "pattern": "pattern", "values": "choice", "value": "constant"}
_SPELLED = {"from": "begin", "to": "end", "format": "form"}
"""Words of a spec, and the fields of `Moment` that they are."""
_COMMON = ("type", "unique", "nulls", "correlated_with", "locale")
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


def column_of(
    place: str, name: str, document: object, providers: Callable[[str], Collection[str]]
) -> Column:
    """`document`: what stands beside the column's name. `providers`: the names of Faker's in a
    locale; "" is the spec's."""
    if not _NAME.fullmatch(name):
        raise DataError(f"{place}: a column's name is text of one line")
    fields = {"type": document} if isinstance(document, str) else document
    if not isinstance(fields, Mapping):
        raise DataError(
            f"{place}: {short(document)} is no column; write a Faker provider like email, or "
            "{type: normal, mean: 40, sd: 12}"
        )
    locale = text(f"{place}.locale", fields.get("locale", ""))
    column = Column(
        name=name,
        kind=_kind(place, fields, providers(locale)),
        unique=flag(f"{place}.unique", fields.get("unique", False)),
        nulls=share(f"{place}.nulls", fields.get("nulls", 0)),
        correlated_with=_correlation(f"{place}.correlated_with", fields.get("correlated_with")),
        locale=locale,
    )
    _check_together(place, column)
    return column


def _kind(place: str, fields: Mapping[Any, Any], providers: Collection[str]) -> Kind:
    if "references" in fields:
        return _reference(place, fields)
    name = fields.get("type") or next((k for f, k in _TOLD_BY.items() if f in fields), None)
    if not isinstance(name, str):
        raise DataError(
            f"{place}: it has no type; write a Faker provider (email, first_name) or one of "
            f"{', '.join(KINDS)}"
        )
    if name not in KINDS:
        return _provider(place, name, fields, providers)
    cls = KINDS[name]
    given = {key: value for key, value in fields.items() if key not in _COMMON}
    if cls is Moment:
        given = {"form": name, **{_SPELLED.get(key, key): value for key, value in given.items()}}
    return _made(place, cls, given, name)


def _made(place: str, cls: type[Kind], given: Mapping[Any, Any], kind_name: str) -> Kind:
    hints = get_type_hints(cls)
    known = {field.name: field for field in dataclasses.fields(cls)}
    for key in given:
        if key not in known:
            raise DataError(
                f"{place}: {short(key)} is no field of {kind_name}"
                f"{did_you_mean(str(key), known)} It has "
                f"{', '.join((*map(_written, known), 'unique', 'nulls'))}"
            )
    missing = [
        name
        for name, field in known.items()
        if name not in given
        and field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise DataError(f"{place}: {kind_name} needs {', '.join(map(_written, missing))}")
    values = {
        key: _checked(f"{place}.{_written(key)}", hints[key], value) for key, value in given.items()
    }
    kind: Kind = cls(**values)
    if problem := kind.problem():
        raise DataError(f"{place}: {problem}")
    return kind


def _checked(place: str, hint: Any, value: object) -> Any:
    """`value` as the field's type has it."""
    if hint is float:
        return number(place, value)
    if hint is int:
        return whole(place, value)
    if hint is str:
        return text(place, value)
    if hint is datetime:
        return moment(place, value)
    if hint in (float | None, int | None):
        if value is None:
            return None
        return number(place, value) if hint == (float | None) else digits(place, value)
    if hint == Scalar:
        return scalar(place, value)
    if choices := [c for c in get_args(hint) if isinstance(c, str)]:
        if value not in choices:
            raise DataError(f"{place}: {short(value)} is none of {', '.join(choices)}")
        return value
    return weighted(place, value)


def _provider(
    place: str, name: str, fields: Mapping[Any, Any], providers: Collection[str]
) -> Provider:
    if name not in providers:
        near = did_you_mean(name, [*KINDS, *providers])
        raise DataError(
            f"{place}: {short(name)} is neither a kind of column nor a provider of Faker{near} "
            f"Kinds: {', '.join(KINDS)}"
        )
    for key in fields:
        if key not in (*_COMMON, "args", "pool"):
            raise DataError(
                f"{place}.{key}: the provider {name} has no such field; its own arguments go under "
                "args: {…}"
            )
    arguments = fields.get("args", {})
    if not isinstance(arguments, Mapping) or not all(isinstance(key, str) for key in arguments):
        raise DataError(f"{place}.args: {short(arguments)} must be a mapping of arguments")
    provider = Provider(
        name=name,
        arguments={key: scalar(f"{place}.args.{key}", value) for key, value in arguments.items()},
        pool=whole(f"{place}.pool", fields.get("pool", 5_000)),
    )
    if problem := provider.problem():
        raise DataError(f"{place}: {problem}")
    return provider


def _reference(place: str, fields: Mapping[Any, Any]) -> Reference:
    target = text(f"{place}.references", fields["references"])
    table, dot, column = target.partition(".")
    if not dot or not table or not column:
        raise DataError(f"{place}.references: {target!r} must be table.column, like users.id")
    rest = {key: value for key, value in fields.items() if key not in (*_COMMON, "references")}
    made = _made(place, Reference, {"table": table, "column": column, **rest}, "references")
    assert isinstance(made, Reference)
    return made


def _check_together(place: str, column: Column) -> None:
    """What is fine by itself and impossible together."""
    distribution = isinstance(column.kind, get_args(Distribution))
    if column.correlated_with is not None and not distribution:
        raise DataError(
            f"{place}.correlated_with: only distributions (normal, uniform, choice, date …) can be "
            "correlated; derive text with a template"
        )
    if not column.unique:
        return
    if column.correlated_with is not None:
        raise DataError(f"{place}: unique and correlated_with exclude each other; leave one out")
    impossible = (Boolean, Constant, Poisson, Zipf, Normal, LogNormal, Exponential, Moment, Uniform)
    if isinstance(column.kind, impossible):
        raise DataError(
            f"{place}.unique: a {type(column.kind).__name__.lower()} repeats itself; for keys use "
            "sequence, integer, uuid, pattern or a template"
        )


def _written(field: str) -> str:
    """A field's name in a spec."""
    return next((written for written, name in _SPELLED.items() if name == field), field)


def _correlation(place: str, value: object) -> Correlation | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or set(value) != {"column", "r"}:
        raise DataError(f"{place}: {short(value)}: write {{column: age, r: 0.7}}")
    r = number(f"{place}.r", value["r"])
    if not -1 <= r <= 1:
        raise DataError(f"{place}.r: {r:g} must be from -1 to 1")
    return Correlation(text(f"{place}.column", value["column"]), r)
