"""A spec of synthetic data: YAML, JSON or TOML → `DataSpec`, checked once, at the edge.

    seed: 7                                   rows: 1000              one table, named
    locale: en_GB                      or     columns:                as the file is
    tables:                                     id: sequence
      users:                                    email: email
        rows: 1000
        columns: {…}

A file is data: it is parsed by the safe loaders only, its size and its number of nodes are bounded,
and aliases (which a bomb is made of) are refused. Fails with DataError that names file, place,
value and remedy.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from reprlib import repr as short
from typing import Any, get_args

import yaml

from perfwright.model.errors import DataError, os_reason
from perfwright.plan.data_fields import column_of
from perfwright.plan.data_providers import providers_of
from perfwright.plan.data_spec import (
    Column,
    DataSpec,
    Distribution,
    Reference,
    Sequence,
    Table,
    Template,
    Uuid,
)
from perfwright.plan.data_values import did_you_mean

_LARGEST_BYTES = 1_000_000
_MOST_ROWS = 10_000_000_000
_TOP = ("seed", "locale", "tables", "rows", "columns")
_TABLE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}")


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.YAMLError(f"line {event.start_mark.line + 1}: aliases (*) are not read")
        return super().compose_node(parent, index)


def read_data_spec(path: Path, *, seed: int | None = None, locale: str | None = None) -> DataSpec:
    """`seed`, `locale`: instead of the file's."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {os_reason(error)}") from None
    if len(content) > _LARGEST_BYTES:
        raise DataError(f"{path}: {len(content):,} bytes; a spec has at most {_LARGEST_BYTES:,}")
    try:
        return data_spec(_parsed(path, content), path.stem, seed=seed, locale=locale)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def data_spec(
    document: object, name: str, *, seed: int | None = None, locale: str | None = None
) -> DataSpec:
    """`name`: of the only table, where the document has `columns` at its top."""
    if document is None:
        raise DataError("it is empty; write `columns:` or `tables:`")
    if not isinstance(document, Mapping):
        raise DataError(f"{short(document)} is no spec; write `columns:` or `tables:`")
    _known("the spec", document, _TOP)
    usual = document.get("locale", "en_US") if locale is None else locale
    if not isinstance(usual, str):
        raise DataError(f"locale: {short(usual)} must be text, like de_DE")
    given_seed = document.get("seed", 1) if seed is None else seed
    if isinstance(given_seed, bool) or not isinstance(given_seed, int) or given_seed < 0:
        raise DataError(f"seed: {short(given_seed)} must be a whole number of zero or more")

    def providers(of: str) -> Collection[str]:
        return providers_of(of or usual)

    tables = {key: _table(key, table, providers) for key, table in _tables(document, name).items()}
    return DataSpec(tables=tuple(_ordered(tables)), seed=given_seed, locale=usual)


def _parsed(path: Path, content: bytes) -> object:
    try:
        text = content.decode("utf-8-sig")
        if path.suffix.lower() == ".toml":
            return tomllib.loads(text)
        if path.suffix.lower() == ".json":
            return json.loads(text)
        return yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DataError(f"line {line}: no YAML: {error.problem}") from None
    except (ValueError, yaml.YAMLError) as error:
        raise DataError(f"cannot be parsed: {error}") from None
    except RecursionError:
        raise DataError("cannot be parsed: it is nested too deeply") from None


def _tables(document: Mapping[Any, Any], name: str) -> Mapping[str, Any]:
    if "tables" not in document:
        if "columns" not in document:
            raise DataError("it has neither tables nor columns; write `columns: {id: sequence}`")
        only = {key: document[key] for key in ("rows", "columns") if key in document}
        return {re.sub(r"[^\w-]", "_", name, flags=re.ASCII)[:100] or "data": only}
    tables = document["tables"]
    if "columns" in document or "rows" in document:
        raise DataError("columns and rows belong to a table when there are `tables:`")
    if not isinstance(tables, Mapping) or not tables:
        raise DataError(f"tables: {short(tables)} must be a mapping of names to tables")
    return tables


