"""A call of a draft as statements: the request, what is checked, what is taken out of the answer.

    answer = await user.post("/login", json={"name": name}, name="log in")
    user.check("logged in", answer.status == 200)
    token = answer.json()["token"]
    await user.gather(user.get("/logo.png"), user.get("/site.css"))

`answer` is only kept where something looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from perfwright.export.scenario_file.checks import write_checks
from perfwright.export.scenario_file.layout import (
    Atom,
    Block,
    Bracket,
    Node,
    call,
    fits,
    mapping,
    sequence,
)
from perfwright.export.scenario_file.literals import quoted, quoted_bytes
from perfwright.export.scenario_file.pointers import drawn, found_node, subscripts
from perfwright.export.scenario_file.prose import comment_lines
from perfwright.export.scenario_file.scope import Scope
from perfwright.export.scenario_file.values import (
    form_pairs,
    header_node,
    pairs_node,
    string_node,
    text_node,
    value_node,
)
from perfwright.model.journey import Body, Call, Extraction, Text, Value, Var

_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
_BODILESS = {"GET", "HEAD", "OPTIONS"}
_PLAIN_PATH = re.compile(r"(/[A-Za-z][A-Za-z_-]*|/[0-9]+)+/?|/")
"""The kernel keeps words of such a path, and folds its numbers (`step_name.rs`)."""
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_ORIGIN = re.compile(r"https?://[^/?#]+", re.IGNORECASE)


def write_call(item: Call, scope: Scope, block: Block) -> None:
    """The statements of one call and of what is fetched after it."""
    for line in comment_lines(item.comment, block.depth):
        block.line(line)
    after = Block(block.depth)
    is_looked_at = write_checks(item.expects, scope, after)
    request = _request(item, scope)
    for extraction in item.extracts:
        is_looked_at |= _extract(extraction, scope, after)
    block.statement("answer = await " if is_looked_at else "await ", request)
    block.lines.extend(after.lines)
    parallel = [one for one in item.resources if not (one.extracts or one.expects or one.resources)]
    for resource in item.resources:
        if resource not in parallel:
            write_call(resource, scope, block)
    if parallel:  # last: they may use what the others fill, and fill nothing themselves
        requests = [_request(resource, scope) for resource in parallel]
        alone = len(requests) == 1
        block.statement("await ", requests[0] if alone else call("user.gather", *requests))


def _request(item: Call, scope: Scope) -> Bracket:
    method = item.method.upper()
    url = _url(item.url, scope)
    named: dict[str, Node | None] = {
        "params": pairs_node(item.params, scope),
        "headers": _headers(item.headers, scope),
        **_body(item.body, scope),
        "auth": item.auth and sequence([header_node(part, scope) for part in item.auth], "()"),
        "expect": _expected(item.statuses),
        "name": None if _is_default_name(item, method) else string_node(item.name),
    }
    if method in _METHODS and not (item.body and method in _BODILESS):
        return call(f"user.{method.lower()}", url, **named)
    return call("user.request", Atom(quoted(method)), url, **named)


def _url(url: Text, scope: Scope) -> Node:
    """Absolute, or a path that begins with one slash: after two, a host would be read."""
    first, *rest = url.parts or ("",)
    if isinstance(first, str) and (other := _ORIGIN.match(first)):
        url = Text((Var(scope.file.other_origin(other[0])), first[other.end() :], *rest))
    elif isinstance(first, str) and not _ABSOLUTE.match(first):
        if first.startswith("//"):
            scope.file.note("paths that begin with // are sent with a single slash")
        url = Text((f"/{first.lstrip('/')}", *rest))
    return text_node(url, scope)


def _headers(headers: Sequence[tuple[str, Value]], scope: Scope) -> Node | None:
    """A dict; of a repeated name the last counts."""
    by_name = {name.lower(): (name, value) for name, value in headers}
    if not by_name:
        return None
    return mapping((name, header_node(value, scope)) for name, value in by_name.values())


def _body(body: Body | None, scope: Scope) -> dict[str, Node | None]:
    if body is None:
        return {}
    match body.kind:
        case "json":
            return {"json": value_node(body.value, scope)}
        case "form":
            return {"data": pairs_node(form_pairs(body.value), scope) or mapping(())}
        case "text":
            return {"data": header_node(body.value, scope)}
        case "multipart":
            return _multipart(body.value, scope)


def _multipart(value: Value, scope: Scope) -> dict[str, Node | None]:
    """Parts are (name, value) or (name, file name, content[, type])."""
    files: dict[str, Sequence[Value]] = {}
    for part in value if isinstance(value, Sequence) and not isinstance(value, str) else ():
        if isinstance(part, Sequence) and not isinstance(part, str) and len(part) in (3, 4):
            if str(part[0]) in files:
                scope.file.note("of several files under one field's name only the last is sent")
            files[str(part[0])] = part[1:]
    nodes = ((name, _file(parts, scope)) for name, parts in files.items())
    return {"data": pairs_node(form_pairs(value), scope), "files": mapping(nodes)}


def _file(parts: Sequence[Value], scope: Scope) -> Node:
    """(file name, content[, type])"""
    filename, content, *kind = parts
    nodes = [header_node(filename, scope), _content(content, scope)]
    return sequence([*nodes, *(header_node(one, scope) for one in kind if one)], "()")


def _content(value: Value, scope: Scope) -> Node:
    """A file's content, which must be bytes."""
    if isinstance(value, Text) and all(isinstance(part, str) for part in value.parts):
        value = "".join(map(str, value.parts))
    if isinstance(value, str):
        return Atom(quoted_bytes(value.encode(errors="replace")))
    return Atom(f"{header_node(value, scope).flat}.encode()")


