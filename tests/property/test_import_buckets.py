"""The store counts imported requests in SQL, into the very buckets that Python and Rust fill."""

from __future__ import annotations

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from perfwright.model.histogram import bucket_of
from perfwright.store.imported_tables import BUCKET

LARGEST = 2**55


def buckets_in_sql(values: list[int]) -> list[int]:
    with duckdb.connect() as connection:
        bucket = BUCKET.format(ns="value")
        query = f"SELECT {bucket} FROM (SELECT unnest(?::BIGINT[]) AS value)"
        return [row[0] for row in connection.execute(query, [values]).fetchall()]


def test_sql_and_python_agree_around_every_power_of_two() -> None:
    values = [
        value
        for power in range(56)
        for value in range(max(0, 2**power - 3), 2**power + 4)
        if value <= LARGEST
    ]
    assert buckets_in_sql(values) == [bucket_of(value) for value in values]


def test_sql_and_python_agree_at_every_edge_of_a_bucket() -> None:
    edges = [(256 + step) << shift for shift in range(46) for step in range(256)]
    values = [value for edge in edges for value in (edge - 1, edge) if value <= LARGEST]
    assert buckets_in_sql(values) == [bucket_of(value) for value in values]


@settings(max_examples=50)
@given(st.lists(st.integers(min_value=0, max_value=LARGEST), min_size=1, max_size=200))
def test_sql_and_python_agree_on_any_value(values: list[int]) -> None:
    assert buckets_in_sql(values) == [bucket_of(value) for value in values]
