"""Any document is a spec or a clear error; any spec gives as many rows as it says."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from perfwright.export.synthetic.permuting import Permutation
from perfwright.export.synthetic.tables import TableRows
from perfwright.model.errors import DataError
from perfwright.plan.data_fields import KINDS
from perfwright.plan.data_file import data_spec

WORDS = [
    *KINDS,
    *("email", "type", "unique", "nulls", "references", "correlated_with", "values", "columns"),
    *("tables", "rows", "seed", "locale", "args", "mean", "sd", "low", "high", "template", "{x}"),
]
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text()
)
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(leaves, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(
    documents | st.fixed_dictionaries({"columns": documents | st.dictionaries(leaves, documents)})
)
def test_any_document_is_a_spec_or_a_data_error(document: Any) -> None:
    try:
        spec = data_spec(document, "t")
    except DataError as error:
        assert len(str(error)) < 2_000
    else:
        assert spec.tables


finite = st.floats(-1e6, 1e6)
shares = st.floats(0, 1)
distributions = st.one_of(
    st.builds(
        lambda low, width, digits: {
            "type": "uniform", "low": low, "high": low + width, "digits": digits,
        },
        finite, st.floats(0.1, 1e6), st.none() | st.integers(0, 4),
    ),
    st.builds(
        lambda mean, sd: {"type": "normal", "mean": mean, "sd": sd}, finite, st.floats(0.1, 1e4)
    ),
    st.builds(lambda mean: {"type": "exponential", "mean": mean}, st.floats(0.01, 1e6)),
    st.builds(lambda mean: {"type": "poisson", "mean": mean}, st.floats(0.01, 1e4)),
    st.builds(
        lambda n, s: {"type": "zipf", "n": n, "s": s}, st.integers(1, 1_000), st.floats(0, 5)
    ),
    st.builds(
        lambda low, width: {"type": "integer", "low": low, "high": low + width},
        st.integers(-(2**40), 2**40), st.integers(0, 2**40),
    ),
    st.builds(
        lambda values: {"values": values},
        st.dictionaries(st.text(max_size=4) | st.integers(-9, 9), st.floats(0.1, 9), min_size=1),
    ),
    st.builds(lambda true: {"type": "boolean", "true": true}, shares),
)  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(
    columns=st.lists(distributions, min_size=1, max_size=4),
    r=st.floats(-1, 1),
    nulls=shares,
    rows=st.integers(1, 300),
    chunk_rows=st.integers(1, 300),
    seed=st.integers(0, 2**64),
)
def test_a_spec_of_distributions_gives_its_rows(
    columns: list[dict[str, Any]], r: float, nulls: float, rows: int, chunk_rows: int, seed: int
) -> None:
    named = {f"c{place}": column for place, column in enumerate(columns)}
    follower = {"type": "normal", "mean": 0, "sd": 1, "nulls": nulls}
    follower["correlated_with"] = {"column": "c0", "r": r}
    document = {"rows": rows, "columns": {**named, "last": follower, "id": "sequence"}}
    spec = data_spec(document, "t", seed=seed)
    chunks = list(TableRows(spec, spec.tables[0], {}, chunk_rows=chunk_rows).chunks())
    for name in (*named, "last", "id"):
        values = [value for chunk in chunks for value in chunk[name].listed()]
        assert len(values) == rows
        numbers = [value for value in values if isinstance(value, float)]
        assert np.isfinite(numbers).all()
    assert [value for chunk in chunks for value in chunk["id"].listed()] == [*range(1, rows + 1)]


@given(st.integers(1, 2_000), st.integers(0, 2**32))
def test_a_permutation_is_a_bijection(n: int, seed: int) -> None:
    permutation = Permutation(n, np.random.default_rng(seed))
    assert sorted(permutation.of(np.arange(n)).tolist()) == list(range(n))


@given(st.integers(1, 2**61), st.integers(0, 2**32), st.data())
def test_a_huge_permutation_stays_inside_and_repeats_nothing(
    n: int, seed: int, data: st.DataObject
) -> None:
    positions = sorted(data.draw(st.sets(st.integers(0, n - 1), max_size=20)))
    permuted = Permutation(n, np.random.default_rng(seed)).of(np.array(positions, dtype=np.int64))
    assert len(set(permuted.tolist())) == len(positions)
    assert ((permuted >= 0) & (permuted < n)).all()
