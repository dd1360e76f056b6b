"""What a variable is called where it is used: a column of a row, a local name, a constant.

    FromData("items", "id")          item["id"], and `item = items.next()` at the function's top
    FromEnvironment("API_TOKEN")     API_TOKEN, and `API_TOKEN = os.environ.get(…)` at the file's
    Made("integer", 1, 9)            user.rng.randint(1, 9)
    an extraction in this function   a local name, from there on
    … in `@user_start`               known["token"], and `known = learnt.get(user.id, {})`
    … in a walk's step               seen.get("token", "")
    what a walk's step hands on      a local name, and `seen["item_id"] = item_id` at its top

A variable that nothing fills is taken from the environment, so that the file runs at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perfwright.export.scenario_file.context import FileContext
from perfwright.export.scenario_file.layout import Atom, Block, call, simple
from perfwright.export.scenario_file.literals import rounded
from perfwright.export.scenario_file.names import SHORT, Names, constant, singular, slug
from perfwright.model.journey import Constant, FromData, FromEnvironment, Made, Reuse

_ALWAYS = 0.9995


@dataclass(frozen=True, slots=True)
class Known:
    """`code`: an expression without backslashes, whose quotes are double. `is_text`: surely a
    str."""

    code: str
    is_text: bool


class Scope:
    """The variables of one function of the file; `function`: what tells it from the others.
    `reuses`: of a walk's step, what it takes over from earlier ones."""

    def __init__(
        self,
        file: FileContext,
        function: str,
        *,
        is_step: bool = False,
        reuses: Sequence[Reuse] = (),
    ) -> None:
        self.file = file
        self.is_step = is_step
        self._function = function
        self._reuses = [one for one in reuses if file.carried.issuperset(dict(one.pairs).values())]
        self._takes = {own for reuse in self._reuses for own, _ in reuse.pairs}
        self._carries: dict[str, tuple[str, Known]] = {}
        self._names = Names(outer=file.names)
        self._rows: dict[str, str] = {}
        self._locals: dict[str, str] = {}
        self._defaults: dict[str, str] = {}
        self._needs_known = False

    def known(self, name: str) -> Known:
        """How to say variable `name` here."""
        self.file.says.add((self._function, name))
        return self._known(name)

    def _known(self, name: str) -> Known:
        is_text = name not in self.file.any_json
        if name in self._locals:
            return Known(self._locals[name], is_text)
        if name in self.file.learnt:
            self._needs_known = True
            return Known(f"known[{self.file.key(name)}]", is_text)
        if self.is_step and name in self.file.remembered:
            return Known(f'seen.get({self.file.key(name)}, "")', is_text)
        if self.is_step and (name in self.file.carried or name in self._takes):
            return self._carried(name)
        return self._declared(name)

    def is_used(self, name: str) -> bool:
        """Whether it is worth taking out of an answer; one that nothing uses is noted."""
        if self.file.is_said(self._function, name):
            return True
        self.file.note(f"{name} is taken from an answer, but nothing uses it: left out")
        return False

    def define(self, name: str) -> str:
        """What an extraction assigns to."""
        if self.is_step:
            return f"seen[{self.file.key(name)}]"
        if name not in self._locals:
            self._locals[name] = self._names.take(slug(name, "value"), suffix="value")
        return self._locals[name]

    def define_early(self, name: str) -> None:
        """For what may be used before an answer fills it: it begins as declared, or empty."""
        if name in self._locals or not self.file.is_said(self._function, name):
            return
        declared = name in self.file.learnt or name in self.file.origins
        default = self._known(name).code if declared else '""'
        self._defaults[self.define(name)] = default

    def write_top(self, block: Block) -> None:
        """The lines that the function begins with; call it when its body is written."""
        if self._needs_known:
            block.line("known = learnt.get(user.id, {})")
        for file, row in self._rows.items():
            block.line(f"{row} = {self.file.feeder(file)}.next()")
        for name, default in self._defaults.items():
            block.assign(name, simple(default))
        self._write_carried(block)

    def _write_carried(self, block: Block) -> None:
        """What is drawn, or else taken over; and what is handed on."""
        takes = [one for one in self._reuses if self._carries.keys() >= dict(one.pairs).keys()]
        always = dict(pair for one in takes if one.probability >= _ALWAYS for pair in one.pairs)
        for name, (local, drawn) in self._carries.items():
            node = simple(drawn.code)
            if name in always:
                node = call("seen.get", Atom(self.file.key(always[name])), node)
            block.assign(local, node)
        for reuse in takes:
            if reuse.probability < _ALWAYS:
                block.line(f"if user.rng.random() < {rounded(reuse.probability)}:")
                for own, other in reuse.pairs:
                    local = self._carries[own][0]
                    before = call("seen.get", Atom(self.file.key(other)), Atom(local))
                    block.inside().statement(f"{local} = ", before)
        for name, (local, _) in self._carries.items():
            if name in self.file.carried:
                block.assign(f"seen[{self.file.key(name)}]", Atom(local))

    def _carried(self, name: str) -> Known:
        """A local name: it is looked at more than once."""
        if name not in self._carries:
            origin = self.file.origins.get(name)
            wanted = origin.column if isinstance(origin, FromData) else name
            local = self._names.take(slug(wanted, "value", SHORT), suffix="value")
            self._carries[name] = (local, self._declared(name))
        local, drawn = self._carries[name]
        return Known(local, drawn.is_text and name not in self._takes)

    def _declared(self, name: str) -> Known:
        match self.file.origins.get(name):
            case FromData(file, column) if column in self._columns(file):
                return Known(f'{self._row(file)}["{self._columns(file)[column]}"]', True)
            case FromEnvironment() as origin:
                return Known(self.file.environment(origin), True)
            case Constant(value):
                return Known(self.file.text_constant(name, value), True)
            case Made() as made:
                return self._made(made)
            case _:
                self.file.note(
                    f"nothing fills the variable {name}: it is read from the environment "
                    f"(--env {constant(name, 'SETTING')}=…)"
                )
                return Known(
                    self.file.environment(FromEnvironment(constant(name, "SETTING"))), True
                )

    def _columns(self, file: str) -> dict[str, str]:
        return self.file.files[file].columns if file in self.file.files else {}

    def _row(self, file: str) -> str:
        if file not in self._rows:
            self.file.feeder(file)
            self._rows[file] = self._names.take(singular(slug(file, "row")), suffix="row")
        return self._rows[file]

    def _made(self, made: Made) -> Known:
        low, high = sorted(value if abs(value) < 1e15 else 0 for value in (made.low, made.high))
        match made.how:
            case "integer":
                return Known(f"user.rng.randint({round(low)}, {round(high)})", False)
            case "number":
                return Known(f"user.rng.uniform({rounded(low)}, {rounded(high)})", False)
            case "now_epoch_s" | "now_epoch_ms":
                self.file.needs.add("time")
                return Known(f"int(time.time(){' * 1000' * (made.how == 'now_epoch_ms')})", False)
            case "uuid":
                self.file.needs.add("new_uuid")
                return Known("new_uuid(user)", True)
            case "text":
                self.file.needs.add("letters")
                return Known(f"letters(user, {max(1, min(round(high), 10**6))})", True)
            case "now_iso":
                self.file.needs.add("now_iso")
                return Known("now_iso()", True)
