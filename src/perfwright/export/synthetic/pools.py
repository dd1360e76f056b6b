"""Columns of Faker's: a pool of its values, made once, from which rows are picked.

Faker makes some 20,000 values a second, so a million rows are not asked of it. The pool is drawn as
Faker draws, repetitions and all, so that frequent values stay frequent; for a unique column it is
of distinct values, and `uniques.py` tells apart what repeats beyond it.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from perfwright.export.synthetic.chunk import Array, Chunk, Maker
from perfwright.export.synthetic.texts import typed
from perfwright.model.errors import DataError
from perfwright.plan.data_spec import Provider, Scalar

_UNIQUE_POOL = 20_000
_PATIENCE = 200
"""So many draws without a new value, and there are no more."""


def picks(
    place: str, kind: Provider, *, locale: str, unique: bool, rows: int, rng: np.random.Generator
) -> Maker:
    """DataError where the provider refuses its arguments, or makes what is no value of a column."""
    size = min(rows, max(kind.pool, _UNIQUE_POOL) if unique else kind.pool)
    pool = _pool(place, kind, locale, size, rng, unique=unique)

    def made(chunk: Chunk) -> Array:
        if unique:
            return pool[chunk.positions() % len(pool)]
        return pool[rng.integers(0, len(pool), size=chunk.rows)]

    return made


def _pool(
    place: str, kind: Provider, locale: str, size: int, rng: np.random.Generator, *, unique: bool
) -> Array:
    from faker import Factory

    fake = Factory.create(locale)
    fake.seed_instance(int(rng.integers(0, 2**63)))
    ask = getattr(fake, kind.name)
    values: list[Scalar] = []
    seen: set[Scalar] = set()
    in_vain = 0
    while len(values) < size and in_vain < _PATIENCE:
        try:
            value = _scalar(place, kind.name, ask(**kind.arguments))
        except DataError:
            raise
        except Exception as error:  # Faker's providers fail as they like
            raise DataError(
                f"{place}: Faker's {kind.name} does not take {dict(kind.arguments)}: {error}"
            ) from None
        if unique and value in seen:
            in_vain += 1
            continue
        in_vain = 0
        seen.add(value)
        values.append(value)
    return typed(values)


def _scalar(place: str, name: str, value: Any) -> Scalar:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise DataError(
        f"{place}: Faker's {name} makes a {type(value).__name__}, which is no value of a column; "
        "choose a provider of text or numbers"
    )
