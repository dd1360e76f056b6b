"""JMeter's variables and functions as the draft's: where each gets its value.

User defined variables are constants; properties (`__P`) and environment variables come from the
environment; random numbers, identifiers and times are made; the rest is told and left to the
environment, so that a test runs once somebody has filled it in.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable

from perfwright.model.journey import (
    Constant,
    DataFile,
    FromData,
    FromEnvironment,
    Made,
    Origin,
    Text,
    Value,
    Var,
)
from perfwright.sources.drafting.names import Names, clean, slug
from perfwright.sources.drafting.secrets import Environment, sounds_secret
from perfwright.sources.drafting.texts import text_of
from perfwright.sources.jmx.expressions import FunctionCall, Reference, parts_of

_DEEPEST = 12
_MOST_PARTS = 1000
_COUNTED = 10_000
_LONGEST_TEXT = 10_000
_PASSING = frozenset(
    {"__urlencode", "__urldecode", "__eval", "__unescape", "__log", "__logn", "__escapeHtml"}
)
"""Functions whose first argument is what is sent: the test encodes parameters by itself."""


class Variables:
    def __init__(
        self,
        environment: Environment,
        note: Callable[[str], None],
        title: str,
        taken: Iterable[str] = (),
    ) -> None:
        """`taken`: the names that the test plan uses for its own variables."""
        self.known: dict[str, Origin] = {}
        self.files: list[DataFile] = []
        self._environment = environment
        self._note = note
        self._title = title
        self._composite: dict[str, str] = {}
        self._functions: dict[str, Var] = {}
        self._names = Names()
        self._file_names = Names()
        self._budget = 0
        for name in taken:
            self._names.new(name)

    # What the test plan declares.

    def declare(self, name: str, value: str) -> None:
        """A user defined variable; of two with one name the later one counts."""
        self._composite.pop(name, None)
        self._budget = _MOST_PARTS
        parts = parts_of(value) if "${" in value else [value]
        if all(isinstance(part, str) for part in parts):
            literal = "".join(part for part in parts if isinstance(part, str))
            secret = bool(literal) and sounds_secret(name)
            self.known[name] = self._environment.origin(name) if secret else Constant(literal)
        elif len(parts) == 1 and isinstance(parts[0], FunctionCall):
            variable = literal_variable(self._function(parts[0], ()))
            if variable is not None and variable.name in self.known:
                self.known[name] = self.known[variable.name]
            else:
                self._composite[name] = value
        else:
            self._composite[name] = value

    def fill(self, name: str, origin: Origin) -> None:
        self._composite.pop(name, None)
        self.known[name] = origin

    def new_file_name(self, name: str) -> str:
        return self._file_names.new(slug(name, "data"), pattern="{}_{}")

    def count(self, name: str, start: int, step: int, end: int) -> None:
        """A counter: a file of numbers in order, begun again when it has ended."""
        numbers = range(start, end + 1 if step > 0 else end - 1, step or 1)[:_COUNTED]
        file = self.new_file_name(name)
        rows = [(str(number),) for number in numbers] or [(str(start),)]
        self.files.append(DataFile(name=file, columns=("number",), rows=rows, order="sequential"))
        self.fill(name, FromData(file, "number"))
        if len(numbers) == _COUNTED:
            self._note(f"The counter {clean(name, '?')!r} begins again after {_COUNTED:,}.")

    # What it says with them.

    def text(self, raw: str) -> Text:
        """Backslashes count as escapes only where there is a variable, as in JMeter."""
        if "${" not in raw:
            return text_of((raw,))
        self._budget = _MOST_PARTS
        return text_of(self._parts(raw, ()))

    def literal(self, raw: str) -> str | None:
        """The text with constants and defaults filled in; None where something is not known."""
        return self._literal(self.text(raw))

    def plain(self, text: Text) -> str | None:
        """The same of text that has been taken apart."""
        return self._literal(text)

    def alias(self, name: str, other: str) -> None:
        """Another name of a variable, unless it is one of its own."""
        if name and name not in self.known and name != other:
            self._composite.setdefault(name, f"${{{other}}}")

    def number(self, raw: str, otherwise: float) -> float:
        """A number of the plan; `otherwise`, told, where it is not known when reading."""
        literal = self.literal(raw)
        try:
            number = float("?" if literal is None else literal.strip() or otherwise)
        except ValueError:
            self._note(f"{clean(raw, '?')!r} is no number that can be read: {otherwise:g} is used.")
            return otherwise
        return number if -1e12 < number < 1e12 else otherwise

    def value(self, name: str) -> Text | None:
        """A variable's plain value, for addresses."""
        origin = self.known.get(name)
        if isinstance(origin, Constant) and origin.value:
            return Text((origin.value,))
        if isinstance(origin, FromEnvironment) and origin.default:
            self._note(
                f"{clean(name, '?')!r} is {clean(origin.default, '?')!r} in addresses, as the "
                f"test plan says by default: --target says otherwise."
            )
            return Text((origin.default,))
        return None

    def bare(self, typed: Callable[[str], bool]) -> Callable[[Var], Value]:
        """What a variable without quotes is in JSON: a number that is known, or one of a type."""

        def value(variable: Var) -> Value:
            origin = self.known.get(variable.name)
            if isinstance(origin, Constant) and re.fullmatch(r"-?\d{1,15}", origin.value):
                return int(origin.value)
            numeric = isinstance(origin, Made) and origin.how not in ("text", "uuid", "now_iso")
            if numeric or (origin is None and typed(variable.name)):
                return variable
            raise ValueError(f"{variable.name} is not in quotes, and may be a number")

        return value

    def _literal(self, text: Text) -> str | None:
        pieces = []
        for part in text.parts:
            if isinstance(part, str):
                pieces.append(part)
                continue
            origin = self.known.get(part.name)
            if isinstance(origin, Constant):
                pieces.append(origin.value)
            elif isinstance(origin, FromEnvironment) and origin.default:
                pieces.append(origin.default)
            else:
                return None
        return "".join(pieces)

    def _parts(self, raw: str, within: tuple[str, ...]) -> list[str | Var]:
        found: list[str | Var] = []
        for part in parts_of(raw):
            self._budget -= 1
            if isinstance(part, str):
                found.append(part)
            elif isinstance(part, FunctionCall):
                found += self._function(part, within).parts
            else:
                found += self._reference(part, within)
        return found

    def _reference(self, reference: Reference, within: tuple[str, ...]) -> list[str | Var]:
        name = reference.name
        composite = self._composite.get(name)
        deep = len(within) >= _DEEPEST or self._budget < 0
        if composite is None or name in within or deep:
            return [Var(name)]
        return self._parts(composite, (*within, name))

    def _function(self, call: FunctionCall, within: tuple[str, ...]) -> Text:
        known = self._functions.get(call.source)
        if known is not None:
            return Text((known,))
        if call.name in _PASSING:
            first = call.arguments[0] if call.arguments else ""
            inner = (*within, call.name)
            return text_of(self._parts(first, inner)) if len(inner) < _DEEPEST else Text(())
        said = [self.literal_argument(argument, within) for argument in call.arguments]
        fixed = _fixed(call.name, said, self._title)
        if fixed is not None:
            return text_of((fixed,))
        if call.name == "__V" and said and said[0]:
            return Text((Var(said[0]),))
        return Text((self._made(call, said),))

    def literal_argument(self, argument: str, within: tuple[str, ...]) -> str:
        """An argument as text, "" where a variable in it has no value that is known."""
        if len(within) >= _DEEPEST or self._budget < 0:
            return ""
        parts = text_of(self._parts(argument, (*within, "(argument)")))
        return self._literal(parts) or ""

    def _made(self, call: FunctionCall, said: list[str]) -> Var:
        """A variable that stands for what a function gives."""
        stored = _stored_name(call.name, said)
        if call.name in ("__P", "__property", "__env"):
            return self._setting(call, said, stored)
        if call.name == "__counter":
            variable = Var(stored or self._names.new("counter", pattern="{} {}"))
            self.count(variable.name, 1, 1, _COUNTED)
            self._functions[call.source] = variable
            return variable
        origin = _origin(call.name, said, self._note)
        if origin is None:
            name = call.name.strip("_")
            origin = self._environment.origin(name)
            self._note(
                f"The function ${{{clean(call.source, '…')}}} is not translated: its value comes "
                f"from the environment variable {origin.variable}."
            )
            variable = Var(stored or self._names.new(name, pattern="{} {}"))
            self._functions[call.source] = variable
        else:
            variable = Var(stored or self._names.new(_said(call.name), pattern="{} {}"))
        self.fill(variable.name, origin)
        return variable

    def _setting(self, call: FunctionCall, said: list[str], stored: str) -> Var:
        name = said[0] if said and said[0] else "setting"
        default = {"__P": said[1:2] or ["1"], "__property": said[2:3], "__env": said[2:3]}
        value = next(iter(default[call.name]), "")
        value = "" if sounds_secret(name) else value
        variable = Var(stored or self._names.new(clean(name, "setting"), pattern="{} {}"))
        if call.name == "__env" and re.fullmatch(r"[A-Za-z_]\w*", name):
            self.fill(variable.name, FromEnvironment(name, value))
        else:
            self.fill(variable.name, self._environment.origin(name, value))
        self._functions[call.source] = variable
        return variable


