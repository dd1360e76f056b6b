"""Values by JSON Schema: valid, plausible, small, and the same for the same seed and place.

    const ─► examples of the document that are valid ─► default ─► enum ─► one branch of each choice
          ─► by type: format, pattern, bounds, length; required properties and few others

Each value is tried against its schema (`validity.py`). One that fails is made again, ever plainer:
other branches, other numbers, then required properties only; what still fails is given as it is,
and a note says so. Recursion is bounded by depth and by the number of values.
"""

from __future__ import annotations

from random import Random

from perfwright.sources.openapi.naming import is_id
from perfwright.sources.openapi.notes import Notes
from perfwright.sources.openapi.numbers import number_within
from perfwright.sources.openapi.schemas import Flat, Schemas
from perfwright.sources.openapi.texts import text_within
from perfwright.sources.openapi.trees import Json, Tree, listing, number, texts, tree
from perfwright.sources.openapi.validity import conforms, has_twins, holds, schemas_of

_TRIES = 8
_PLAIN_FROM = 3
"""The attempt from which on only what is required is made."""
_MAX_DEPTH = 12
_MAX_OPTIONAL_DEPTH = 2
_MAX_LIST_DEPTH = 4
_MAX_VALUES = 2_000
_MAX_ITEMS = 100
_UNASKED = 3
"""So many optional properties are made of an object that requires none."""
_TELLING = ("name", "title", "description", "email")


class Examples:
    def __init__(self, schemas: Schemas, *, seed: int, notes: Notes) -> None:
        self._schemas = schemas
        self._seed = seed
        self._notes = notes

    def value(self, schema: Json, *, place: str, name: str = "", sending: bool = True) -> Json:
        """`place`: where it is used; notes name it, and other places get other values. `name`: of
        the parameter or property. `sending`: for a request, so without what is `readOnly`."""
        made: list[Json] = []
        for attempt in range(_TRIES):
            random = Random(f"{self._seed}/{place}/{attempt}")
            made.append(_Maker(self._schemas, random, attempt, sending).value(schema, name, 0))
            if conforms(made[-1], schema, self._schemas, sending=sending):
                return made[-1]
        for value in made:
            if conforms(value, schema, self._schemas, sending=sending, loosely=True):
                return value
        self._notes.of("No example could be made that is valid by its schema", place)
        return made[-1]


