"""The operation by which users log in, if the document has one: it takes a password, and answers
with a token (or, told by its name alone, sets a cookie).

    POST /login {name, password} ─► {token, user}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from perfwright.model.journey import (
    Call,
    DataFile,
    Expectation,
    Extraction,
    FromData,
    Value,
    Var,
    Variable,
)
from perfwright.model.json_pointer import pointer_to
from perfwright.sources.openapi.calls import body_of, request_of
from perfwright.sources.openapi.examples import Examples
from perfwright.sources.openapi.formats import plausible
from perfwright.sources.openapi.naming import snake, words_of
from perfwright.sources.openapi.operations import Operation, Payload
from perfwright.sources.openapi.schemas import Flat, Schemas
from perfwright.sources.openapi.trees import Json, tree

ACCOUNTS = "accounts"
_ROWS = 5
_NAMES = {"login", "signin", "token", "tokens", "auth", "authenticate", "session", "sessions", "in"}
_NOT_NAMES = {"register", "signup", "reset", "forgot", "change", "refresh", "up", "logout", "out"}
_PASSWORDS = {"password", "passwd", "passphrase", "pin", "pwd"}
_TOKENS = (
    ("access", "token"), ("token",), ("jwt",), ("id", "token"), ("auth", "token"),
    ("bearer", "token"), ("session", "token"), ("api", "token"), ("access",),
)  # fmt: skip
_MAX_DEPTH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """`token`: the variable that its answer fills, "" where it sets a cookie instead."""

    operation: Operation
    call: Call
    token: str
    variables: tuple[Variable, ...]
    data: DataFile


def find_login(
    operations: Sequence[Operation], base: str, schemas: Schemas, examples: Examples
) -> Login | None:
    best: tuple[int, Operation, str | None] | None = None
    for one in operations:
        rank, pointer = _rank(one, schemas)
        if rank and (best is None or rank > best[0]):
            best = (rank, one, pointer)
    if best is None:
        return None
    return _login(best[1], best[2], base, schemas, examples)


def plain_accounts(columns: Sequence[str]) -> tuple[tuple[Variable, ...], DataFile]:
    """Made-up accounts where no schema says how they look, and a variable for each column."""
    randoms = [Random(f"account {number}") for number in range(_ROWS)]
    rows = tuple(tuple(plausible(name, random) for name in columns) for random in randoms)
    return _variables(columns), _accounts(columns, rows)


def is_logout(operation: Operation) -> bool:
    words = set(words_of(operation.path.rpartition("/")[2])) | set(words_of(operation.id))
    return bool({"logout", "signout", "logoff"} & words) or {"log", "out"} <= words


def _rank(one: Operation, schemas: Schemas) -> tuple[int, str | None]:
    """How much it is a login (0: it is none), and where its answer has the token."""
    if one.method != "POST" or one.body is None or one.path_parameters or one.deprecated:
        return 0, None
    properties = schemas.flat(one.body.schema).properties
    if not any(set(words_of(name)) & _PASSWORDS for name in properties):
        return 0, None
    words = {*words_of(one.path), *words_of(one.id)}
    if words & _NOT_NAMES:
        return 0, None
    pointer = _token_in(schemas.flat(one.answer.schema if one.answer else None), schemas, 0)
    named = bool(words & _NAMES)
    if pointer is None:
        return (1, None) if named and {"login", "signin"} & words else (0, None)
    return 2 + named + (not one.security or {} in one.security), pointer


def _token_in(flat: Flat, schemas: Schemas, depth: int) -> str | None:
    by_words = {words_of(name): name for name in reversed(flat.properties)}
    for words in _TOKENS:
        name = by_words.get(words)
        if name is None:
            continue
        inside = schemas.flat(flat.properties[name])
        if not {"object", "array", "boolean"} & set(inside.types):
            return pointer_to((name,))
    for name, schema in flat.properties.items() if depth < _MAX_DEPTH else ():
        inner = _token_in(schemas.flat(schema), schemas, depth + 1)
        if inner is not None:
            return pointer_to((name,)) + inner
    return None


def _login(
    one: Operation, pointer: str | None, base: str, schemas: Schemas, examples: Examples
) -> Login:
    payload = one.body
    assert payload is not None
    rows = [_account(payload, examples, number) for number in range(_ROWS)]
    columns = [name for name, value in rows[0].items() if isinstance(value, str) and value]
    columns = [name for name in columns if not _is_fixed(payload, name, schemas)]
    variables = _variables(columns)
    named = zip(columns, variables, strict=True)
    body: dict[str, Value] = {**rows[0], **{name: Var(one.name) for name, one in named}}
    written, headers = body_of(payload, body, schemas)
    parts = request_of(one, base, {})
    return Login(
        operation=one,
        token="token" if pointer else "",
        variables=variables,
        data=_accounts(
            columns, tuple(tuple(str(row.get(name, "")) for name in columns) for row in rows)
        ),
        call=Call(
            name=one.name,
            method=one.method,
            url=parts.url,
            headers=headers,
            body=written,
            extracts=(Extraction("token", "json", pointer),) if pointer else (),
            expects=_logged_in(one),
            comment=one.summary[:200],
        ),
    )


def _variables(columns: Sequence[str]) -> tuple[Variable, ...]:
    return tuple(
        Variable(f"account_{snake(name)}", FromData(ACCOUNTS, snake(name))) for name in columns
    )


def _accounts(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> DataFile:
    return DataFile(
        name=ACCOUNTS, columns=tuple(map(snake, columns)), rows=rows, order="sequential"
    )


def _account(payload: Payload, examples: Examples, number: int) -> dict[str, Json]:
    made = dict(tree(examples.value(payload.schema, place=f"account {number}")))
    if "form" in payload.media_type:
        made["grant_type"] = "password"
    return made


def _is_fixed(payload: Payload, name: str, schemas: Schemas) -> bool:
    words = schemas.flat(schemas.flat(payload.schema).properties.get(name)).keywords
    return name == "grant_type" or "enum" in words or "const" in words or "pattern" in words


def _logged_in(one: Operation) -> tuple[Expectation, ...]:
    statuses = tuple(answer.status for answer in one.answers if answer.status is not None)
    return (Expectation("logged in", "status", statuses),) if statuses else ()
