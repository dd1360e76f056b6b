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

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perfwright.observe.sql_wants import TableFacts, Wants, wants_of

MAX_COLUMNS = 4
_ENOUGH_ROWS = 50
"""Equality columns are added until about so few rows are left."""
_WORTHWHILE = 0.5
_ALLOWED_LOSS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An index: its DDL; the keys of it that are compared for equality; whether a range follows."""

    ddl: str
    equal: tuple[str, ...] = ()
    has_range: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedIndex:
    """What a statement would cost with it; None where that could not be told."""

    ddl: str = ""
    cost_then: float | None = None


NO_INDEX = TriedIndex()


def index_candidates(statement: str, table: TableFacts, dialect: str) -> list[Candidate]:
    """Indexes that could help, the shortest first; empty where none could, or where the statement
    cannot be parsed. Those that the table has already are left out."""
    wants = wants_of(statement, table, dialect)
    candidates = []
    for equal, tail in _key_lists(wants, table):
        if not _is_indexed(equal, tail, table):
            candidates.append(
                Candidate(
                    ddl=f"CREATE INDEX ON {table.written} ({', '.join((*equal, *tail))})",
                    equal=equal,
                    has_range=any(key in wants.ranged for key in tail),
                )
            )
    if wants.inside and dialect == "postgres":
        columns = ", ".join(f"{column} gin_trgm_ops" for column in wants.inside)
        ddl = f"CREATE INDEX ON {table.written} USING gin ({columns})"
        candidates.append(Candidate(ddl=f"CREATE EXTENSION IF NOT EXISTS pg_trgm; {ddl}"))
    return candidates


def best_index(tried: Sequence[TriedIndex], cost: float) -> TriedIndex:
    """The first (shortest) of those with nearly the gain of the best. One that could not be tried
    is proposed only where no other helps; where none is left, `cost_then` is `cost`: nothing
    would change."""
    worthwhile = [
        (one.cost_then, one)
        for one in tried
        if one.cost_then is not None and one.cost_then < _WORTHWHILE * cost
    ]
    if not worthwhile:
        nothing = TriedIndex(cost_then=cost)
        return next((one for one in tried if one.cost_then is None), nothing)
    least = min(cost_then for cost_then, _ in worthwhile)
    good_enough = least + _ALLOWED_LOSS * (cost - least)
    return next(one for cost_then, one in worthwhile if cost_then <= good_enough)


def _key_lists(
    wants: Wants, table: TableFacts
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Equality keys and what follows them, the shortest first."""
    by_use = sorted(wants.equal, key=lambda key: -table.distinct.get(_bare(key), 0.0))
    equal = tuple(by_use[:MAX_COLUMNS])
    tails: list[tuple[str, ...]] = [(), *((one,) for one in list(wants.ranged)[:2])]
    tails.append(tuple(wants.ordered))
    lists = [
        (head, tuple(key for key in tail if key not in head)[: MAX_COLUMNS - len(head)])
        for tail in tails
        for head in (_selective(equal, table), equal)
    ]
    distinct = dict.fromkeys(one for one in lists if one != ((), ()))
    yield from sorted(distinct, key=lambda one: len(one[0]) + len(one[1]))


def _selective(equal: tuple[str, ...], table: TableFacts) -> tuple[str, ...]:
    """The first columns, until few enough rows are left."""
    rows = table.rows
    for count, key in enumerate(equal, start=1):
        rows /= max(table.distinct.get(_bare(key), 1.0), 1.0)
        if rows <= _ENOUGH_ROWS:
            return equal[:count]
    return equal


def _is_indexed(equal: tuple[str, ...], tail: tuple[str, ...], table: TableFacts) -> bool:
    """Whether an index has these keys first; the order of those compared for equality is free."""
    compared, rest = {_bare(key) for key in equal}, tuple(_bare(key) for key in tail)
    heads = ((one[: len(equal)], one[len(equal) :]) for one in table.indexed)
    return any(set(head) == compared and after[: len(rest)] == rest for head, after in heads)


def _bare(key: str) -> str:
    """The column's name of a key such as `"Order" text_pattern_ops`."""
    return key.removesuffix(" text_pattern_ops").removesuffix(" DESC").strip('"')