class _Maker:
    """Makes one value, in one attempt."""

    def __init__(self, schemas: Schemas, random: Random, attempt: int, sending: bool) -> None:
        self._schemas = schemas
        self._random = random
        self._attempt = attempt
        self._sending = sending
        self._left = _MAX_VALUES

    def value(self, schema: Json, name: str, depth: int) -> Json:
        return self._of(self._schemas.flat(schema), name, depth)

    def _of(self, flat: Flat, name: str, depth: int) -> Json:
        self._left -= 1
        words = flat.keywords
        if "const" in words:
            return words["const"]
        for given in self._given(words):
            if holds(given, flat, self._schemas, sending=self._sending):
                return self._sendable(given, flat, depth)
        if "null" in flat.types and (depth > _MAX_DEPTH // 2 or flat.types == ("null",)):
            return None
        if depth > _MAX_DEPTH or self._left < 0:
            return [] if "array" in flat.types else {} if "object" in flat.types else None
        if allowed := [one for one in listing(words.get("enum")) if one is not None]:
            return self._random.choice(allowed)
        if flat.choices:
            return self._of(self._chosen(flat), name, depth)
        if "if" in words:
            return self._of(self._conditional(flat), name, depth)
        return self._by_type(flat, name, depth)

    def _given(self, words: Tree) -> list[Json]:
        if self._attempt >= _PLAIN_FROM + 2:
            return []
        default = [words["default"]] if "default" in words else []
        return [*listing(words.get("examples")), *default]

    def _sendable(self, given: Json, flat: Flat, depth: int) -> Json:
        """An example of the document, without what only answers hold."""
        if not self._sending or depth > _MAX_DEPTH or not isinstance(given, dict):
            return given
        kept: Tree = {}
        for name, entry in given.items():
            sub = self._schemas.flat(flat.properties.get(name))
            if sub.keywords.get("readOnly") is not True:
                kept[name] = self._sendable(entry, sub, depth + 1)
        return kept

    def _chosen(self, flat: Flat) -> Flat:
        """`flat` with a branch of its first choice: at first the first that is not null."""
        choice, *others = flat.choices
        flats = [(branch, self._schemas.flat(branch)) for branch in choice.branches]
        real = [branch for branch, one in flats if one.types != ("null",)] or [None]
        branch = real[0] if self._attempt == 0 else self._random.choice(real)
        made = self._schemas.with_branch(flat, branch)
        return Flat(made.keywords, (*others, *made.choices), made.name)

    def _conditional(self, flat: Flat) -> Flat:
        words = {word: flat.keywords[word] for word in flat.keywords if word != "if"}
        plain = Flat({word: words[word] for word in words if word not in ("then", "else")})
        if self._attempt % 2:
            return self._schemas.with_branch(plain, words.get("else"))
        met = self._schemas.with_branch(plain, flat.keywords["if"])
        return self._schemas.with_branch(met, words.get("then"))

    def _by_type(self, flat: Flat, name: str, depth: int) -> Json:
        kinds = [kind for kind in flat.types if kind != "null"] or [_implied_type(flat.keywords)]
        match kinds[0] if self._attempt == 0 else self._random.choice(kinds):
            case "object":
                return self._object(flat, depth)
            case "array":
                return self._list(flat, name, depth)
            case "integer":
                return number_within(flat.keywords, self._random, whole=True)
            case "number":
                return number_within(flat.keywords, self._random, whole=False)
            case "boolean":
                return self._random.random() < 0.5
            case "null":
                return None
            case _:
                return text_within(flat.keywords, name, self._random)

    def _object(self, flat: Flat, depth: int) -> Json:
        words, required = flat.keywords, set(flat.required)
        made: Tree = {}
        spare: list[tuple[str, Flat]] = []
        for name, schema in flat.properties.items():
            sub = self._schemas.flat(schema)
            if self._is_withheld(sub):
                continue
            if name in required or self._is_sensible(name, sub, depth):
                made[name] = self._of(sub, name, depth + 1)
            else:
                spare.append((name, sub))
        if not made and not depth and self._attempt < _PLAIN_FROM:
            plain = [(name, sub) for name, sub in spare if _is_scalar(sub) and not is_id(name)]
            objects = [(name, sub) for name, sub in spare if "object" in sub.types]
            if not plain and len(objects) == 1:  # an envelope, like {"data": {…}}
                made = {name: self._of(sub, name, 0) for name, sub in objects}
            made |= {name: self._of(sub, name, 1) for name, sub in plain[:_UNASKED]}
            spare = [(name, sub) for name, sub in spare if name not in made]
        for name in [*flat.required, *self._dependents(words, made)]:
            schema = flat.properties.get(name, self._schema_of_more(flat, name))
            if name not in made and not self._is_withheld(self._schemas.flat(schema)):
                made[name] = self.value(schema, name, depth + 1)
        self._fill_up(made, spare, flat, depth)
        most = number(words.get("maxProperties"))
        surplus = [name for name in made if name not in required]
        while most is not None and len(made) > most and surplus:
            del made[surplus.pop()]
        return made

    def _is_withheld(self, flat: Flat) -> bool:
        return flat.keywords.get("readOnly" if self._sending else "writeOnly") is True

    def _is_sensible(self, name: str, flat: Flat, depth: int) -> bool:
        """Whether an optional property is worth sending: the document gives an example, or it is
        what a person would fill in. References to other things are not: they would lead nowhere."""
        if self._attempt >= _PLAIN_FROM or depth > _MAX_OPTIONAL_DEPTH or is_id(name):
            return False
        words = flat.keywords
        if words.get("deprecated") is True:
            return False
        return "examples" in words or (depth == 0 and name.lower() in _TELLING and _is_scalar(flat))

    def _dependents(self, words: Tree, made: Tree) -> list[str]:
        rules = tree(words.get("dependentRequired"))
        return [name for owner in rules if owner in made for name in texts(rules[owner])]

    def _fill_up(self, made: Tree, spare: list[tuple[str, Flat]], flat: Flat, depth: int) -> None:
        """Up to `minProperties`; an object that is a map gets one entry."""
        words = flat.keywords
        least = min(number(words.get("minProperties")) or 0, _MAX_ITEMS)
        for name, sub in spare:
            if len(made) >= least:
                return
            made[name] = self._of(sub, name, depth + 1)
        more = words.get("additionalProperties")
        is_map = not flat.properties and isinstance(more, dict) and bool(more)
        wanted = max(least, 1 if is_map and depth < _MAX_LIST_DEPTH else 0)
        for _ in range(2 * _MAX_ITEMS):
            if len(made) >= wanted or more is False:
                return
            key = self._key(words)
            if key not in made:
                made[key] = self.value(self._schema_of_more(flat, key), key, depth + 1)

    def _key(self, words: Tree) -> str:
        rule = dict(self._schemas.flat(words.get("propertyNames")).keywords)
        patterns = list(tree(words.get("patternProperties")))
        if patterns and "pattern" not in rule:
            rule["pattern"] = patterns[0]
        allowed = texts(rule.get("enum"))
        return self._random.choice(allowed) if allowed else text_within(rule, "", self._random)

    def _schema_of_more(self, flat: Flat, name: str) -> Json:
        """Of a property that is not declared by its name."""
        found = schemas_of(name, flat)
        return found[0] if len(found) == 1 else {"allOf": found}

    def _list(self, flat: Flat, name: str, depth: int) -> Json:
        words = flat.keywords
        first = listing(words.get("prefixItems"))
        least = int(min(number(words.get("minItems")) or 0, _MAX_ITEMS))
        if "contains" in words:
            least = max(least, int(min(number(words.get("minContains", 1)) or 0, _MAX_ITEMS)))
        usual = 1 if depth < _MAX_LIST_DEPTH and self._left > 0 else 0
        count = max(least, usual, len(first))
        most = number(words.get("maxItems"))
        if most is not None:
            count = int(min(count, most))
        made: list[Json] = []
        for position in range(count):
            schema = first[position] if position < len(first) else words.get("items")
            if position >= len(first) and schema is False:
                break
            if "contains" in words:
                schema = {"allOf": [schema, words["contains"]]}
            made.append(self._entry(schema, name, made, words.get("uniqueItems") is True, depth))
        return made

    def _entry(self, schema: Json, name: str, made: list[Json], unlike: bool, depth: int) -> Json:
        """One entry of a list, other than those before it if they must be `unlike`."""
        entry = self.value(schema, name, depth + 1)
        for _ in range(20):
            if not unlike or not has_twins([*made, entry]):
                break
            entry = self._other(schema, name, depth)
        return entry

    def _other(self, schema: Json, name: str, depth: int) -> Json:
        """Without the document's examples, which would be the same once more."""
        maker = _Maker(self._schemas, self._random, _PLAIN_FROM + 2, self._sending)
        return maker.value(schema, name, depth + 1)


def _is_scalar(flat: Flat) -> bool:
    kinds = [kind for kind in flat.types if kind != "null"]
    return bool(kinds) and not {"object", "array"} & set(kinds)


def _implied_type(words: Tree) -> str:
    """The type that keywords make sense for, where none is said."""
    if {"properties", "required", "additionalProperties", "minProperties"} & words.keys():
        return "object"
    if {"items", "prefixItems", "minItems", "contains"} & words.keys():
        return "array"
    if {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"} & words.keys():
        return "number"
    return "string"