def _expected(statuses: Sequence[int]) -> Node | None:
    errors = sorted({status for status in statuses if status >= 400})
    return sequence([Atom(str(status)) for status in errors], "{}") if errors else None


def _is_default_name(item: Call, method: str) -> bool:
    """Whether the step is called so anyhow."""
    if len(item.url.parts) != 1 or not isinstance(item.url.parts[0], str):
        return False
    path = _ORIGIN.sub("", item.url.parts[0], count=1).partition("?")[0]
    folded = re.sub(r"/[0-9]+(?=/|$)", "/{id}", path)
    return bool(_PLAIN_PATH.fullmatch(path)) and item.name == f"{method} {folded}"


def _extract(extraction: Extraction, scope: Scope, block: Block) -> bool:
    """The statement that takes a value out of an answer; whether it looks at `answer`."""
    if not scope.is_used(extraction.name):
        return False
    target = scope.define(extraction.name)
    pattern = extraction.pattern
    if extraction.source in ("regex", "url"):
        pattern = extraction.expression
    compiled = scope.file.pattern(extraction.name, pattern) if pattern else ""
    if compiled is None:
        block.line(f'{target} = ""')
        return False
    node = _source(extraction, target, scope, block)
    if compiled:
        scope.file.needs.add("first")
        text = call("str", node) if extraction.source == "json" else node
        node = call("first", Atom(compiled), text)
    block.statement(f"{target} = ", node)
    return extraction.source != "cookie"


def _source(extraction: Extraction, target: str, scope: Scope, block: Block) -> Node:
    """Where the value is: the shortest way to say it, one that can be broken where it is long."""
    expression = extraction.expression
    match extraction.source:
        case "regex":
            return Atom("answer.text")
        case "url":
            return Atom("answer.url")
        case "json":
            short = f"answer.json(){subscripts(expression)}"
            node: Node = found_node(expression)
            if extraction.any_entry and (way := drawn(expression)):
                before, after = f"answer.json(){way[0]}", f"user.rng.choice(entries){way[1]}"
                if fits(f"entries = {before}", block.depth) and len(after) < 60:
                    block.line(f"entries = {before}")
                    return Atom(after)
        case "header":
            short = f"answer.headers[{quoted(expression, ascii_only=True)}]"
            node = call("answer.headers.get", string_node(expression), Atom('""'))
        case "cookie":
            short = f"user.cookies[{quoted(expression, ascii_only=True)}]"
            node = call("user.cookies.get", string_node(expression), Atom('""'))
    if fits(f"{target} = {short}", block.depth) and not extraction.pattern:
        return Atom(short)
    if extraction.pattern and len(short) < 40:
        return Atom(short)
    if extraction.source == "json":
        scope.file.needs.add("found")
    return node