def literal_variable(text: Text) -> Var | None:
    only = text.parts[0] if len(text.parts) == 1 else None
    return only if isinstance(only, Var) else None


def _said(function: str) -> str:
    return {
        "__Random": "random", "__RandomString": "random text", "__UUID": "uuid",
        "__time": "time", "__timeShift": "time", "__threadNum": "thread number",
    }.get(function, function.strip("_"))  # fmt: skip


def _stored_name(function: str, said: list[str]) -> str:
    """The variable that a function stores its value in, by its last argument."""
    place = {
        "__Random": 2, "__RandomString": 2, "__time": 1, "__timeShift": 4, "__property": 1,
        "__env": 1, "__RandomDate": 4, "__counter": 1,
    }.get(function)  # fmt: skip
    return said[place] if place is not None and len(said) > place else ""


def _fixed(function: str, said: list[str], title: str) -> str | None:
    """Functions whose value can be told from the test plan alone."""
    if function in ("__intSum", "__longSum") and len(said) >= 2:
        numbers = said if re.fullmatch(r"-?\d{1,15}", said[-1]) else said[:-1]
        if all(re.fullmatch(r"-?\d{1,15}", number) for number in numbers):
            return str(sum(map(int, numbers)))
    if function == "__base64Encode" and said and said[0]:
        return base64.b64encode(said[0].encode()).decode()
    if function == "__char" and said:
        codes = [int(code, 0) for code in said if re.fullmatch(r"\d{1,6}|0x[0-9A-Fa-f]{1,5}", code)]
        return "".join(chr(code) for code in codes if code < 0x110000)
    return {"__TestPlanName": title}.get(function)


def _origin(function: str, said: list[str], note: Callable[[str], None]) -> Origin | None:
    match function:
        case "__UUID":
            return Made("uuid")
        case "__Random" if len(said) >= 2:
            low, high = (_integer(said[0]), _integer(said[1]))
            return None if low is None or high is None else Made("integer", low, max(low, high))
        case "__RandomString" if said:
            length = _integer(said[0]) or 1
            return Made("text", min(length, _LONGEST_TEXT), min(length, _LONGEST_TEXT))
        case "__time":
            return _time(said[0] if said else "", note)
        case "__timeShift":
            note("__timeShift's shift is left out: the present time is sent, in ISO 8601.")
            return _time(said[0] if said else "", note)
        case "__threadNum":
            note("__threadNum is a random number from 1 to 1,000: user.id is the user's own.")
            return Made("integer", 1, 1000)
    return None


def _time(format_: str, note: Callable[[str], None]) -> Origin:
    if not format_:
        return Made("now_epoch_ms")
    if format_ == "/1000":
        return Made("now_epoch_s")
    note(f"The time format {clean(format_, '?')!r} is not kept: times are sent in ISO 8601.")
    return Made("now_iso")


def _integer(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\s*-?\d{1,15}\s*", text) else None
