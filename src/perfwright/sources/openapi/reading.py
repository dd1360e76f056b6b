"""Reads an OpenAPI document: the one door of this room.

    bytes ─► value ─► (Swagger 2.0 as 3.0) ─► operations ─► resources ─► journeys ─► ScenarioDraft

OpenAPI 3.0 (https://spec.openapis.org/oas/v3.0.3), 3.1 (https://spec.openapis.org/oas/v3.1.0) and
Swagger 2.0, as JSON or YAML. Fails with DataError: no such document, or nothing in it to do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from perfwright.model.errors import DataError
from perfwright.model.journey import DraftLoad, LoadPart, ScenarioDraft
from perfwright.sources.openapi.api import Api, by_thing, links_of
from perfwright.sources.openapi.bodies import UNIQUE
from perfwright.sources.openapi.examples import Examples
from perfwright.sources.openapi.given import Given
from perfwright.sources.openapi.journeys import journeys_of
from perfwright.sources.openapi.loading import parse_document, read_bytes
from perfwright.sources.openapi.login import Login, find_login, is_logout
from perfwright.sources.openapi.notes import Notes, shown
from perfwright.sources.openapi.oauth import token_operations
from perfwright.sources.openapi.operations import Operation, read_operations
from perfwright.sources.openapi.references import References
from perfwright.sources.openapi.remote import fetch
from perfwright.sources.openapi.resources import resources_of
from perfwright.sources.openapi.schemas import Schemas
from perfwright.sources.openapi.security import Security, wants_token
from perfwright.sources.openapi.servers import read_server
from perfwright.sources.openapi.swagger import as_openapi
from perfwright.sources.openapi.trees import Json, Tree, text, tree

_HEAD_BYTES = 64 * 1024
_SAYS_SO = re.compile(
    rb"""(?:^|[{,\s])["']?(?:openapi["']?\s*:\s*["']?3\.|swagger["']?\s*:\s*["']?2\.0)"""
)
_SAYS_LATER = re.compile(rb"""^\s*\{\s*["'](?:components|paths|definitions)["']\s*:\s*\{""")
_OF_THE_API_ITSELF = frozenset({
    "health", "healthz", "healthcheck", "livez", "readyz", "readiness", "liveness", "metrics",
    "openapi.json", "openapi.yaml", "swagger.json", "swagger.yaml", "docs", "redoc",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenApiOptions:
    """`only`: tags, or beginnings of paths ("/pets"); none: all. `allow_remote`: follow references
    to other hosts. `address`: where the document was fetched, or ""; relative servers and
    references count from there."""

    only: tuple[str, ...] = ()
    allow_remote: bool = False
    address: str = ""
    seed: int = 1


DEFAULTS = OpenApiOptions()


def is_openapi(head: bytes) -> bool:
    """Whether a file that begins so is an OpenAPI or Swagger document."""
    head = head[:_HEAD_BYTES]
    return bool(_SAYS_SO.search(head) or _SAYS_LATER.match(head))


def read_openapi(source: Path | bytes, *, options: OpenApiOptions = DEFAULTS) -> ScenarioDraft:
    """DataError names what is wrong with the document, and where."""
    name = str(source) if isinstance(source, Path) else options.address or "document"
    content = read_bytes(source) if isinstance(source, Path) else source
    home: Path | str | None = options.address or None
    if isinstance(source, Path):
        home = source.resolve().parent
    try:
        return _draft(content, name, home, options)
    except RecursionError:
        raise DataError(f"{name}: nested too deep to be read") from None


def _draft(
    content: bytes, name: str, home: Path | str | None, options: OpenApiOptions
) -> ScenarioDraft:
    notes = Notes()
    loaded = parse_document(content, name)
    for key in loaded.twice:
        notes.of("Keys that stand twice in a mapping; the last counts", key)
    root = _document(loaded.value, name)
    references = References(
        root, home=home, fetch=fetch if options.allow_remote else None, notes=notes
    )
    operations = _chosen(read_operations(root, references, notes), options.only, name)
    api = _api(root, operations, references, options, notes)
    journeys = journeys_of(api, chosen=bool(options.only))
    if not journeys:
        why = "; ".join(notes.told())[:600]
        raise DataError(f"{name}: no operation of the document can be made a journey of. {why}")
    notes.add("Weights and think times are guesses: the document tells nothing about usage.")
    accounts = api.security.accounts
    return ScenarioDraft(
        title=" ".join(text(tree(root.get("info")).get("title")).split())[:200] or "An API",
        sources=(name,),
        target=api.server.origin,
        journeys=journeys,
        user_start=tuple(api.security.user_start),
        variables=(*api.security.variables.values(), *api.given.variables(), UNIQUE),
        data=(*api.given.data(), *([accounts] if accounts is not None else [])),
        load=DraftLoad(
            kind="users",
            parts=(LoadPart(to=5, over_s=5, hold_s=25),),
            why="A first, small load: the document tells nothing about usage.",
        ),
        slos=("errors < 1%", "checks > 99%"),
        notes=notes.told(),
    )


def _document(value: Json, name: str) -> Tree:
    """The root, in OpenAPI 3's words."""
    root = tree(value)
    version = root.get("openapi", root.get("swagger"))
    said = str(version) if isinstance(version, (str, int, float)) else ""
    if said.startswith("2"):
        return as_openapi(root)
    if not said.startswith("3"):
        what = f"its version is {shown(said)!r}" if said else "it has no field `openapi`"
        raise DataError(f"{name}: no OpenAPI document: {what}; versions 3.0, 3.1 and 2.0 are read")
    return root


def _chosen(
    operations: Sequence[Operation], only: Sequence[str], name: str
) -> tuple[Operation, ...]:
    if not operations:
        raise DataError(f"{name}: the document has no operations: `paths` is empty or missing")
    if not only:
        return tuple(operations)
    kept = tuple(
        one
        for one in operations
        if one.tag in only or any(wish[:1] == "/" and one.path.startswith(wish) for wish in only)
    )
    if not kept:
        tags = ", ".join(sorted({shown(one.tag) for one in operations if one.tag})[:40])
        raise DataError(
            f"{name}: only={', '.join(only)} chooses none of {len(operations):,} operations; give "
            f"a path's beginning like /pets, or a tag: {tags or 'the document has none'}"
        )
    return kept


def _api(
    root: Tree,
    operations: tuple[Operation, ...],
    references: References,
    options: OpenApiOptions,
    notes: Notes,
) -> Api:
    schemas = Schemas(references)
    examples = Examples(schemas, seed=options.seed, notes=notes)
    server = read_server(root, options.address, notes)
    schemes = tree(tree(root.get("components")).get("securitySchemes"))
    followed: Tree = {name: references.follow(scheme) for name, scheme in schemes.items()}
    login: Login | None = None
    at_start: set[str] = set()
    if any(wants_token(one, followed) for one in operations):
        login = find_login(operations, server.path, schemas, examples)
        at_start.update(token_operations(operations, followed, server))
        at_start.update([login.operation.name] if login is not None else [])
    usable = frozenset(_usable(operations, notes)) - at_start
    resources = resources_of(operations, schemas)
    return Api(
        server=server,
        schemas=schemas,
        examples=examples,
        security=Security(followed, server, login, notes),
        given=Given(schemas, examples, notes),
        notes=notes,
        resources={one.key: one for one in resources},
        by_thing=by_thing(resources),
        links_into=links_of(operations),
        usable=usable,
    )


def _usable(operations: Sequence[Operation], notes: Notes) -> list[str]:
    kept = []
    for one in operations:
        if one.deprecated:
            notes.of("Left out, since they are deprecated", one.name)
        elif (
            one.method == "GET"
            and not one.path_parameters
            and one.path.rpartition("/")[2].lower() in _OF_THE_API_ITSELF
        ):
            notes.of("Left out, since they watch or describe the API itself", one.name)
        elif is_logout(one):
            notes.of("Left out, since they would end a login that other steps need", one.name)
        else:
            kept.append(one.name)
    return kept
