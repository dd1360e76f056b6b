"""Lays one journey: operation after operation, each with its parameters filled.

A parameter is filled by the first of these that can:

    1  a link of an answer to this operation (https://spec.openapis.org/oas/v3.1.0#link-object)
    2  what this journey already knows: `{userId}` of `/users/{userId}/orders` is that of
       `/users/{userId}`, wherever it came from
    3  the collection before it: an answer of POST /users or GET /users holds the key, or the body
       of POST /users does
    4  a resource elsewhere of the parameter's name: `petId` is the key of `/pets`
    5  the document's examples or made values (`given.py`)

2 to 4 lay the operation that produces first, and so its own parents; the chain is bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from perfwright.model.journey import Body, Call, Extraction, Value, Var
from perfwright.model.json_pointer import value_at
from perfwright.sources.drafting.names import Names
from perfwright.sources.openapi.api import Api
from perfwright.sources.openapi.bodies import Filling, body_value
from perfwright.sources.openapi.calls import body_of, request_of
from perfwright.sources.openapi.checks import checks_of
from perfwright.sources.openapi.expressions import Found, expression_of
from perfwright.sources.openapi.naming import is_id, snake, thing_of, words_of
from perfwright.sources.openapi.operations import Operation, Parameter
from perfwright.sources.openapi.pointers import ANY_ENTRY, pointer_to_key
from perfwright.sources.openapi.resources import Resource, key_of
from perfwright.sources.openapi.servers import server_of
from perfwright.sources.openapi.trees import Json, listing

MAX_CALLS = 24
_MAX_CHAIN = 6
_LAST_SEGMENT = r"([^/?#]+)/?(?:[?#].*)?$"
_QUESTIONS = ("q", "query", "search", "term", "keyword", "keywords")
"""Optional parameters that are sent nevertheless, where the document has examples."""


@dataclass(slots=True)
class Step:
    """An operation with its values; what later steps take out of its answer is added to it."""

    operation: Operation
    arguments: Mapping[tuple[str, str], Value]
    body: Value
    extracts: dict[str, Extraction] = field(default_factory=dict)


class Laying:
    """`steps`: laid so far, in order."""

    def __init__(self, api: Api) -> None:
        self.steps: list[Step] = []
        self._api = api
        self._known: dict[str, Value] = {}
        self._names = Names()
        self._open: list[str] = []

    def lay(self, operation: Operation) -> Step | None:
        """Adds the operation, and before it what it needs. None: it can't be, for the chain of what
        it needs would be too long or comes back to itself, or the journey is full."""
        for step in self.steps:
            if step.operation is operation:
                return step
        if operation.name in self._open or len(self._open) >= _MAX_CHAIN:
            return None
        if len(self.steps) >= MAX_CALLS or operation.name not in self._api.usable:
            return None
        self._open.append(operation.name)
        arguments: dict[tuple[str, str], Value] = {
            (one.place, one.name): value
            for one in operation.parameters
            if (value := self._argument(operation, one)) is not None
        }
        self._choose_key(operation)
        body = body_value(operation, self._api, self._filling(operation))
        self._open.pop()
        step = Step(operation, arguments, body)
        self.steps.append(step)
        return step

    def calls(self) -> tuple[Call, ...]:
        return tuple(self._call(step) for step in self.steps)

    def knows(self, key: str) -> bool:
        """Whether the thing at the end of this key is known already."""
        return key in self._known

    def made(self, operation: Operation) -> bool:
        """Whether this journey made the thing at the end of the operation's path."""
        named = operation.path_parameters[-1]
        one = next(p for p in operation.parameters if (p.place, p.name) == ("path", named))
        value = self._path_argument(operation, one)
        posts = [step for step in self.steps if step.operation.method == "POST"]
        names = {name for step in posts for name in step.extracts}
        return isinstance(value, Var) and (value.name in names or value.name.startswith("new_"))

    def _call(self, step: Step) -> Call:
        one, api = step.operation, self._api
        server = server_of(one.server, "") if one.server is not None else api.server
        own = server.origin if server.origin != api.server.origin else ""
        parts = request_of(one, f"{own}{server.path}", step.arguments)
        shown = api.security.credentials(one)
        body: Body | None = None
        headers: tuple[tuple[str, Value], ...] = ()
        if one.body is not None and (one.body.required or step.body not in (None, {})):
            body, headers = body_of(one.body, step.body, api.schemas)
        return Call(
            name=one.name,
            method=one.method,
            url=parts.url,
            params=(*parts.params, *shown.params),
            headers=(*shown.headers, *headers, *parts.headers),
            body=body,
            auth=shown.auth,
            extracts=tuple(step.extracts.values()),
            expects=checks_of(one, api.schemas),
            comment=" ".join(one.summary.split())[:200],
        )

    def _argument(self, operation: Operation, one: Parameter) -> Value:
        """None: it is left out."""
        linked = self._linked(operation, one)
        if linked is not None:
            return linked
        if one.place == "path":
            return self._path_argument(operation, one)
        words = self._api.schemas.flat(one.schema).keywords
        if not one.required and not (one.name.lower() in _QUESTIONS and one.examples):
            return None  # a filter or a page's mark of the document would find nothing
        if one.required and is_id(one.name) and (value := self._elsewhere(one)) is not None:
            return value
        fixed = {"enum", "const", "default"} & words.keys()
        if one.examples or not is_id(one.name) or fixed:
            return self._literal(operation, one)
        return self._api.given.column(snake(one.name), one)

    def _literal(self, operation: Operation, one: Parameter) -> Value:
        if one.examples:
            return one.examples[0]
        made: Value = self._api.examples.value(
            one.schema, place=f"{operation.name} {one.name}", name=one.name
        )
        return made

    def _path_argument(self, operation: Operation, one: Parameter) -> Value:
        slot = _slot(operation.path, one.name)
        if slot not in self._known:
            value = self._produced(slot, one, self._resource(slot))
            if value is None and slot.count("{}") == 1:  # of a pair, both must be of one place
                value = self._elsewhere(one)
            if value is None:
                words = self._api.schemas.flat(one.schema).keywords
                chosen = [entry for entry in listing(words.get("enum")) if entry is not None]
                value = words.get("const", chosen[0] if chosen else None)
            self._known[slot] = self._given(slot, one) if value is None else value
        return self._known[slot]

    def _given(self, slot: str, one: Parameter) -> Var:
        thing = self._resource(slot).thing if self._resource(slot) else ()
        own = words_of(one.name)
        name = "_".join((*thing, *own)) if len(own) == 1 and is_id(one.name) else snake(one.name)
        return self._api.given.column(snake(name), one)

    def _resource(self, slot: str) -> Resource:
        """Whose key the parameter at the end of `slot` is."""
        above = slot.rpartition("/")[0]
        return self._api.resources.get(above, Resource(above))

    def _produced(self, slot: str, one: Parameter, resource: Resource) -> Value:
        """By the collection that the parameter is a key of."""
        for source in (*resource.creates, *resource.lists):
            if _slot_count(source.path) >= slot.count("{}") or source.name in self._open:
                continue
            if source.method == "PUT":
                continue
            pointer = self._pointer(source, one, resource)
            echoed = self._echo(source, one)
            found = _in_answer(source, pointer)
            if (found is None and echoed is None) or (step := self.lay(source)) is None:
                continue
            if slot in self._known:  # laying it needed the very same
                return self._known[slot]
            if pointer is None and echoed is not None:
                return echoed
            assert found is not None
            return self._extracted(step, found, one.name, resource)
        return None

    def _echo(self, source: Operation, one: Parameter) -> Value:
        """A creation may take the key from its caller: the property of the body that is it."""
        if source.body is None or source.method != "POST":
            return None
        properties = self._api.schemas.flat(source.body.schema).properties
        if one.name not in properties or is_id(one.name):
            return None
        thing = snake("_".join(self._resource(_slot(source.path, "") + "/{}").thing), "thing")
        return self._api.given.key(source, thing, one.name, properties[one.name])

    def _choose_key(self, operation: Operation) -> None:
        """Of a thing whose creator names it, before its creation is written."""
        resource = self._api.resources.get(key_of(operation.path))
        if resource is None or operation not in resource.creates:
            return
        for user in (*resource.reads, *resource.updates, *resource.deletes)[:1]:
            named = user.path_parameters[-1]
            one = next(p for p in user.parameters if (p.place, p.name) == ("path", named))
            pointer = self._pointer(operation, one, resource)
            key = self._echo(operation, one) if pointer is None else None
            if key is not None:
                self._known.setdefault(resource.item_key, key)

    def _pointer(self, source: Operation, one: Parameter, resource: Resource) -> str | None:
        """Where an answer holds the key of a resource's thing."""
        schema = source.answer.schema if source.answer is not None else None
        if schema is None:
            return None
        return pointer_to_key(schema, one.name, one.schema, resource.thing, self._api.schemas)

    def _elsewhere(self, one: Parameter) -> Value:
        """By a resource of the parameter's name, if it is a name of its own."""
        thing = thing_of(one.name)
        named = self._api.by_thing.get(thing[-1:], ()) if thing else ()
        for resource in sorted(named, key=self._unknown_above):
            slot = resource.item_key
            if resource.thing[-len(thing) :] != thing or self._unknown_above(resource) > 1:
                continue
            if slot in self._known:
                return self._known[slot]
            value = self._produced(slot, one, resource)
            if value is not None:
                self._known[slot] = value
                return value
        return None

    def _unknown_above(self, resource: Resource) -> int:
        """How many things it needs that are not known yet."""
        return sum(not self.knows(above) for above in _slots_above(resource.item_key))

    def _linked(self, operation: Operation, one: Parameter) -> Value:
        for source, link in self._api.links_into.get(operation.name, ()):
            for name in (one.name, f"{one.place}.{one.name}"):
                if name not in link.parameters or source.name in self._open:
                    continue
                said = expression_of(link.parameters[name])
                step = self.lay(source) if isinstance(said, Found) else None
                if not isinstance(said, Found):
                    return said
                if step is None:
                    continue
                if said.source in ("json", "header"):
                    return self._extracted(step, said, one.name, Resource(""))
                sent = _sent(step, said)
                if sent is not None:
                    return sent
        return None

    def _extracted(self, step: Step, found: Found, parameter: str, resource: Resource) -> Var:
        for extraction in step.extracts.values():
            if (extraction.source, extraction.expression) == (found.source, found.expression):
                return Var(extraction.name)
        assert found.source in ("json", "header")
        own, thing = words_of(parameter), resource.thing
        is_told = own[: len(thing)] == thing or (bool(thing_of(parameter)) and is_id(parameter))
        named = own if is_told else (*thing, *own)
        name = self._names.new(snake("_".join(named or ("key",))), pattern="{}_{}")
        expression = found.expression
        if found.source == "json":
            listed = f"/{ANY_ENTRY}/" in expression
            step.extracts[name] = Extraction(name, "json", expression, any_entry=listed)
        else:
            pattern = _LAST_SEGMENT if expression == "Location" else ""
            step.extracts[name] = Extraction(name, "header", expression, pattern)
        return Var(name)

    def _filling(self, operation: Operation) -> Filling:
        def reference(name: str, schema: Json) -> Value:
            probe = Parameter(name=name, place="query", required=True, schema=schema)
            return self._elsewhere(probe)

        def key(name: str) -> Value:
            slot = key_of(operation.path)
            called = operation.path_parameters[-1:]
            if not slot.endswith("}"):  # PUT /pets with the id in its body
                slot, called = f"{slot}/{{}}", ()
            is_key = name in called or words_of(name) in (("id",), ("uuid",))
            return self._known.get(slot) if is_key else None

        return Filling(reference=reference, key=key)


def _in_answer(source: Operation, pointer: str | None) -> Found | None:
    """Where a key is: in the body, or at the end of the address of what was created."""
    if pointer is not None:
        return Found("json", pointer)
    if source.method == "POST" and any(answer.has_location for answer in source.answers):
        return Found("header", "Location")
    return None


def _sent(step: Step, said: Found) -> Value:
    """What the step sent itself: `$request.path.id`, `$request.body#/id`."""
    if said.source == "body":
        try:
            value: Value = value_at(step.body, said.expression)
        except LookupError:
            return None
        return value
    return step.arguments.get((said.source, said.expression))


def _slot(path: str, name: str) -> str:
    """The key of a path up to one of its parameters."""
    kept = []
    for part in path.split("/"):
        kept.append(part)
        if f"{{{name}}}" in part:
            break
    return key_of("/".join(kept))


def _slot_count(path: str) -> int:
    return key_of(path).count("{}")


def _slots_above(slot: str) -> list[str]:
    parts = slot.split("/")[:-1]
    return ["/".join(parts[: n + 1]) for n, part in enumerate(parts) if "{}" in part]
