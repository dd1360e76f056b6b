"""Data feeders: each call of `.next()` gives a scenario another row of test data.

    people = csv("people.csv").shuffled(seed=7)
    …
    person = people.next()          person["name"], person["password"]

Order: as written (default), shuffled, or random with replacement, evenly or by weight; after the
last row it begins again, unless `.unique()`. Over N workers, position k of the one order belongs to
worker k mod N, so that no two workers share a row: worker w's draw number i is position w + i·N.

    position    0   1   2   3   4   5   6            order(position) → row
    worker      0   1   2   0   1   2   0            (N = 3)

Files are mapped, not parsed into every process (see `rows.py`). A relative path is relative to the
file that calls `csv(…)`. Outside a run (a script, a REPL) a feeder attaches itself as the only
worker.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from perfwright.model.errors import DataError, FeederExhausted, PlanError
from perfwright.plan.permutation import Draws, Permutation
from perfwright.plan.row_files import Items, ParquetFile, Source, TextFile, existing
from perfwright.plan.rows import Row, Table
from perfwright.plan.weights import build_weights, weighted_draws, weights_file

OrderName = Literal["sequential", "shuffled", "random", "weighted"]

_collected: ContextVar[list[Feeder] | None] = ContextVar("collected", default=None)


class Feeder:
    """Rows in some order. Feeders are values: `.shuffled()` and the like give another one."""

    def __init__(
        self,
        source: Source,
        order: OrderName = "sequential",
        seed: int = 0,
        once: bool = False,
        weight: str = "",
    ) -> None:
        self._source = source
        self._order = order
        self._seed = seed
        self._once = once
        self._weight = weight
        self._cursor: _Cursor | None = None
        collected = _collected.get()
        if collected is not None:
            collected.append(self)

    def shuffled(self, seed: int = 0) -> Feeder:
        """In a random order that `seed` fixes: every row once in each pass."""
        return Feeder(self._source, "shuffled", _checked_seed("shuffled", seed), self._once)

    def random(self, seed: int = 0) -> Feeder:
        """Independent draws with replacement, fixed by `seed`."""
        if self._once:
            raise PlanError(".unique().random(): draws repeat rows; write .shuffled().unique()")
        return Feeder(self._source, "random", _checked_seed("random", seed))

    def weighted(self, by: str = "weight", seed: int = 0) -> Feeder:
        """Independent draws with replacement, each row in proportion to its column `by`."""
        if self._once:
            raise PlanError(".unique().weighted(): draws repeat rows; write .shuffled().unique()")
        if not isinstance(by, str):
            raise PlanError(f".weighted(by={by!r}): give the name of a column")
        return Feeder(self._source, "weighted", _checked_seed("weighted", seed), weight=by)

    def unique(self) -> Feeder:
        """Each row at most once in a run, over all workers; then `next` raises FeederExhausted."""
        if self._order in ("random", "weighted"):
            raise PlanError(
                f".{self._order}().unique(): draws repeat rows; write .shuffled().unique()"
            )
        return Feeder(self._source, self._order, self._seed, once=True)

    def next(self) -> Row:
        """The next row of this worker."""
        return (self._cursor or self._attached_alone()).next()

    def build_index(self, folder: Path) -> None:
        """Indexes (and checks) the data into `folder`, for all workers; the parent's part."""
        self._source.build(folder)
        if self._order == "weighted":
            build_weights(self._source.open(folder), self._weight, self._weights(folder))

    def attach(self, folder: Path, *, worker: int = 0, workers: int = 1) -> None:
        """Maps the data and begins at this worker's first row (`worker` in 0..workers-1)."""
        self._cursor = self._opened(folder, worker, workers)

    def _attached_alone(self) -> _Cursor:
        with TemporaryDirectory(prefix="perfwright-") as folder:
            self.build_index(Path(folder))
            self._cursor = self._opened(Path(folder), 0, 1)
        return self._cursor

    def _opened(self, folder: Path, worker: int, workers: int) -> _Cursor:
        assert 0 <= worker < workers
        table = self._source.open(folder)
        size = len(table)
        if self._order == "random":
            return _Cursor(table, Draws(size, self._seed), worker, workers, sys.maxsize)
        if self._order == "weighted":
            draws = weighted_draws(self._weights(folder), self._seed)
            return _Cursor(table, draws, worker, workers, sys.maxsize)
        row_at: Callable[[int], int] = int  # as written
        if self._order == "shuffled":
            row_at = Permutation(size, self._seed)
        if worker >= size and not self._once:
            worker %= size  # more workers than rows: they are used again and again anyhow
        share = max(0, -((worker - size) // workers))
        return _Cursor(table, row_at, worker, workers, share, self._once)

    def _weights(self, folder: Path) -> Path:
        return weights_file(folder, self._source.key, self._weight)


class _Cursor:
    """One worker's walk over its `share` of positions: first, first + stride, …

    `row_at` is the order: position → row.
    """

    __slots__ = ("_draws", "_first", "_once", "_row_at", "_share", "_stride", "_table")

    def __init__(
        self,
        table: Table,
        row_at: Callable[[int], int],
        first: int,
        stride: int,
        share: int,
        once: bool = False,
    ) -> None:
        self._table = table
        self._row_at = row_at
        self._first = first
        self._stride = stride
        self._share = share
        self._once = once
        self._draws = count()  # its next() is atomic, for scenarios that use threads

    def next(self) -> Row:
        drawn = next(self._draws)
        if drawn >= self._share:
            if self._once:
                raise FeederExhausted(self._exhausted())
            drawn %= self._share
        return self._table.row(self._row_at(self._first + drawn * self._stride))

    def _exhausted(self) -> str:
        return (
            f"{self._table.origin}: all {len(self._table):,} rows have been used (this worker's "
            f"share is {self._share:,}, one in {self._stride}), and .unique() repeats none: add "
            "rows, make the run shorter, or leave .unique() out"
        )


def csv(path: str | Path, *, delimiter: str = ",") -> Feeder:
    """Rows of a CSV file (RFC 4180, UTF-8, with a header line); every value is text."""
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
        raise PlanError(f"csv(delimiter={delimiter!r}): give one character, like ';' or '\\t'")
    return Feeder(TextFile(existing(path, _callers_folder()), "csv", delimiter))


def jsonl(path: str | Path) -> Feeder:
    """Rows of a JSON-lines file: one object on each line."""
    return Feeder(TextFile(existing(path, _callers_folder()), "jsonl"))


def parquet(path: str | Path) -> Feeder:
    """Rows of a Parquet file; dates and times become text."""
    return Feeder(ParquetFile(existing(path, _callers_folder())))


def rows(items: Iterable[Mapping[str, Any]]) -> Feeder:
    """Rows from any finite Python iterable of dicts that JSON can hold.

    It is consumed once, before the load begins, in one process, and shared from there.
    """
    if isinstance(items, (str, bytes, Mapping)) or not isinstance(items, Iterable):
        raise DataError(f"rows({items!r}): give dicts, like rows([{{'name': 'ann'}}])")
    return Feeder(Items(items, number=len(_collected.get() or ())))


@contextmanager
def collected_feeders() -> Iterator[list[Feeder]]:
    """All feeders made inside, in order, wherever they are kept: the loader attaches them all."""
    feeders: list[Feeder] = []
    token = _collected.set(feeders)
    try:
        yield feeders
    finally:
        _collected.reset(token)


def _checked_seed(method: str, seed: int) -> int:
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise PlanError(f".{method}(seed={seed!r}): give a whole number of zero or more")
    return seed


def _callers_folder() -> Path:
    """The folder of the file that called `csv(…)`; the working directory in a REPL."""
    file = sys._getframe(2).f_globals.get("__file__")
    return Path(file).resolve().parent if file else Path.cwd()
