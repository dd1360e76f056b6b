"""A column's document → `Column`: the checks of one column, once, at the edge.

    email: email                                    a provider of Faker, or a kind, by name
    age: {type: normal, mean: 40, sd: 12}           a kind and its fields
    user_id: {references: users.id, pick: zipf}     keys of another table

What the kinds' fields are is read from the dataclasses of `data_spec.py`. Each error (DataError)
names the place, the value and the remedy, with "did you mean" where a name is nearly one.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime
from difflib import get_close_matches
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
    locale = _text(f"{place}.locale", fields.get("locale", ""))
    column = Column(
        name=name,
        kind=_kind(place, fields, providers(locale)),
        unique=_flag(f"{place}.unique", fields.get("unique", False)),
        nulls=_share(f"{place}.nulls", fields.get("nulls", 0)),
        correlated_with=_correlation(f"{place}.correlated_with", fields.get("correlated_with")),
        locale=locale,
    )
    _check_together(place, column)
    return column


def did_you_mean(word: str, known: Collection[str]) -> str:
    """What ends a sentence: `; did you mean 'email'?`, or a full stop."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else "."


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
        return _number(place, value)
    if hint is int:
        return _whole(place, value)
    if hint is str:
        return _text(place, value)
    if hint is datetime:
        return _moment(place, value)
    if hint in (float | None, int | None):
        if value is None:
            return None
        return _number(place, value) if hint == (float | None) else _digits(place, value)
    if hint == Scalar:
        return _scalar(place, value)
    if choices := [c for c in get_args(hint) if isinstance(c, str)]:
        if value not in choices:
            raise DataError(f"{place}: {short(value)} is none of {', '.join(choices)}")
        return value
    return _weighted(place, value)


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
        arguments={key: _scalar(f"{place}.args.{key}", value) for key, value in arguments.items()},
        pool=_whole(f"{place}.pool", fields.get("pool", 5_000)),
    )
    if problem := provider.problem():
        raise DataError(f"{place}: {problem}")
    return provider


def _reference(place: str, fields: Mapping[Any, Any]) -> Reference:
    target = _text(f"{place}.references", fields["references"])
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


def _number(place: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise DataError(f"{place}: {short(value)} must be a finite number")
    return float(value)


def _whole(place: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**53) <= value <= 2**53:
        raise DataError(f"{place}: {short(value)} must be a whole number")
    return value


def _digits(place: str, value: object) -> int:
    digits = _whole(place, value)
    if not 0 <= digits <= 12:
        raise DataError(f"{place}: {digits} must be from 0 to 12 digits after the point")
    return digits


def _text(place: str, value: object) -> str:
    if not isinstance(value, str):
        raise DataError(f"{place}: {short(value)} must be text; put it in quotes")
    return value


def _flag(place: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise DataError(f"{place}: {short(value)} must be true or false")
    return value


def _share(place: str, value: object) -> float:
    share = _number(place, value)
    if not 0 <= share <= 1:
        raise DataError(f"{place}: {share:g} must be a share from 0 to 1, like 0.05")
    return share


def _scalar(place: str, value: object) -> Scalar:
    if isinstance(value, date):
        return value.isoformat()
    if value is not None and not isinstance(value, (str, int, float, bool)):
        raise DataError(f"{place}: {short(value)} must be text, a number, true, false or null")
    return value


def _moment(place: str, value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(
            value.isoformat() if isinstance(value, date) else str(value)
        )
    except ValueError:
        raise DataError(
            f"{place}: {short(value)} is no date; write 2026-11-22 or 2026-11-22T14:00"
        ) from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _weighted(place: str, value: object) -> tuple[tuple[Scalar, float], ...]:
    if isinstance(value, Mapping):
        return tuple(
            (_scalar(place, key), _number(f"{place}.{short(key)}", weight))
            for key, weight in value.items()
        )
    if not isinstance(value, list):
        raise DataError(
            f"{place}: {short(value)} must be a list, or a mapping of values to weights"
        )
    return tuple((_scalar(place, item), 1.0) for item in value)


def _correlation(place: str, value: object) -> Correlation | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or set(value) != {"column", "r"}:
        raise DataError(f"{place}: {short(value)}: write {{column: age, r: 0.7}}")
    r = _number(f"{place}.r", value["r"])
    if not -1 <= r <= 1:
        raise DataError(f"{place}.r: {r:g} must be from -1 to 1")
    return Correlation(_text(f"{place}.column", value["column"]), r)
