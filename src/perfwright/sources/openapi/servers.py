"""Where the API is: https://spec.openapis.org/oas/v3.1.0#server-object, variables filled with
their defaults, relative addresses taken from where the document was fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from perfwright.sources.openapi.notes import Notes, shown
from perfwright.sources.openapi.trees import Json, Tree, text, texts, tree, trees

_VARIABLE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Server:
    """`origin`: `https://host:port`, or "" where the document names none. `path`: what goes before
    every path, without a slash at its end."""

    origin: str
    path: str


def read_server(root: Tree, address: str, notes: Notes) -> Server:
    """The document's first server."""
    servers = trees(root.get("servers"))
    if len(servers) > 1:
        others = ", ".join(text(one.get("url"))[:100] for one in servers[1:4])
        notes.add(f"The first of {len(servers)} servers is the target. Others: {shown(others)}")
    server = server_of(servers[0] if servers else {"url": "/"}, address)
    if not server.origin:
        notes.add("The document names no server with a host: set the target, or give --target.")
    return server


def server_of(said: Json, address: str) -> Server:
    """`address`: where the document was fetched, or ""."""
    given = tree(said)
    variables = tree(given.get("variables"))

    def filled(match: re.Match[str]) -> str:
        variable = tree(variables.get(match[1]))
        return text(variable.get("default")) or next(iter(texts(variable.get("enum"))), "")

    written = _VARIABLE.sub(filled, text(given.get("url"), "/")).strip()
    try:
        parts = urlsplit(urljoin(address, written) if address else written)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return Server("", "")
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[\w.:\[\]-]+", host):
        return Server("", parts.path.rstrip("/") if parts.path.startswith("/") else "")
    return Server(f"{parts.scheme}://{host}", parts.path.rstrip("/"))
