"""The operations of a document as records, with every reference followed.

https://spec.openapis.org/oas/v3.1.0#operation-object. What is malformed is left out, and a note
says so; nothing here fails for what a document holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from perfwright.sources.openapi.naming import is_id
from perfwright.sources.openapi.notes import Notes
from perfwright.sources.openapi.references import References
from perfwright.sources.openapi.trees import Json, Tree, listing, text, texts, tree, trees

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
Place = Literal["path", "query", "header", "cookie"]
PLACES = get_args(Place)
_TEMPLATE = re.compile(r"\{([^{}]*)\}")
_NOT_PARAMETERS = ("accept", "content-type", "authorization")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """`examples`: those the document gives, outside of the schema. `as_json`: it is sent as JSON.
    `style`, `explode`: how lists and objects are written."""

    name: str
    place: Place
    required: bool
    schema: Json
    examples: tuple[Json, ...] = ()
    style: str = ""
    explode: bool = True
    as_json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The body of a request, in the media type that suits us best."""

    media_type: str
    schema: Json
    examples: tuple[Json, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What an answer says about another operation: which of its parameters it fills, by runtime
    expressions like `$response.body#/id`."""

    operation_id: str
    reference: str
    parameters: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A documented success. `schema`: None where it has no JSON body. `has_location`: its header
    says where the new thing is."""

    status: int | None
    schema: Json
    has_location: bool
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`path`: the template, without the server's own path. `server`: its own, if it has one."""

    method: str
    path: str
    id: str
    tag: str
    summary: str
    parameters: tuple[Parameter, ...]
    body: Payload | None
    answers: tuple[Answer, ...]
    security: tuple[Mapping[str, tuple[str, ...]], ...]
    deprecated: bool = False
    server: Json = None

    @property
    def name(self) -> str:
        """`GET /pets/{petId}`: it is unique in a document."""
        return f"{self.method} {self.path}"

    @property
    def answer(self) -> Answer | None:
        """The success to reckon with: the first that has a JSON body, else the first."""
        with_body = (answer for answer in self.answers if answer.schema is not None)
        return next(with_body, self.answers[0] if self.answers else None)

    @property
    def path_parameters(self) -> tuple[str, ...]:
        return tuple(_TEMPLATE.findall(self.path))


def read_operations(root: Tree, references: References, notes: Notes) -> tuple[Operation, ...]:
    """In the document's order."""
    reader = _Reader(root, references, notes)
    if root.get("webhooks"):
        notes.add("Webhooks are requests that the API makes; a load test of it makes none of them.")
    return tuple(reader.operations())


class _Reader:
    def __init__(self, root: Tree, references: References, notes: Notes) -> None:
        self._root = root
        self._references = references
        self._notes = notes

    def operations(self) -> Iterator[Operation]:
        for path, item in tree(self._root.get("paths")).items():
            if path.startswith("x-"):
                continue
            found = tree(self._references.follow(item))
            if not path.startswith("/") or not found:
                self._notes.of("Paths that are none, or hold nothing, are left out", path)
                continue
            if isinstance(item, dict) and "$ref" in item:
                found = {**found, **{key: item[key] for key in item if key != "$ref"}}
            for method in found:
                if method.lower() in METHODS and isinstance(found[method], dict):
                    yield self._operation(path, method, found)
                elif method.lower() == "trace":
                    self._notes.of("TRACE is nothing to put load on; left out", path)

    def _operation(self, path: str, method: str, item: Tree) -> Operation:
        said = tree(item[method])
        name = f"{method.upper()} {path}"
        if said.get("callbacks"):
            self._notes.of("Callbacks are requests that the API makes; not waited for", name)
        security = said.get("security", self._root.get("security"))
        tags = texts(said.get("tags"))
        servers = trees(said.get("servers")) or trees(item.get("servers"))
        return Operation(
            method=method.upper(),
            path=path,
            id=text(said.get("operationId")),
            tag=tags[0] if tags else "",
            summary=text(said.get("summary")),
            parameters=tuple(self._parameters(path, item, said, name)),
            body=self._payload(said.get("requestBody")),
            answers=tuple(self._answers(said)),
            security=tuple(
                {scheme: tuple(texts(scopes)) for scheme, scopes in demand.items()}
                for demand in trees(security)
            ),
            deprecated=said.get("deprecated") is True,
            server=servers[0] if servers else None,
        )

    def _parameters(self, path: str, item: Tree, said: Tree, name: str) -> Iterator[Parameter]:
        in_path = _TEMPLATE.findall(path)
        found: dict[tuple[str, str], Parameter] = {}
        for given in [*listing(item.get("parameters")), *listing(said.get("parameters"))]:
            one = self._parameter(tree(self._references.follow(given)))
            if one is None:
                self._notes.of("Parameters without a name or place are left out", name)
            elif one.place == "path" and one.name not in in_path:
                self._notes.of("Path parameters that their path lacks are left out", name)
            elif one.place != "header" or one.name.lower() not in _NOT_PARAMETERS:
                found[one.place, one.name] = one
        for own in dict.fromkeys(in_path):
            declared = found.pop(("path", own), None)
            if declared is None:
                kinds: list[Json] = ["integer", "string"] if is_id(own) else ["string"]
                declared = Parameter(name=own, place="path", required=True, schema={"type": kinds})
                self._notes.of("Path parameters that are not declared are taken for plain", name)
            yield declared
        yield from found.values()

    def _parameter(self, said: Tree) -> Parameter | None:
        name, place = text(said.get("name")), text(said.get("in"))
        if not name or place not in PLACES:
            return None
        content = tree(said.get("content"))
        schema = said.get("schema")
        examples = self._examples(said)
        if content:
            media = tree(next(iter(content.values())))
            schema, examples = media.get("schema"), [*examples, *self._examples(media)]
        style = text(said.get("style"), "form" if place in ("query", "cookie") else "simple")
        explode = said.get("explode")
        return Parameter(
            name=name,
            place=cast(Place, place),
            required=said.get("required") is True or place == "path",
            schema=schema,
            examples=tuple(examples),
            style=style,
            explode=explode if isinstance(explode, bool) else style == "form",
            as_json=any("json" in media_type for media_type in content),
        )

    def _payload(self, said: Json) -> Payload | None:
        body = tree(self._references.follow(said))
        content = tree(body.get("content"))
        if not content:
            return None
        media_type = min(content, key=_rank)
        media = tree(content[media_type])
        return Payload(
            media_type=media_type,
            schema=media.get("schema"),
            examples=tuple(self._examples(media)),
            required=body.get("required") is True,
        )

    def _answers(self, said: Tree) -> Iterator[Answer]:
        """Of the successes; `default` stands in where none is documented."""
        responses = tree(said.get("responses"))
        good = [status for status in responses if status[:1] in ("2", "3")]
        for status in sorted(good) or (["default"] if "default" in responses else []):
            response = tree(self._references.follow(responses[status]))
            content = tree(response.get("content"))
            media_type = min(content, key=_rank, default="")
            schema = tree(content.get(media_type)).get("schema", {})
            is_told = _is_json(media_type) and status != "default"
            yield Answer(
                status=int(status) if status.isdecimal() and len(status) == 3 else None,
                schema=schema if is_told else None,
                has_location=any(
                    name.lower() == "location" for name in tree(response.get("headers"))
                ),
                links=tuple(self._links(response)),
            )

    def _links(self, response: Tree) -> Iterator[Link]:
        for given in tree(response.get("links")).values():
            said = tree(self._references.follow(given))
            yield Link(
                operation_id=text(said.get("operationId")),
                reference=text(said.get("operationRef")),
                parameters=tree(said.get("parameters")),
            )

    def _examples(self, said: Tree) -> list[Json]:
        found = [said["example"]] if "example" in said else []
        for given in tree(said.get("examples")).values():
            example = tree(self._references.follow(given))
            if "value" in example:
                found.append(example["value"])
        return found


def _is_json(media_type: str) -> bool:
    plain = media_type.partition(";")[0].strip().lower()
    return plain in ("application/json", "*/*", "application/*") or plain.endswith("+json")


_RANKS = ("application/json", "+json", "x-www-form-urlencoded", "form-data", "text/", "xml")


def _rank(media_type: str) -> int:
    plain = media_type.partition(";")[0].strip().lower()
    for rank, known in enumerate(_RANKS):
        if known in plain:
            return rank
    return 0 if plain == "*/*" else len(_RANKS)
