"""What no operation produces: columns of `data/parameters.csv`, filled with the document's examples
or with made values, to be replaced by real ones.

    GET /repos/{owner}/{repo}  ─►  owner,repo
                                   octocat,hello-world
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from perfwright.model.journey import DataFile, FromData, Var, Variable
from perfwright.sources.openapi.calls import plain
from perfwright.sources.openapi.examples import Examples
from perfwright.sources.openapi.naming import snake
from perfwright.sources.openapi.notes import Notes
from perfwright.sources.openapi.operations import Operation, Parameter
from perfwright.sources.openapi.schemas import Schemas
from perfwright.sources.openapi.texts import text_within
from perfwright.sources.openapi.trees import Json, listing, number

FILE = "parameters"
_MADE_ROWS = 5
_KEYS = 1_000
_MAX_ROWS = 50
_MAX_CHARACTERS = 2_000


class Given:
    """Collects columns as journeys ask for them; one of a name serves all."""

    def __init__(self, schemas: Schemas, examples: Examples, notes: Notes) -> None:
        self._schemas = schemas
        self._examples = examples
        self._notes = notes
        self._columns: dict[str, list[str]] = {}
        self._keys: dict[str, dict[str, list[str]]] = {}
        self._in_bodies: dict[tuple[str, str], Var] = {}

    def column(self, name: str, parameter: Parameter) -> Var:
        """`name`: snake case, of the column. Its variable is `given_NAME`."""
        if name not in self._columns:
            self._columns[name] = self._values(name, parameter)
            self._notes.of("Nothing produces these; put real values into data/parameters.csv", name)
        return Var(f"given_{name}")

    def key(self, operation: Operation, thing: str, name: str, schema: Json) -> Var:
        """A key that its creator chooses: a column of a thousand of them, in a file named after the
        thing. From now on `operation` sends it in its body."""
        columns = self._keys.setdefault(f"new_{thing}", {})
        column = snake(name)
        if column not in columns:
            columns[column] = self._new_keys(name, schema)
        variable = Var(f"new_{thing}_{column}")
        self._in_bodies[operation.name, name] = variable
        return variable

    def key_in_body(self, operation: str, name: str) -> Var | None:
        return self._in_bodies.get((operation, name))

    def variables(self) -> tuple[Variable, ...]:
        given = [Variable(f"given_{name}", FromData(FILE, name)) for name in self._columns]
        keys = [
            Variable(f"{file}_{name}", FromData(file, name))
            for file, columns in self._keys.items()
            for name in columns
        ]
        return (*given, *keys)

    def data(self) -> tuple[DataFile, ...]:
        files = {FILE: self._columns, **self._keys}
        return tuple(_file(name, columns) for name, columns in files.items() if columns)

    def _values(self, name: str, parameter: Parameter) -> list[str]:
        words = self._schemas.flat(parameter.schema).keywords
        known: list[Json] = [*parameter.examples, *listing(words.get("examples"))]
        known = known or [*listing(words.get("enum")), words.get("default")]
        usable = [one for one in known if one is not None and not isinstance(one, (list, dict))]
        scalars = map(plain, usable)
        found = list(dict.fromkeys(scalars))[:_MAX_ROWS]
        for row in range(0 if found else _MADE_ROWS):
            made = self._examples.value(
                parameter.schema, place=f"parameter {name} {row}", name=parameter.name
            )
            found.append(plain(made) if not isinstance(made, (list, dict)) else "")
        return list(dict.fromkeys(value[:_MAX_CHARACTERS] for value in found))

    def _new_keys(self, name: str, schema: Json) -> list[str]:
        words = self._schemas.flat(schema).keywords
        unlike = {word: words[word] for word in words if word not in ("examples", "default")}
        random = Random(f"keys {name}")
        longest = number(words.get("maxLength")) or 64
        made: dict[str, None] = {}
        for _ in range(2 * _KEYS):
            key = text_within(unlike, name, random)
            if not {"pattern", "format"} & unlike.keys():
                tail = f"{random.randrange(16**6):06x}"
                key = f"{key[: max(0, int(longest) - len(tail) - 1)]}-{tail}"[: int(longest)]
            made[key] = None
            if len(made) == _KEYS:
                break
        return list(made)


def _file(name: str, columns: Mapping[str, list[str]]) -> DataFile:
    rows = max(map(len, columns.values()))
    return DataFile(
        name=name,
        columns=tuple(columns),
        rows=[[values[row % len(values)] for values in columns.values()] for row in range(rows)],
        order="shuffled",
    )
