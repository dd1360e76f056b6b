"""What a statement asks of one of its tables: which columns it compares, and how, and sorts by.

    SELECT … FROM orders o JOIN customers c ON c.id = o.customer_id
    WHERE lower(c.email) = ? AND o.placed_at > ? ORDER BY o.placed_at

      of c:  equal id, lower(email)
      of o:  equal customer_id · ranged placed_at · ordered placed_at

Only conditions that must hold (joined by AND) count: an OR, a NOT, arithmetic on a column serve no
index. Parsed by sqlglot; a statement that it cannot parse asks for nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_INDEXABLE_CALLS = (exp.Lower, exp.Upper)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """`written`: its name as DDL needs it; `alias`: as the statement calls it. `columns`: name → as
    DDL needs it. `distinct`: values of a column, where known. `indexed`: the columns of each index
    that it has, in order."""

    written: str
    alias: str
    columns: Mapping[str, str]
    rows: float = 0.0
    distinct: Mapping[str, float] = field(default_factory=dict)
    indexed: frozenset[tuple[str, ...]] = frozenset()

    def under(self, alias: str) -> TableFacts:
        """The same table, called otherwise."""
        return dataclasses.replace(self, alias=alias)


@dataclass(slots=True)
class Wants:
    """Keys as DDL writes them, in order of appearance. `inside`: searched by LIKE '%x%'.
    `is_limited`: the statement says LIMIT."""

    equal: dict[str, None] = field(default_factory=dict)
    ranged: dict[str, None] = field(default_factory=dict)
    ordered: list[str] = field(default_factory=list)
    inside: dict[str, None] = field(default_factory=dict)
    is_limited: bool = False


def wants_of(statement: str, table: TableFacts, dialect: str) -> Wants:
    """What the statement asks of the table, in all scopes that name it."""
    wants = Wants()
    for scope in _scopes(statement, table, dialect):
        for part in _parts(scope):
            _sort_in(part, table, dialect, wants)
        order = scope.args.get("order")
        if order:
            wants.ordered = _order_keys(order.expressions, table)
        wants.is_limited |= scope.args.get("limit") is not None
        for join in scope.args.get("joins") or ():
            for column in join.args.get("using") or ():
                if column.name in table.columns:
                    wants.equal[table.columns[column.name]] = None
    return wants


def conditions_on(statement: str, table: TableFacts, dialect: str) -> str:
    """The conditions that decide which of the table's rows are of use; "" where all are."""
    told = [
        part.sql(dialect)
        for scope in _scopes(statement, table, dialect)
        for part in _parts(scope)
        if any(_column(column, table) for column in part.find_all(exp.Column))
    ]
    return " AND ".join(dict.fromkeys(told))


def tables_by_alias(statement: str, dialect: str) -> dict[str, str]:
    """The name of each table by what the statement calls it, in lower case."""
    tree = _parsed(statement, dialect)
    tables = tree.find_all(exp.Table) if tree else ()
    return {table.alias_or_name.lower(): table.name for table in tables}


@lru_cache(maxsize=64)
def _parsed(statement: str, dialect: str) -> exp.Expr | None:
    try:
        return sqlglot.parse_one(statement, dialect=dialect)
    except SqlglotError:
        return None


def _scopes(statement: str, table: TableFacts, dialect: str) -> Iterator[exp.Expr]:
    """Each SELECT, UPDATE or DELETE in whose own FROM the table is, not only in a subquery's."""
    tree = _parsed(statement, dialect)
    for scope in tree.find_all(exp.Select, exp.Update, exp.Delete) if tree else ():
        named = [scope.this] if isinstance(scope, exp.Update | exp.Delete) else []
        sources = (scope.args.get("from_"), *(scope.args.get("joins") or ()))
        named += [source.this for source in sources if source is not None]
        if any(
            isinstance(one, exp.Table) and one.alias_or_name.lower() == table.alias.lower()
            for one in named
        ):
            yield scope


def _parts(scope: exp.Expr) -> Iterator[exp.Expr]:
    """The conditions of WHERE and ON that must all hold."""
    where = scope.args.get("where")
    if where:
        yield from _conjuncts(where.this)
    for join in scope.args.get("joins") or ():
        if join.args.get("on"):
            yield from _conjuncts(join.args["on"])


def _conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    inner = condition.unnest()
    if isinstance(inner, exp.And):
        yield from _conjuncts(inner.left)
        yield from _conjuncts(inner.right)
    else:
        yield inner


def _sort_in(part: exp.Expr, table: TableFacts, dialect: str, wants: Wants) -> None:
    match part:
        case exp.EQ():
            _add(wants.equal, (part.left, part.right), table)
        case exp.In() | exp.Is():
            _add(wants.equal, (part.this,), table)
        case exp.Between():
            _add(wants.ranged, (part.this,), table)
        case exp.GT() | exp.GTE() | exp.LT() | exp.LTE():
            _add(wants.ranged, (part.left, part.right), table)
        case exp.Like() | exp.ILike():
            _add_like(part, table, dialect, wants)


def _add(keys: dict[str, None], sides: tuple[exp.Expr, ...], table: TableFacts) -> None:
    for side in sides:
        key = _key(side, table)
        if key:
            keys[key] = None


def _add_like(part: exp.Like | exp.ILike, table: TableFacts, dialect: str, wants: Wants) -> None:
    key, pattern = _key(part.this, table), part.expression
    if not key or not isinstance(pattern, exp.Literal):
        return
    if pattern.name[:1] in ("%", "_") or isinstance(part, exp.ILike):
        wants.inside[key] = None
    elif dialect == "postgres":
        wants.ranged[f"{key} text_pattern_ops"] = None


def _key(side: exp.Expr, table: TableFacts) -> str:
    """The side as an index's key: a column of the table, or lower/upper of one; else ""."""
    bare = side.unnest()
    if isinstance(bare, exp.Column):
        return _column(bare, table)
    if isinstance(bare, _INDEXABLE_CALLS) and isinstance(bare.this, exp.Column):
        column = _column(bare.this, table)
        return f"{bare.key}({column})" if column else ""
    return ""


def _column(column: exp.Column, table: TableFacts) -> str:
    if column.table and column.table.lower() != table.alias.lower():
        return ""
    name = column.name if column.this.quoted else column.name.lower()
    return table.columns.get(name, "")


def _order_keys(ordered: list[exp.Ordered], table: TableFacts) -> list[str]:
    """The ORDER BY as keys; empty where it is not of the table's columns alone. An index is read
    backwards as well, so a direction that all keys share need not be said."""
    columns = [one.this for one in ordered]
    keys = [_column(one, table) if isinstance(one, exp.Column) else "" for one in columns]
    if not all(keys):
        return []
    falling = [bool(one.args.get("desc")) for one in ordered]
    if all(falling) or not any(falling):
        return keys
    return [f"{key} DESC" if falls else key for key, falls in zip(keys, falling, strict=True)]
