"""Swagger 2.0 (https://swagger.io/specification/v2/) said in OpenAPI 3.0's words.

    host, basePath, schemes            servers
    definitions, parameters, …         components, and every `$ref` to them
    in: body, in: formData             requestBody
    type, format, … of a parameter     its schema; collectionFormat ─► style, explode
    produces, response.schema          response.content
    securityDefinitions                securitySchemes

Only what this room reads is carried over.
"""

from __future__ import annotations

from perfwright.sources.openapi.trees import (
    Json,
    Tree,
    listing,
    text,
    texts,
    tree,
    with_references,
)

_PLACES = {
    "#/definitions/": "#/components/schemas/",
    "#/parameters/": "#/components/parameters/",
    "#/responses/": "#/components/responses/",
}
_STYLES: dict[str, tuple[str, bool]] = {
    "csv": ("form", False), "multi": ("form", True),
    "ssv": ("spaceDelimited", False), "pipes": ("pipeDelimited", False),
}  # fmt: skip
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch"})
_FLOWS = {
    "implicit": "implicit", "password": "password", "application": "clientCredentials",
    "accessCode": "authorizationCode",
}  # fmt: skip
_NOT_SCHEMA = frozenset({
    "name", "in", "required", "description", "collectionFormat", "allowEmptyValue", "x-example",
})  # fmt: skip


def as_openapi(root: Tree) -> Tree:
    moved = tree(with_references(root, _moved))
    parameters = tree(moved.get("parameters"))
    reader = _Reader(parameters, texts(moved.get("consumes")), texts(moved.get("produces")))
    made: Tree = {
        "openapi": "3.0.3",
        "info": moved.get("info"),
        "servers": _servers(moved),
        "paths": {
            path: reader.path_item(tree(item)) for path, item in tree(moved.get("paths")).items()
        },
        "components": {
            "schemas": moved.get("definitions"),
            "parameters": {name: _parameter(tree(one)) for name, one in parameters.items()},
            "responses": {
                name: reader.response(tree(one), reader.produces)
                for name, one in tree(moved.get("responses")).items()
            },
            "securitySchemes": {
                name: _scheme(tree(one))
                for name, one in tree(moved.get("securityDefinitions")).items()
            },
        },
    }
    if "security" in moved:
        made["security"] = moved["security"]
    return made


def _moved(reference: str) -> str:
    """To where things are in OpenAPI 3."""
    for old, new in _PLACES.items():
        if reference.startswith(old):
            return new + reference.removeprefix(old)
    return reference


def _servers(root: Tree) -> list[Json]:
    host, base = text(root.get("host")), text(root.get("basePath"), "/")
    schemes = texts(root.get("schemes")) or ["https"]
    scheme = "https" if "https" in schemes else schemes[0]
    return [{"url": f"{scheme}://{host}{base}" if host else base}]


class _Reader:
    """`consumes`, `produces`: media types where an operation names none of its own."""

    def __init__(self, parameters: Tree, consumes: list[str], produces: list[str]) -> None:
        self._parameters = parameters
        self._consumes = consumes
        self.produces = produces

    def path_item(self, item: Tree) -> Tree:
        made: Tree = {}
        shared = listing(item.get("parameters"))
        for key, said in item.items():
            if key in _METHODS:
                made[key] = self._operation(tree(said), shared)
            elif key != "parameters":
                made[key] = said
        return made

    def _operation(self, said: Tree, shared: list[Json]) -> Tree:
        body: Tree = {}
        fields: list[Tree] = []
        plain: list[Json] = []
        for given in [*shared, *listing(said.get("parameters"))]:
            one = self._followed(tree(given))
            match one.get("in"):
                case "body":
                    body = one
                case "formData":
                    fields.append(one)
                case _:
                    plain.append(_parameter(one))
        made = {key: said[key] for key in said if key not in ("parameters", "responses")}
        made["parameters"] = plain
        consumes = texts(said.get("consumes")) or self._consumes
        produces = texts(said.get("produces")) or self.produces
        if body:
            kinds = consumes or ["application/json"]
            media: Tree = {"schema": body.get("schema")}
            made["requestBody"] = {
                "required": body.get("required") is True,
                "content": dict.fromkeys(kinds, media),
            }
        elif fields:
            made["requestBody"] = _form(fields, consumes)
        made["responses"] = {
            status: self.response(tree(one), produces)
            for status, one in tree(said.get("responses")).items()
        }
        return made

    def _followed(self, given: Tree) -> Tree:
        reference = text(given.get("$ref"))
        if reference.startswith("#/components/parameters/"):
            return tree(self._parameters.get(reference.rpartition("/")[2]))
        return given

    def response(self, said: Tree, produces: list[str]) -> Tree:
        if "schema" not in said:
            return said
        kinds = produces or ["application/json"]
        media: Tree = {"schema": said["schema"]}
        return {**said, "content": dict.fromkeys(kinds, media)}


def _parameter(said: Tree) -> Tree:
    if "$ref" in said or "schema" in said:
        return said
    style, explode = _STYLES.get(text(said.get("collectionFormat"), "csv"), ("form", False))
    in_query = said.get("in") == "query"
    made: Tree = {
        "name": said.get("name"),
        "in": said.get("in"),
        "required": said.get("required"),
        "schema": {key: value for key, value in said.items() if key not in _NOT_SCHEMA},
        "style": style if in_query else "simple",
        "explode": explode,
    }
    if "x-example" in said:
        made["example"] = said["x-example"]
    return made


def _form(fields: list[Tree], consumes: list[str]) -> Tree:
    properties: Tree = {}
    for one in fields:
        properties[text(one.get("name"))] = tree(_parameter(one)).get("schema")
    required: list[Json] = [one.get("name") for one in fields if one.get("required") is True]
    has_file = any(one.get("type") == "file" for one in fields)
    kind = "multipart/form-data" if has_file else "application/x-www-form-urlencoded"
    if "multipart/form-data" in consumes and "application/x-www-form-urlencoded" not in consumes:
        kind = "multipart/form-data"
    schema: Tree = {"type": "object", "properties": properties, "required": required}
    return {"required": bool(required), "content": {kind: {"schema": schema}}}


def _scheme(said: Tree) -> Tree:
    match said.get("type"):
        case "basic":
            return {"type": "http", "scheme": "basic"}
        case "oauth2":
            flow = _FLOWS.get(text(said.get("flow")), "implicit")
            return {"type": "oauth2", "flows": {flow: said}}
    return said
