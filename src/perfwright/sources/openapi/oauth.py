"""OAuth 2.0's grants that need no browser, as requests for a token
(https://spec.openapis.org/oas/v3.1.0#oauth-flow-object).

    clientCredentials   RFC 6749, section 4.4   a client's id and secret
    password            RFC 6749, section 4.3   a person's name and password

A token URL may be relative: it counts from the server's address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urljoin, urlsplit

from perfwright.model.journey import Body, Call, Expectation, Extraction, Text, Value
from perfwright.sources.openapi.operations import Operation
from perfwright.sources.openapi.servers import Server
from perfwright.sources.openapi.trees import Tree, text, tree

TOKEN = "access_token"
"""The variable that the answer fills, and the name of what it is filled with (section 5.1)."""
GRANTS = {
    "clientCredentials": ("client_credentials", "client credentials (RFC 6749, section 4.4)"),
    "password": ("password", "a person's password (RFC 6749, section 4.3)"),
}
"""By flow: the grant's name in a request, and what people call it."""
_HERE = "http://localhost"


def token_url(flow: Tree, server: Server) -> str | None:
    """As a call has it: a path, where it is on the server itself."""
    given = text(flow.get("tokenUrl")).strip()
    if not given:
        return None
    own = server.origin or _HERE
    try:
        parts = urlsplit(urljoin(f"{own}{server.path}/", given))
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc.isascii():
        return None
    return parts.path if f"{parts.scheme}://{parts.netloc}" == own else parts.geturl()


def token_operations(
    operations: Sequence[Operation], schemes: Tree, server: Server
) -> Iterator[str]:
    """Names of the operations that are a token URL: what a user asks at the start."""
    flows = [tree(tree(scheme).get("flows")) for scheme in schemes.values()]
    urls = {token_url(tree(one.get(kind)), server) for one in flows for kind in GRANTS}
    for one in operations:
        if one.method == "POST" and f"{server.path}{one.path}" in urls:
            yield one.name


def token_call(
    kind: str, flow: Tree, url: str, who: Sequence[tuple[str, Value]], scopes: Sequence[str]
) -> Call:
    """`kind`: of GRANTS. `who`: the pairs that say who asks. `scopes`: wanted, of which those that
    the flow has are asked for."""
    grant, called = GRANTS[kind]
    wanted = " ".join(scope for scope in scopes if scope in tree(flow.get("scopes")))
    pairs: list[tuple[str, Value]] = [("grant_type", grant), *who]
    if wanted:
        pairs.append(("scope", wanted))
    return Call(
        name="get a token",
        method="POST",
        url=Text((url,)),
        body=Body("form", tuple(pairs)),
        extracts=(Extraction(TOKEN, "json", f"/{TOKEN}"),),
        expects=(Expectation("got a token", "status", (200,)),),
        comment=f"OAuth 2.0, {called}",
    )
