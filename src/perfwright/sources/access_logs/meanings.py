"""What a field of a log can mean, and how its text becomes a value, in SQL.

A meaning names a *slot*: a column of `requests`, or one of those from which a column is made:

    started_us, ended_us          instants ──► time_us
    request                       "GET /items?page=2 HTTP/1.1" ──► method, target
    path, query                   ──► target, where the log has no whole one
    forwarded                     addresses from a proxy's header, the first is the client's

Text that cannot be read as what it means becomes NULL, and never ends the reading. Local times
(without an offset) are of the connection's `TimeZone`. Where several fields fill one slot, the one
of the lowest rank that is told does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

US_PER = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 0.001}
CLF_TIME = "%d/%b/%Y:%H:%M:%S"

WORD = r"\S*"
TEXT = r".*?"
NUMBER = r"-|\d+"
DECIMAL = r"-|-?\d*\.?\d+"
CLF_PATTERN = r"\d{1,2}/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d(?: ?[+-]\d{4})?"

Sql = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """`sql`: of the text, NULL where nothing is told. `pattern`: what the text looks like in a line
    (RE2), outside of quotes."""

    slot: str
    sql: Sql
    pattern: str = WORD
    rank: int = 0


def as_text(text: str) -> str:
    return text


def as_number(text: str) -> str:
    """A count; NULL where it is none or negative."""
    return f"CASE WHEN TRY_CAST({text} AS BIGINT) >= 0 THEN TRY_CAST({text} AS BIGINT) END"


def as_status(text: str) -> str:
    return f"CASE WHEN TRY_CAST({text} AS SMALLINT) BETWEEN 100 AND 999 THEN TRY_CAST({text} AS SMALLINT) END"  # noqa: E501


def as_duration(unit: str) -> Sql:
    """µs of a number; of `0.010, 0.020` (upstreams in turn) the last."""
    return lambda text: _duration_us(
        f"coalesce(TRY_CAST({text} AS DOUBLE),"
        f" TRY_CAST(regexp_extract({text}, '([0-9.]+)\\s*$', 1) AS DOUBLE))",
        unit,
    )


def as_spelt_duration(unit: str) -> Sql:
    """As `as_duration`; a unit in the text (`12.3ms`) goes before."""

    def sql(text: str) -> str:
        number = f"TRY_CAST(regexp_extract({text}, '^[0-9.]+') AS DOUBLE)"
        units = " ".join(
            f"WHEN regexp_matches({text}, '[0-9]{spelt}$') THEN {_duration_us(number, of)}"
            for spelt, of in (("ns", "ns"), ("(µ|u)s", "us"), ("ms", "ms"), ("s", "s"))
        )
        return f"CASE {units} ELSE {as_duration(unit)(text)} END"

    return sql


def as_sum_of_s(text: str) -> str:
    """µs of several numbers of seconds, parted by spaces; NULL where one is negative (unknown)."""
    parts = f"list_transform(string_split({text}, ' '), lambda x: TRY_CAST(x AS DOUBLE))"
    return f"CASE WHEN list_min({parts}) >= 0 THEN {_duration_us(f'list_sum({parts})', 's')} END"


def as_clf_time(text: str) -> str:
    return (
        f"coalesce(epoch_us(try_strptime({text}, '{CLF_TIME} %z')),"
        f" epoch_us(try_strptime({text}, '{CLF_TIME}')::TIMESTAMPTZ))"
    )


def as_iso_time(text: str) -> str:
    """ISO 8601, with a comma or a point before its fraction, with or without offset."""
    return (
        f"coalesce(epoch_us(TRY_CAST({text} AS TIMESTAMPTZ)),"
        f" epoch_us(TRY_CAST(replace({text}, ',', '.') AS TIMESTAMPTZ)))"
    )


def as_epoch(unit: str = "") -> Sql:
    """A number since 1970, whose unit is told by its size where it is not given: seconds have ten
    digits until 2286."""

    def sql(text: str) -> str:
        number = f"TRY_CAST({text} AS DOUBLE)"
        factor = (
            str(US_PER[unit])
            if unit
            else f"CASE WHEN {number} < 1e11 THEN 1e6 WHEN {number} < 1e14 THEN 1e3"
            f" WHEN {number} < 1e17 THEN 1 ELSE 1e-3 END"
        )
        return f"TRY_CAST(round({number} * ({factor})) AS BIGINT)"

    return sql


def as_time_of(form: str) -> Sql:
    """By a `strptime` format."""
    quoted = form.replace("'", "''")
    return lambda text: f"epoch_us(try_strptime({text}, '{quoted}')::TIMESTAMPTZ)"


def as_any_time(text: str) -> str:
    return (
        f"CASE WHEN regexp_matches({text}, '^[0-9.]+([eE][+]?[0-9]+)?$') THEN {as_epoch()(text)}"
        f" ELSE coalesce({as_iso_time(text)}, {as_clf_time(text)}) END"
    )


def without_port(text: str) -> str:
    """The address of `10.0.0.1:5678` or `[::1]:80`; one without a port is kept."""
    return (
        f"CASE WHEN {text} LIKE '[%' THEN regexp_extract({text}, '^\\[([^\\]]*)', 1)"
        f" WHEN regexp_matches({text}, '^[^:]+:[0-9]+$') THEN split_part({text}, ':', 1)"
        f" ELSE {text} END"
    )


def first_address(text: str) -> str:
    """Of `203.0.113.9, 10.0.0.1`; NULL where it is no address."""
    first = f"trim(split_part({text}, ',', 1))"
    return (
        f"CASE WHEN regexp_matches({first}, '^[0-9a-fA-F.:]*[.:][0-9a-fA-F.:]*$') THEN {first} END"
    )


def without_question_mark(text: str) -> str:
    return f"nullif(ltrim({text}, '?'), '')"


def _duration_us(number: str, unit: str) -> str:
    return f"CASE WHEN {number} >= 0 THEN TRY_CAST(round({number} * {US_PER[unit]}) AS BIGINT) END"


def client(*, rank: int = 0) -> Meaning:
    return Meaning(slot="client", sql=as_text, rank=rank)


def text(slot: str, *, rank: int = 0, pattern: str = TEXT) -> Meaning:
    return Meaning(slot=slot, sql=as_text, pattern=pattern, rank=rank)


def count(slot: str, *, rank: int = 0) -> Meaning:
    return Meaning(slot=slot, sql=as_number, pattern=NUMBER, rank=rank)


def duration(unit: str, *, rank: int = 0) -> Meaning:
    return Meaning(slot="duration_us", sql=as_duration(unit), pattern=DECIMAL, rank=rank)


STATUS = Meaning(slot="status", sql=as_status, pattern=r"-|\d{3}")
FORWARDED = Meaning(slot="forwarded", sql=first_address, pattern=TEXT)
REQUEST = Meaning(slot="request", sql=as_text, pattern=TEXT)
QUERY = Meaning(slot="query", sql=without_question_mark)


def clf_time(slot: str) -> Meaning:
    return Meaning(slot=slot, sql=as_clf_time, pattern=CLF_PATTERN, rank=2)


def iso_time(slot: str) -> Meaning:
    return Meaning(slot=slot, sql=as_iso_time, pattern=r"\d{4}-\d\d-\d\d[T ][^\s\"\]]*", rank=1)
