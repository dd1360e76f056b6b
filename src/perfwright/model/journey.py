"""A test as a document: what every source comes to, and what `scenario.py` is written from.

    access log ─► walks  ─┐
    HAR, Postman, … ──────┼─► ScenarioDraft ─► scenario.py, data/*.csv, model.json, TEST_PLAN.md
    OpenAPI ─► journeys ──┘

A draft is data only. Text of strangers (paths, names, values) stays text: whoever writes code from
it writes literals. `Value` is JSON whose leaves may be variables:

    Text(("/items/", Var("item_id")))            "/items/{item_id}"
    {"id": Var("item_id"), "count": 2}           {"id": item_id, "count": 2}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from perfwright.model.think import Think


@dataclass(frozen=True, slots=True)
class Var:
    """A value known when the test runs. `name`: as its source says it; not yet an identifier."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """Literal pieces and variables, in order; said as one string."""

    parts: tuple[str | Var, ...]


Value: TypeAlias = (
    "bool | int | float | str | Var | Text | Sequence[Value] | Mapping[str, Value] | None"
)


# Where a variable's value comes from.


@dataclass(frozen=True, slots=True)
class FromData:
    """A column of a data file; all columns of a file come from the same row, drawn once an
    iteration (once a call, in the steps of a walk)."""

    file: str
    column: str


@dataclass(frozen=True, slots=True)
class FromEnvironment:
    """A secret or a setting: an environment variable, so that it is in no file of ours."""

    variable: str
    default: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """Made anew each time. "integer": low..high inclusive. "text": `high` letters."""

    how: Literal["uuid", "integer", "number", "text", "now_iso", "now_epoch_s", "now_epoch_ms"]
    low: float = 0
    high: float = 0


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that the source names, as Postman's and JMeter's variables."""

    value: str


Origin: TypeAlias = FromData | FromEnvironment | Made | Constant


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that no answer fills (those that one fills are named by their `Extraction`)."""

    name: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Extraction:
    """Fills variable `name` from an answer. `expression`: a JSON pointer (RFC 6901) | a header's
    name | a cookie's name | a regular expression over the text whose first group is the value |
    the same over the final address, after redirects. `pattern`: a regular expression whose first
    group is the value, where what the source gives is more than that (a Location). `any_entry`: of
    the list that a JSON pointer's first index counts in, any entry is meant, drawn at random."""

    name: str
    source: Literal["json", "header", "cookie", "regex", "url"]
    expression: str
    pattern: str = ""
    any_entry: bool = False


@dataclass(frozen=True, slots=True)
class Expectation:
    """A check of an answer, named as reports show it. `expected`: statuses as integers for
    "status"; text that the body holds for "contains"; a regular expression for "matches"; a JSON
    pointer that must be there for "json_has"; (pointer, JSON type) for "json_type"; pairs (pointer,
    value) for "json_equals"; milliseconds for "within_ms"."""

    name: str
    kind: Literal[
        "status", "contains", "matches", "json_has", "json_type", "json_equals", "within_ms"
    ]
    expected: tuple[int | float | str | bool | None, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """`value`: JSON | pairs of a form | text (also of a GraphQL or XML body) | multipart parts."""

    kind: Literal["json", "form", "text", "multipart"]
    value: Value


@dataclass(frozen=True, slots=True)
class Reuse:
    """With `probability` (0..1), and once there are such values, variables of a call are what the
    session had before: (the variable, the one whose last value it takes over), all or none."""

    pairs: tuple[tuple[str, str], ...]
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. `name`: its step. `url`: path and query, or absolute for another origin.
    `statuses`: those that are no error (empty: below 400). `resources`: fetched in parallel after
    the answer, as a browser does. `reuses`: in the steps of walks only. `comment`: why it looks so,
    for the reader of the file."""

    name: str
    method: str
    url: Text
    params: tuple[tuple[str, Value], ...] = ()
    headers: tuple[tuple[str, Value], ...] = ()
    body: Body | None = None
    auth: tuple[Value, Value] | None = None
    statuses: tuple[int, ...] = ()
    extracts: tuple[Extraction, ...] = ()
    expects: tuple[Expectation, ...] = ()
    resources: tuple[Call, ...] = ()
    reuses: tuple[Reuse, ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Think time."""

    think: Think


@dataclass(frozen=True, slots=True)
class Group:
    """`async with user.step(name)`."""

    name: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    times: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Sometimes:
    """With `probability` (0..1)."""

    probability: float
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several, by weight: (weight, items)."""

    ways: tuple[tuple[float, tuple[Item, ...]], ...]


Item: TypeAlias = "Call | Pause | Group | Repeat | Sometimes | OneOf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """From one step to the next with `probability`, after `think`. `to`: None ends the session;
    `source`: None begins it."""

    source: str | None
    to: str | None
    probability: float
    think: Think | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A scenario as a Markov chain over calls (a customer behaviour model graph: Menascé & Almeida,
    "Scaling for E-Business", 2000). Edges out of a step add up to 1. Names of steps are names of
    `ScenarioDraft.steps`."""

    name: str
    weight: float
    edges: tuple[Edge, ...]
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """A scenario as a list of things to do, in order. `load`: its own, beside those of the others;
    it counts where each scenario has one (`ScenarioDraft.has_own_loads`)."""

    name: str
    weight: float
    items: tuple[Item, ...]
    comment: str = ""
    load: DraftLoad | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """`data/NAME.csv`. `order`: how rows are drawn; "weighted": in proportion to the last column,
    which is called `weight`. `unique`: each row at most once in a run."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    order: Literal["sequential", "shuffled", "random", "weighted"] = "shuffled"
    unique: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPart:
    """A piece of the load's shape: from where it is, to `to` over `over_s` (0: at once), then held
    for `hold_s`."""

    to: float
    over_s: float = 0.0
    hold_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLoad:
    """`kind`: "arrivals" (sessions a second) or "users". `why`: one sentence for the reader."""

    kind: Literal["arrivals", "users"]
    parts: tuple[LoadPart, ...]
    process: Literal["uniform", "poisson"] = "uniform"
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioDraft:
    """All that a test file holds. `steps`: calls that walks take. `user_start`: once a user (a
    login). `target`: origin, "" where the source names none. `load`: of all scenarios together.
    `notes`: what could not be translated or was guessed, one sentence each; they are printed, and
    stand in the plan."""

    title: str
    sources: tuple[str, ...]
    target: str = ""
    journeys: tuple[Journey, ...] = ()
    walks: tuple[Walk, ...] = ()
    steps: tuple[Call, ...] = ()
    user_start: tuple[Item, ...] = ()
    variables: tuple[Variable, ...] = ()
    data: tuple[DataFile, ...] = ()
    load: DraftLoad | None = None
    slos: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def scenarios(self) -> tuple[Journey | Walk, ...]:
        return (*self.journeys, *self.walks)

    @property
    def has_own_loads(self) -> bool:
        """Whether there are several scenarios, and each has a load of its own."""
        own = [journey.load for journey in self.journeys]
        return len(own) > 1 and None not in own and not self.walks

    @property
    def weight(self) -> float:
        """Of all scenarios together; above zero."""
        return sum(scenario.weight for scenario in self.scenarios) or 1.0
