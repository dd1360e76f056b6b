"""The step of a request that its tool did not name: method and path, with what looks like an id
folded, so that the number of steps does not grow with the data (`GET /items/{id}`).

As the kernel does it (`crates/kernel/src/step_name.rs`), in SQL, which knows UUIDs, numbers, long
hexadecimals and long tokens; dates stay.
"""

from __future__ import annotations

UNNAMED = "all requests"
"""Where a tool tells neither name nor URL."""

_ORIGIN = "^[A-Za-z][A-Za-z0-9+.-]*://[^/]*"
_FOLDS = (
    ("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "{id}"),
    ("/([0-9a-fA-F]{16,}|[0-9A-Za-z]{20,})/", "/{id}/"),
    (r"([/_:=-])[0-9]+(\.[A-Za-z][A-Za-z0-9.]*)?/", r"\1{id}\2/"),
)
"""On paths whose segments stand between slashes of their own: `/a//b//c/`."""


def step_of(method: str, url: str) -> str:
    """SQL: the name of a request by its method and URL; NULL where it has no URL."""
    path = f"split_part(split_part({url}, '?', 1), '#', 1)"
    path = f"coalesce(nullif(regexp_replace({path}, '{_ORIGIN}', ''), ''), '/')"
    folded = f"concat('/', replace({path}, '/', '//'), '/')"
    for pattern, name in _FOLDS:
        folded = f"regexp_replace({folded}, '{pattern}', '{name}', 'g')"
    folded = f"replace({folded}[2:-2], '//', '/')"
    return (
        f"CASE WHEN {url} <> '' THEN concat(coalesce(nullif({method}, ''), 'GET'), ' ',"
        f" CASE WHEN regexp_matches({path}, '[0-9]') THEN {folded} ELSE {path} END) END"
    )
