"""Which index would serve a statement on one of its tables: candidates, for a planner to judge.

    WHERE o.customer_id = ? AND o.placed_at > ? ORDER BY o.placed_at
           equality first      then a range, or the order
      ─►  orders (customer_id) · orders (customer_id, placed_at)

The rule is the B-tree's (Winand, "Use the index, Luke"): columns compared for equality first, the
most selective one leading; then one column with a range, or the ORDER BY. `lower(x) = ?` asks for
an index on the expression. `LIKE 'abc%'` can use a B-tree with pattern operators, `LIKE '%abc%'`
none: PostgreSQL's trigram index serves it. A LIKE whose pattern is not known advises nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

MAX_COLUMNS = 4
_ENOUGH_ROWS = 50
"""Equality columns are added until about so few rows are left."""
_RANGES = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)
_INDEXABLE_CALLS = (exp.Lower, exp.Upper)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """`written`: its name as DDL needs it. `columns`: name → as DDL needs it. `distinct`: values of
    a column, where known. `indexed`: the columns of each index it has, in order."""

    written: str
    alias: str
    columns: Mapping[str, str]
    rows: float = 0.0
    distinct: Mapping[str, float] = field(default_factory=dict)
    indexed: frozenset[tuple[str, ...]] = frozenset()


@dataclass(slots=True)
class _Wanted:
    """What one statement asks of one table; each a key as DDL writes it, in order of appearance."""

    equal: dict[str, None] = field(default_factory=dict)
    ranged: dict[str, None] = field(default_factory=dict)
    ordered: list[str] = field(default_factory=list)
    inside: dict[str, None] = field(default_factory=dict)
    """Searched by LIKE '%x%'."""


def index_candidates(statement: str, table: TableFacts, dialect: str) -> list[str]:
    """DDL of indexes that could help, the shortest first; empty where none could, or where the
    statement cannot be parsed. Indexes that the table has already are left out."""
    try:
        tree = sqlglot.parse_one(statement, dialect=dialect)
    except SqlglotError:
        return []
    wanted = _Wanted()
    for scope in tree.find_all(exp.Select, exp.Update, exp.Delete):
        if _names(scope, table):
            _collect(scope, table, dialect, wanted)
    keys = [key for key in _key_lists(wanted, table) if not _is_indexed(key, table)]
    ddl = [f"CREATE INDEX ON {table.written} ({', '.join(key)})" for key in keys]
    if wanted.inside and dialect == "postgres":
        columns = ", ".join(f"{column} gin_trgm_ops" for column in wanted.inside)
        ddl.append(
            "CREATE EXTENSION IF NOT EXISTS pg_trgm; "
            f"CREATE INDEX ON {table.written} USING gin ({columns})"
        )
    return ddl


def _key_lists(wanted: _Wanted, table: TableFacts) -> Iterator[tuple[str, ...]]:
    by_use = sorted(wanted.equal, key=lambda key: -table.distinct.get(_bare(key), 0.0))
    equal = tuple(by_use[:MAX_COLUMNS])
    enough = _selective(equal, table)
    tails = [(), *((one,) for one in list(wanted.ranged)[:2]), tuple(wanted.ordered)]
    heads = list(dict.fromkeys((enough, equal)))
    lists = [
        head + tuple(key for key in tail if key not in head) for tail in tails for head in heads
    ]
    yield from sorted(dict.fromkeys(keys[:MAX_COLUMNS] for keys in lists if keys), key=len)


def _selective(equal: tuple[str, ...], table: TableFacts) -> tuple[str, ...]:
    """The first columns, until few enough rows are left."""
    rows = table.rows
    for count, key in enumerate(equal, start=1):
        rows /= max(table.distinct.get(_bare(key), 1.0), 1.0)
        if rows <= _ENOUGH_ROWS:
            return equal[:count]
    return equal


def _is_indexed(keys: tuple[str, ...], table: TableFacts) -> bool:
    bare = tuple(_bare(key) for key in keys)
    return any(existing[: len(bare)] == bare for existing in table.indexed)


def _bare(key: str) -> str:
    """The column's name of a key such as `"Order" text_pattern_ops`."""
    return key.removesuffix(" text_pattern_ops").removesuffix(" DESC").strip('"')


def _names(scope: exp.Expr, table: TableFacts) -> bool:
    """Whether the table is in this very scope's FROM, not only in a subquery's."""
    named = [scope.this] if isinstance(scope, exp.Update | exp.Delete) else []
    sources = (scope.args.get("from_"), *(scope.args.get("joins") or ()))
    named += [source.this for source in sources if source is not None]
    return any(
        isinstance(one, exp.Table) and one.alias_or_name.lower() == table.alias.lower()
        for one in named
    )


def _collect(scope: exp.Expr, table: TableFacts, dialect: str, wanted: _Wanted) -> None:
    for condition in _conditions(scope):
        for part in _conjuncts(condition):
            _sort_in(part, table, dialect, wanted)
    order = scope.args.get("order")
    if order:
        wanted.ordered = _order_keys(order.expressions, table)
    for join in scope.args.get("joins") or ():
        for column in join.args.get("using") or ():
            if column.name in table.columns:
                wanted.equal[table.columns[column.name]] = None


def _conditions(scope: exp.Expr) -> Iterator[exp.Expr]:
    where = scope.args.get("where")
    if where:
        yield where.this
    for join in scope.args.get("joins") or ():
        if join.args.get("on"):
            yield join.args["on"]


def _conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    inner = condition.unnest()
    if isinstance(inner, exp.And):
        yield from _conjuncts(inner.left)
        yield from _conjuncts(inner.right)
    else:
        yield inner


def _sort_in(part: exp.Expr, table: TableFacts, dialect: str, wanted: _Wanted) -> None:
    match part:
        case exp.EQ():
            _add(wanted.equal, (part.left, part.right), table)
        case exp.In() | exp.Is():
            _add(wanted.equal, (part.this,), table)
        case _ if isinstance(part, _RANGES):
            sides = (part.this,) if isinstance(part, exp.Between) else (part.left, part.right)
            _add(wanted.ranged, sides, table)
        case exp.Like() | exp.ILike():
            _add_like(part, table, dialect, wanted)


def _add(keys: dict[str, None], sides: Iterable[exp.Expr], table: TableFacts) -> None:
    for side in sides:
        key = _key(side, table)
        if key:
            keys[key] = None


def _add_like(part: exp.Like | exp.ILike, table: TableFacts, dialect: str, wanted: _Wanted) -> None:
    key, pattern = _key(part.this, table), part.expression
    if not key or not isinstance(pattern, exp.Literal):
        return
    if pattern.name[:1] in ("%", "_") or isinstance(part, exp.ILike):
        wanted.inside[key] = None
    else:
        wanted.ranged[f"{key} text_pattern_ops" if dialect == "postgres" else key] = None


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