def _table(name: object, document: object, providers: Callable[[str], Collection[str]]) -> Table:
    place = f"tables.{name}" if isinstance(name, str) else "tables"
    if not isinstance(name, str) or not _TABLE_NAME.fullmatch(name):
        raise DataError(f"tables: {short(name)} is no name of a file; use letters, digits, _ and -")
    if not isinstance(document, Mapping):
        raise DataError(f"{place}: {short(document)} must have rows and columns")
    _known(place, document, ("rows", "columns"))
    columns = document.get("columns")
    if not isinstance(columns, Mapping) or not columns:
        raise DataError(f"{place}.columns: {short(columns)} must be a mapping of names to columns")
    rows = checked_rows(f"{place}.rows", document.get("rows", 1_000))
    made = tuple(
        column_of(f"{place}.{key}", str(key), column, providers) for key, column in columns.items()
    )
    table = Table(name=name, rows=rows, columns=made)
    _check_columns(place, table)
    return table


def checked_rows(place: str, rows: object) -> int:
    if isinstance(rows, bool) or not isinstance(rows, int) or not 1 <= rows <= _MOST_ROWS:
        raise DataError(f"{place}: {short(rows)} must be a whole number of one or more")
    return rows


def _known(place: str, document: Mapping[Any, Any], known: Iterable[str]) -> None:
    names = list(known)
    for key in document:
        if key not in names:
            near = did_you_mean(str(key), names)
            raise DataError(f"{place}: there is no {short(key)}{near} It has {', '.join(names)}")


def _check_columns(place: str, table: Table) -> None:
    """Columns that others of the row are made from, and in which order that can be done."""
    names = [column.name for column in table.columns]
    needs: dict[str, tuple[str, ...]] = {}
    for column in table.columns:
        used = needed_by(column)
        for name in used:
            if name not in names:
                near = did_you_mean(name, names)
                raise DataError(
                    f"{place}.{column.name}: there is no column {name!r}{near} The table has "
                    f"{', '.join(names)}"
                )
        needs[column.name] = used
        correlated = column.correlated_with and table.column(column.correlated_with.column)
        if correlated and not _is_distribution(correlated):
            raise DataError(
                f"{place}.{column.name}.correlated_with: {correlated.name!r} is no distribution; "
                "only normal, uniform, choice, date … can be correlated"
            )
        if correlated and correlated.unique:
            raise DataError(
                f"{place}.{column.name}.correlated_with: {correlated.name!r} is unique; a unique "
                "column is drawn without regard to others"
            )
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        raise DataError(f"{place}: columns need each other: {' → '.join(error.args[1])}") from None


def needed_by(column: Column) -> tuple[str, ...]:
    """The columns of the same row that a column is made from."""
    if isinstance(column.kind, Template):
        return column.kind.columns
    return (column.correlated_with.column,) if column.correlated_with else ()


def _is_distribution(column: Column) -> bool:
    return isinstance(column.kind, get_args(Distribution))


def _ordered(tables: Mapping[str, Table]) -> Iterable[Table]:
    """Each table after those whose keys it takes."""
    needs: dict[str, list[str]] = {name: [] for name in tables}
    for table in tables.values():
        for column in table.columns:
            if isinstance(column.kind, Reference):
                _check_reference(table, column, column.kind, tables)
                needs[table.name].append(column.kind.table)
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        raise DataError(f"tables refer to each other: {' → '.join(error.args[1])}") from None
    return [tables[name] for name in order]


def _check_reference(
    table: Table, column: Column, reference: Reference, tables: Mapping[str, Table]
) -> None:
    place = f"tables.{table.name}.{column.name}.references"
    other = tables.get(reference.table)
    if other is None:
        near = did_you_mean(reference.table, tables)
        raise DataError(f"{place}: there is no table {reference.table!r}{near}")
    key = other.column(reference.column)
    if key is None:
        near = did_you_mean(reference.column, [one.name for one in other.columns])
        raise DataError(f"{place}: {other.name!r} has no column {reference.column!r}{near}")
    if not is_key(key):
        raise DataError(
            f"{place}: {other.name}.{key.name} is no key; make it a sequence, a uuid, or unique, "
            "without nulls"
        )


def is_key(column: Column) -> bool:
    """Whether each row has a value of its own."""
    return column.nulls == 0 and (column.unique or isinstance(column.kind, Sequence | Uuid))
