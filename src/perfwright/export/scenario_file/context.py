"""What the whole file shares while it is written: its names, and what its code turned out to need.

Code is written first and asks for what it needs (a feeder, a constant, a helper function, an
import); the file's head is written last, from what was asked for. So nothing stands in a file that
it does not use. All is written twice: the second time without extractions that the first one found
no use for.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field

from perfwright.export.scenario_file.data_files import LONGEST_STEM, CleanFile, clean_files
from perfwright.export.scenario_file.layout import Atom, Block, Node, call
from perfwright.export.scenario_file.literals import quoted, quoted_pattern, rounded
from perfwright.export.scenario_file.names import SHORT, Names, constant, singular, slug
from perfwright.model.journey import FromEnvironment, Origin, ScenarioDraft

_OWN_NAMES = """
Any Awaitable BEGIN Callable END Random Response Sequence Step Table Test Think UTC UUID User answer
arrivals ascii_lowercase csv datetime draw drawn entries expected exponential first fixed found
gamma has has_keys known learnt letters load lognormal measured new_uuid now_iso os re scenario
seen test time uniform user user_start users value walk weibull
"""
RESERVED = frozenset(_OWN_NAMES.split())
"""Names that the file's own code uses; no name of a source may be one of them."""

MOST_QUANTILES = 41
START, STEPS = "@user_start", "steps"
"""What stands for a function's name where variables outlast it."""


@dataclass
class FileContext:
    """`said`: which function (or START, STEPS) used which variable in the first pass, None in the
    first; `says`: the same in this one. `needs`: helper functions and modules by name. `constants`:
    lines at the top, by what they hold. `keys`: names of variables that outlast a function.
    `learnt`: those that `@user_start` extracts. `remembered`: those that the steps of walks do.
    `any_json`: those that may become something else than text. `carried`: those that steps of walks
    hand on to later ones."""

    draft: ScenarioDraft
    said: frozenset[tuple[str, str]] | None = None
    says: set[tuple[str, str]] = field(default_factory=set)
    names: Names = field(default_factory=lambda: Names(RESERVED))
    needs: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    constants: dict[tuple[str, object], tuple[str, Block]] = field(default_factory=dict)
    feeders: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    learnt: frozenset[str] = frozenset()
    any_json: frozenset[str] = frozenset()
    remembered: frozenset[str] = frozenset()
    carried: frozenset[str] = frozenset()
    files: dict[str, CleanFile] = field(init=False)
    origins: dict[str, Origin] = field(init=False)
    _feeder_names: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.files = {file.name: file for file in clean_files(self.draft.data)}
        self.origins = {variable.name: variable.origin for variable in self.draft.variables}
        # taken before any function is written, so that no local variable hides a feeder
        self._feeder_names = {file: self._feeder_name(file) for file in self.files}

    @property
    def has_memory(self) -> bool:
        """Whether the steps of walks know what the session has seen."""
        return bool(self.remembered or self.carried)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def feeder(self, file: str) -> str:
        """The name of the feeder of a data file, which the test file then has."""
        return self.feeders.setdefault(file, self._feeder_names[file])

    def _feeder_name(self, file: str) -> str:
        name = slug(file, "rows", LONGEST_STEM)
        wanted = f"{singular(name)}_rows" if name in RESERVED else name
        return self.names.take(wanted, suffix="rows")

    def is_said(self, function: str, variable: str) -> bool:
        """Whether an extraction there is of use."""
        if self.said is None:
            return True
        if function == START:
            return any(name == variable for _, name in self.said)
        return (function, variable) in self.said

    def key(self, variable: str) -> str:
        """The literal under which a variable is kept between functions."""
        if variable not in self.keys:
            taken = Names(self.keys.values())
            self.keys[variable] = taken.take(slug(variable, "value", SHORT), suffix="value")
        return quoted(self.keys[variable])

    def text_constant(self, name: str, value: str) -> str:
        return self._constant(
            "text", (name, value), name, Atom(quoted(value), quoted(value, ascii_only=True))
        )

    def environment(self, origin: FromEnvironment) -> str:
        """The name of the constant that holds an environment variable."""
        self.needs.add("os")
        variable = constant(origin.variable, "SETTING")
        if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,200}", origin.variable):
            variable = origin.variable
        node = call("os.environ.get", Atom(quoted(variable)), Atom(quoted(origin.default)))
        return self._constant("environment", (variable, origin.default), variable, node)

    def other_origin(self, origin: str) -> str:
        """The name of a variable that holds an origin other than the target's, to be replaced by
        that of the test environment."""
        setting = constant(origin.partition("://")[2], "ORIGIN")
        self.origins[origin] = FromEnvironment(setting, origin)
        self.note(f"{origin} is not the target: --env {setting}=URL sends its requests elsewhere")
        return origin

    def pattern(self, name: str, expression: str) -> str | None:
        """The name of a compiled regular expression; None, and a note, where Python does not take
        it."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                re.compile(expression)
        except (re.error, RecursionError, OverflowError, Warning) as error:
            shown = f"{expression[:60]}…" if len(expression) > 60 else expression
            self.note(f"the regular expression {shown} ({name}) was left out: {error}")
            return None
        self.needs.add("re")
        node = call("re.compile", Atom(quoted_pattern(expression)))
        return self._constant("pattern", expression, f"{name} pattern", node)

    def quantiles(self, name: str, values: tuple[float, ...]) -> str:
        """The name of a constant that holds quantiles; many are thinned."""
        last = len(values) - 1
        if last >= MOST_QUANTILES:
            places = [last * k / (MOST_QUANTILES - 1) for k in range(MOST_QUANTILES)]
            values = tuple(_between(values, place) for place in places)
        key = ("quantiles", values)
        if key not in self.constants:
            taken = self.names.take(constant(f"{name} pauses", "PAUSES"))
            self.constants[key] = (taken, _filled(taken, [rounded(v, 3) for v in values]))
        return self.constants[key][0]

    def _constant(self, kind: str, value: object, name: str, node: Node) -> str:
        if (kind, value) not in self.constants:
            taken = self.names.take(constant(name, "VALUE"), suffix="VALUE")
            block = Block()
            block.assign(taken, node)
            self.constants[kind, value] = (taken, block)
        return self.constants[kind, value][0]


def _between(values: tuple[float, ...], place: float) -> float:
    below = min(int(place), len(values) - 2)
    return values[below] + (values[below + 1] - values[below]) * (place - below)


def _filled(name: str, numbers: list[str]) -> Block:
    """A tuple with many numbers on a line, which only `# fmt: skip` preserves."""
    block = Block()
    block.line(f"{name} = (")
    line = ""
    for text in numbers:
        if len(line) + len(text) + 2 > 80:
            block.inside().line(line.rstrip())
            line = ""
        line += f"{text}, "
    block.inside().line(line.rstrip())
    block.line(")  # fmt: skip")
    return block
