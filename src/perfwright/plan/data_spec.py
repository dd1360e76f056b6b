"""What synthetic data is to be: tables, their columns, and how each column's values come about.

    tables
    └─ users: rows 10,000          columns, in the order of the file
       ├─ id     Sequence
       ├─ first  Provider("first_name")       a pool of Faker's, then picks
       ├─ email  Template("{first}.{id}@…")   from other columns of the row
       └─ age    Normal(40, 12)               a quantile function of a uniform number

All kinds are plain data; `data_fields.py` makes them of a document and checks them, and
`export/synthetic/` makes the values. `problem()` says what makes a kind impossible, or "".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal, TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
PLACEHOLDER = re.compile(r"\{(\w+)(?:\|(lower|upper|slug))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform:
    low: float
    high: float
    digits: int | None = None

    def problem(self) -> str:
        return "" if self.low < self.high else f"low {self.low:g} must be below high {self.high:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer:
    """Both ends included."""

    low: int
    high: int

    def problem(self) -> str:
        return "" if self.low <= self.high else f"low {self.low} must not be above high {self.high}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Normal:
    """`low`, `high`: the distribution is truncated there (not clipped: no pile at the ends)."""

    mean: float
    sd: float
    low: float | None = None
    high: float | None = None
    digits: int | None = None

    def problem(self) -> str:
        if self.sd <= 0:
            return f"sd {self.sd:g} must be above zero"
        low = self.mean - 30 * self.sd if self.low is None else self.low
        high = self.mean + 30 * self.sd if self.high is None else self.high
        if not low < high:
            return f"low {low:g} must be below high {high:g}"
        beyond = max(low - self.mean, self.mean - high)
        return "low and high are too far from the mean" if beyond > 30 * self.sd else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNormal:
    """`mu`, `sigma`: mean and deviation of the logarithm."""

    mu: float
    sigma: float
    digits: int | None = None

    def problem(self) -> str:
        if not 0 < self.sigma <= 20 or abs(self.mu) > 300:
            return f"mu {self.mu:g} and sigma {self.sigma:g}: sigma is above 0, and both are small"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exponential:
    mean: float
    digits: int | None = None

    def problem(self) -> str:
        return "" if self.mean > 0 else f"mean {self.mean:g} must be above zero"


@dataclass(frozen=True, slots=True, kw_only=True)
class Poisson:
    mean: float

    def problem(self) -> str:
        return "" if 0 < self.mean <= 1e6 else f"mean {self.mean:g} must be above 0, at most 1e6"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zipf:
    """Ranks 1..n, rank k with probability in proportion to k^-s."""

    n: int
    s: float = 1.0

    def problem(self) -> str:
        if not 1 <= self.n <= 50_000_000:
            return f"n {self.n} must be from 1 to 50,000,000"
        return "" if 0 <= self.s <= 20 else f"s {self.s:g} must be from 0 to 20"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`values`: each with its weight."""

    values: tuple[tuple[Scalar, float], ...]

    def problem(self) -> str:
        if not self.values:
            return "values is empty; give a list, or a mapping of values to weights"
        if any(not 0 <= weight < float("inf") for _, weight in self.values):
            return "weights are finite numbers of zero or more"
        return "" if sum(weight for _, weight in self.values) > 0 else "every weight is zero"


@dataclass(frozen=True, slots=True, kw_only=True)
class Boolean:
    true: float = 0.5

    def problem(self) -> str:
        return "" if 0 <= self.true <= 1 else f"true {self.true:g} is a share from 0 to 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Uniform in [begin, end): `date`s, or `datetime`s to the second. `form`: how it is written."""

    begin: datetime
    end: datetime
    form: Literal["date", "datetime", "epoch_s", "epoch_ms"] = "datetime"

    def problem(self) -> str:
        return "" if self.begin < self.end else "begin must be before end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    start: int = 1
    step: int = 1

    def problem(self) -> str:
        return "step must not be zero" if self.step == 0 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    value: Scalar

    def problem(self) -> str:
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uuid:
    """Version 4 (RFC 9562), of the seed's random bits."""

    def problem(self) -> str:
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """`#` a digit, `?` a capital letter, `*` a lower-case letter or digit; the rest stands for
    itself, as does what comes after a backslash."""

    pattern: str

    def problem(self) -> str:
        if not 0 < len(self.pattern) <= 200:
            return "pattern must have 1 to 200 characters"
        return "pattern ends in a backslash" if self.pattern.endswith("\\") else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """`{column}`, `{column|lower}`, `{column|upper}`, `{column|slug}` (letters and digits of ASCII,
    lower case); the rest stands for itself. Only columns of the same row; nothing is computed."""

    template: str

    def problem(self) -> str:
        rest = PLACEHOLDER.sub("", self.template)
        if "{" in rest or "}" in rest:
            return (
                "template has a brace that belongs to no {column}; filters are lower, upper, slug"
            )
        return "" if self.columns else "template names no {column}; write a constant instead"

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(match[1] for match in PLACEHOLDER.finditer(self.template)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Keys of another table: of uniformly picked rows, of few popular rows (Zipf's law with
    exponent `s`), or of each row in turn."""

    table: str
    column: str
    pick: Literal["uniform", "zipf", "each"] = "uniform"
    s: float = 1.0

    def problem(self) -> str:
        return "" if 0 <= self.s <= 20 else f"s {self.s:g} must be from 0 to 20"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider of Faker. `pool`: so many values are asked of it, and picked from then."""

    LARGEST: ClassVar[int] = 200_000

    name: str
    arguments: Mapping[str, Scalar] = field(default_factory=dict)
    pool: int = 5_000

    def problem(self) -> str:
        return "" if 1 <= self.pool <= self.LARGEST else f"pool must be from 1 to {self.LARGEST:,}"


Distribution: TypeAlias = (
    Uniform
    | Integer
    | Normal
    | LogNormal
    | Exponential
    | Poisson
    | Zipf
    | Choice
    | Boolean
    | Moment
)
"""Those that are quantile functions of one uniform number, and can be correlated."""
Kind: TypeAlias = (
    Distribution | Sequence | Constant | Uuid | Pattern | Template | Reference | Provider
)


@dataclass(frozen=True, slots=True)
class Correlation:
    """With another column of the table, by a Gaussian copula: `r` is the correlation of the normal
    scores, -1..1; Spearman's is 6/π·asin(r/2)."""

    column: str
    r: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`nulls`: the share of rows without a value. `locale`: of a provider, "" for the spec's."""

    name: str
    kind: Kind
    unique: bool = False
    nulls: float = 0.0
    correlated_with: Correlation | None = None
    locale: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    name: str
    rows: int
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSpec:
    """Tables in an order in which each comes after those that it refers to."""

    tables: tuple[Table, ...]
    seed: int = 1
    locale: str = "en_US"
