"""A column of the spec → what makes its values, chunk by chunk.

Each column draws from a generator of its own, seeded by the spec's seed and the names of table and
column: columns may be added, removed and moved without changing the others, and chunks may be of
any size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import numpy as np

from perfwright.export.synthetic import pools, texts
from perfwright.export.synthetic.chunk import Array, Chunk, Maker, generator
from perfwright.export.synthetic.permuting import Permutation
from perfwright.export.synthetic.quantiles import (
    correlated,
    quantiles_of,
    scores_of,
    uniform_of,
    zipf_cdf,
)
from perfwright.export.synthetic.uniques import told_apart
from perfwright.model.errors import DataError
from perfwright.plan.data_spec import (
    Choice,
    Column,
    Constant,
    Distribution,
    Integer,
    Pattern,
    Provider,
    Reference,
    Sequence,
    Table,
    Template,
    Uuid,
)

Keys = Mapping[tuple[str, str], Array]
"""The values of the columns that others refer to, by table and column."""


def maker_of(table: Table, column: Column, keys: Keys, *, seed: int, locale: str) -> Maker:
    """DataError where a unique column cannot have so many rows."""
    place = f"tables.{table.name}.{column.name}"
    rng = generator(seed, table.name, column.name)
    kind = column.kind
    match kind:
        case Sequence(start=start, step=step):
            return lambda chunk: start + step * chunk.positions()
        case Constant(value=value):
            constant = texts.typed([value])
            return lambda chunk: np.repeat(constant, chunk.rows)
        case Uuid():
            return texts.uuids(rng)
        case Pattern():
            return texts.patterns(place, kind, unique=column.unique, rows=table.rows, rng=rng)
        case Template():
            made = texts.templates(kind)
            return told_apart(place, made) if column.unique else made
        case Provider():
            made = pools.picks(
                place,
                kind,
                locale=column.locale or locale,
                unique=column.unique,
                rows=table.rows,
                rng=rng,
            )
            return told_apart(place, made) if column.unique else made
        case Reference():
            return _references(place, table, column, kind, keys, rng)
    assert isinstance(kind, get_args(Distribution))
    if column.unique:
        return _without_repeats(place, table, kind, rng)
    return _drawn(table, column, kind, rng)


def _drawn(table: Table, column: Column, kind: Distribution, rng: np.random.Generator) -> Maker:
    """A distribution; correlated with another column, or others with it, through normal scores."""
    quantiles = quantiles_of(kind)
    other = column.correlated_with
    wanted = any(
        one.correlated_with is not None and one.correlated_with.column == column.name
        for one in table.columns
    )

    def made(chunk: Chunk) -> Array:
        if other is not None:
            noise = scores_of(rng.random(chunk.rows))
            scores = correlated(chunk.scores[other.column], other.r, noise)
            chunk.scores[column.name] = scores
            return quantiles(uniform_of(scores))
        uniform = rng.random(chunk.rows)
        if wanted:
            chunk.scores[column.name] = scores_of(uniform)
        return quantiles(uniform)

    return made


def _without_repeats(
    place: str, table: Table, kind: Distribution, rng: np.random.Generator
) -> Maker:
    assert isinstance(kind, Integer | Choice), "checked with the spec"
    low, high = (kind.low, kind.high) if isinstance(kind, Integer) else (0, len(kind.values) - 1)
    _enough(place, high - low + 1, table.rows, "values")
    numbers = texts.integers_without_repeats(low, high, rng)
    if isinstance(kind, Integer):
        return numbers
    listed = texts.typed([value for value, _ in kind.values])
    return lambda chunk: listed[numbers(chunk)]


def _references(
    place: str,
    table: Table,
    column: Column,
    kind: Reference,
    keys: Keys,
    rng: np.random.Generator,
) -> Maker:
    others = keys[kind.table, kind.column]
    order = Permutation(len(others), rng)
    if column.unique:
        _enough(place, len(others), table.rows, f"rows of {kind.table}")
        return lambda chunk: others[order.of(chunk.positions())]
    if kind.pick == "each":
        return lambda chunk: others[chunk.positions() % len(others)]
    if kind.pick == "uniform":
        return lambda chunk: others[rng.integers(0, len(others), size=chunk.rows)]
    cdf = zipf_cdf(len(others), kind.s)

    def popular(chunk: Chunk) -> Array:
        ranks = np.searchsorted(cdf, rng.random(chunk.rows), side="right")
        return others[order.of(np.minimum(ranks, len(others) - 1))]

    return popular


def _enough(place: str, there_are: int, rows: int, what: str) -> None:
    if rows > there_are:
        raise DataError(
            f"{place}: {rows:,} unique rows are asked for, and there are {there_are:,} {what}; "
            "widen it, or ask for fewer --rows"
        )
