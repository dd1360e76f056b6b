"""Over all workers a feeder's rows are a partition; CSV is read back as it was written."""

from __future__ import annotations

import csv as standard_csv
import io
import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from perfwright.plan import feeders
from perfwright.plan.permutation import Draws, Permutation

seeds = st.integers(0, 2**64)


@given(st.integers(1, 3000), seeds)
def test_a_permutation_is_a_bijection(size: int, seed: int) -> None:
    permutation = Permutation(size, seed)
    assert sorted(map(permutation, range(size))) == list(range(size))


@given(st.integers(1, 2**48), seeds, st.data())
def test_a_huge_permutation_stays_inside_and_repeats_nothing(
    size: int, seed: int, data: st.DataObject
) -> None:
    positions = data.draw(st.sets(st.integers(0, size - 1), max_size=20))
    permuted = set(map(Permutation(size, seed), positions))
    assert len(permuted) == len(positions)
    assert all(0 <= row < size for row in permuted)


def test_a_permutation_leaves_no_visible_order() -> None:
    size = 1000
    permuted = [Permutation(size, 42)(position) for position in range(size)]
    steps = Counter((b - a) % size for a, b in pairwise(permuted))
    assert steps.most_common(1)[0][1] < 10
    assert sum(row == position for position, row in enumerate(permuted)) < 10


def test_draws_are_uniform_by_chi_square() -> None:
    size, count = 20, 20_000
    draws = Draws(size, seed=5)
    counts = Counter(draws(number) for number in range(count))
    expected = count / size
    chi_square = sum((counts[row] - expected) ** 2 / expected for row in range(size))
    assert chi_square < 43.8  # 99.9% quantile with 19 degrees of freedom


@settings(deadline=None)
@given(
    size=st.integers(1, 60),
    workers=st.integers(1, 8),
    order=st.sampled_from(["sequential", "shuffled"]),
    seed=seeds,
)
def test_unique_rows_over_all_workers_are_a_partition(
    size: int, workers: int, order: str, seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        given_rows: list[int] = []
        for worker in range(workers):
            feeder = feeders.rows({"n": n} for n in range(size)).unique()
            if order == "shuffled":
                feeder = feeder.shuffled(seed)
            if worker == 0:
                feeder.build_index(Path(folder))
            feeder.attach(Path(folder), worker=worker, workers=workers)
            share = len(range(worker, size, workers))
            given_rows += [feeder.next()["n"] for _ in range(share)]
    assert sorted(given_rows) == list(range(size))


values = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8)


@settings(deadline=None)
@given(
    st.integers(2, 4).flatmap(
        lambda width: st.lists(st.lists(values, min_size=width, max_size=width), min_size=1)
    ),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([standard_csv.QUOTE_MINIMAL, standard_csv.QUOTE_ALL]),
)
def test_any_csv_that_python_writes_is_read_back(
    table: list[list[str]], line_end: str, quoting: int
) -> None:
    text = io.StringIO(newline="")
    writer = standard_csv.writer(text, lineterminator=line_end, quoting=quoting)  # type: ignore[arg-type]
    columns = [f"c{n}" for n in range(len(table[0]))]
    writer.writerows([columns, *table])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        path.write_text(text.getvalue(), encoding="utf-8", newline="")
        feeder = feeders.csv(path)
        assert [list(feeder.next().values()) for _ in table] == table
