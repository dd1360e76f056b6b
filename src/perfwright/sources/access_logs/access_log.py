"""A log that was read: its facts, its table, and what is counted out of it.

    requests ──► hits: numbers only; visitor and target as hashes
                  │  totals(), targets(), agents(), visitors()   what is there
                  │  assign(), leave_out()                       judgements from outside come in
                  └► kept: with endpoint and the gap before      endpoints(), gaps(), visits(), …

Everything is counted by DuckDB in bounded memory, and returns records of `model/traffic.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from perfwright.model.access import LogFacts
from perfwright.sources.access_logs import hits, kept
from perfwright.sources.access_logs.hits import IS_HTTP
from perfwright.sources.access_logs.value_uses import value_uses

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    from numpy.typing import NDArray

    from perfwright.model.traffic import (
        Agents,
        Bins,
        EndpointUse,
        ParameterUse,
        PathUse,
        Targets,
        Totals,
        ValuePlace,
        ValueUses,
        Visitors,
        Visits,
    )

Row = tuple[int, str, str, int | None]
"""(time_us, method, target, status)."""
_BATCH = 10_000


class AccessLog:
    """A context manager: closes its database, whose files the owner of the scratch folder removes.

    `targets`, `agents`, `visitors` tell of all requests; then `assign` and `leave_out` say what
    they are and which don't count; the other methods tell of those that are kept.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, facts: LogFacts) -> None:
        self.connection = connection
        self.facts = facts
        self._totals: Totals | None = None
        self._has_targets = False
        self._has_kept = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.connection.close()

    def in_time_order(self) -> Iterator[Row]:
        """All HTTP requests, those of the same instant in the order of their lines."""
        cursor = self.connection.cursor().execute(
            "SELECT time_us, method, target, status"
            f" FROM requests WHERE {IS_HTTP} ORDER BY time_us, rowid"
        )
        while rows := cursor.fetchmany(_BATCH):
            yield from rows

    def totals(self) -> Totals:
        if self._totals is None:
            self._totals = hits.make_hits(self.connection)
        return self._totals

    def targets(self, limit: int = 100_000) -> Targets:
        return hits.targets(self._targets(), limit)

    def agents(self, limit: int = 2_000) -> Agents:
        return hits.agents(self._hits(), limit)

    def visitors(self, limit: int = 50_000) -> Visitors:
        return hits.visitors(self._hits(), limit)

    def target_names(
        self, targets: Sequence[int] | NDArray[np.int64]
    ) -> tuple[tuple[str, str], ...]:
        """(method, path) of each number."""
        return hits.target_names(self._targets(), targets)

    def assign(
        self,
        endpoint_of: Callable[[Sequence[str], Sequence[str]], Sequence[int] | NDArray[np.int64]],
    ) -> None:
        """Ask for the endpoint of every distinct (method, path), in batches of many, the most
        requested first. A negative answer leaves its requests out."""
        kept.assign(self._targets(), endpoint_of)

    def leave_out(
        self,
        code: int,
        *,
        agents: Collection[str] = (),
        visitors: Sequence[int] | NDArray[np.uint64] = (),
    ) -> None:
        """Leave out all requests of these, under a negative code. Who was left out before stays
        under the code of then; an agent's goes before a visitor's."""
        kept.leave_out(self._hits(), code, agents, visitors)

    def left_out(self) -> tuple[tuple[int, int], ...]:
        """(negative endpoint or code, requests), most first."""
        return kept.left_out(self._hits())

    def endpoints(self) -> EndpointUse:
        return kept.endpoints(self._kept())

    def paths_of(self, endpoint: int, limit: int = 10_000, *, query: bool = False) -> PathUse:
        """`query`: with the query as sent."""
        return kept.paths_of(self._kept(), endpoint, limit, query=query)

    def parameters(self, endpoint: int, limit: int = 1_000) -> tuple[ParameterUse, ...]:
        """The parameters of its queries, the most used first, each with so many values."""
        return kept.parameters(self._kept(), endpoint, limit)

    def gaps(self, limit: int = 1_000_000) -> NDArray[np.float64]:
        """Seconds between successive requests of a visitor, the shortest first; of some visitors,
        if there are more than about `limit`."""
        return kept.gaps(self._kept(), limit)

    def visits(self, timeout_s: float, limit: int = 2_000_000) -> Visits:
        """Requests by session: a gap longer than `timeout_s` begins a new one. Of some visitors, if
        there are more than about `limit` requests."""
        return kept.visits(self._kept(), timeout_s, limit)

    def value_uses(
        self, places: Sequence[ValuePlace], timeout_s: float, limit: int = 300_000
    ) -> ValueUses:
        """Values by session and time. Of some visitors, if there are more than about `limit`
        requests."""
        return value_uses(self._kept(), places, timeout_s, limit)

    def per_bin(self, bin_s: float, timeout_s: float) -> Bins:
        """Requests, and sessions begun, in bins of `bin_s`, empty ones too."""
        return kept.per_bin(self._kept(), bin_s, timeout_s)

    def _targets(self) -> duckdb.DuckDBPyConnection:
        if not self._has_targets:
            hits.make_targets(self.connection)
            self._has_targets = True
        return self.connection

    def _hits(self) -> duckdb.DuckDBPyConnection:
        self.totals()
        return self._targets()

    def _kept(self) -> duckdb.DuckDBPyConnection:
        if not self._has_kept:
            kept.make_kept(self._hits())
            self._has_kept = True
        return self.connection
