"""Which values the requests of a session hold, one after another: ids in paths and in queries.

    requests ─► those of the sampled visitors that count ─► values as hashes ─► by session and time

Only the places that are asked for are looked at, and of a large log only some visitors, each with
all that he did, so that memory is bounded. Texts never leave the database: what is asked of a value
is whether it is the same as another, and for that a 64-bit hash of it will do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from perfwright.model.traffic import ValuePlace, ValueUses
from perfwright.sources.access_logs.hits import IS_HTTP, PATH, QUERY, TARGET, ints
from perfwright.sources.access_logs.kept import judged, sampled, sampled_ratio
from perfwright.sources.access_logs.sql import literal

if TYPE_CHECKING:
    import duckdb

_TOLD = (
    f'SELECT visitor_of("user", client, agent) AS visitor, time_us, rowid AS line,'
    f" {TARGET} AS target, {PATH} AS path, {QUERY} AS query, hash(agent) AS agent"
    f" FROM requests WHERE {IS_HTTP}"
)


def value_uses(
    connection: duckdb.DuckDBPyConnection,
    places: Sequence[ValuePlace],
    timeout_s: float,
    limit: int,
) -> ValueUses:
    """`places`: one at least."""
    numbers: dict[int, list[int]] = {}
    for number, place in enumerate(places):
        numbers.setdefault(place.endpoint, []).append(number)
    width = max(map(len, numbers.values()))
    values = ", ".join(
        _column(nth, [places[of[nth]] for of in numbers.values() if nth < len(of)])
        for nth in range(width)
    )
    names = ", ".join(f"value_{nth}" for nth in range(width))
    found = connection.execute(
        f"SELECT endpoint, {names}, coalesce(time_us - lag(time_us) OVER (PARTITION BY visitor"
        f" ORDER BY time_us, line) > {round(timeout_s * 1e6)}, true) AS begins"
        f" FROM (SELECT visitor, time_us, line, endpoint, {values} FROM ({judged(_TOLD)})"
        f" WHERE endpoint >= 0 AND {sampled(sampled_ratio(connection, limit))})"
        " ORDER BY visitor, time_us, line"
    ).fetchnumpy()
    columns = [found[f"value_{nth}"] for nth in range(width)]
    held = ~np.column_stack([np.ma.getmaskarray(column) for column in columns])
    hashes = np.column_stack([np.ma.getdata(column).astype(np.uint64) for column in columns])
    request, nth_value = np.nonzero(held)
    place_of = np.full((max(numbers) + 1, width), -1)
    for endpoint, of in numbers.items():
        place_of[endpoint, : len(of)] = of
    return ValueUses(
        session=np.cumsum(np.asarray(found["begins"], dtype=bool))[request],
        request=request,
        place=place_of[ints(found["endpoint"])[request], nth_value],
        value=hashes[request, nth_value],
    )


def _column(nth: int, places: Sequence[ValuePlace]) -> str:
    """The hash of each endpoint's nth value; NULL where a request does not hold it."""
    cases = " ".join(f"WHEN {place.endpoint} THEN {_hash(_text(place))}" for place in places)
    return f"CASE endpoint {cases} END AS value_{nth}"


def _hash(text: str) -> str:
    return f"CASE WHEN {text} <> '' THEN hash({text}) END"


def _text(place: ValuePlace) -> str:
    if place.parameter:
        pattern = f"(?:^|&){re.escape(place.parameter)}=([^&]*)"
        return f"regexp_extract(query, {literal(pattern)}, 1)"
    inner = ", ".join(_inner(*segment) for segment in place.segments)
    return f"concat_ws('/', {inner})"


def _inner(number: int, prefix: str, suffix: str) -> str:
    """What a segment of the path holds between its prefix and its suffix."""
    segment = f"split_part(path, '/', {number + 2})"
    length = f"greatest(length({segment}) - {len(prefix) + len(suffix)}, 0)"
    return f"substring({segment}, {len(prefix) + 1}, {length})"
