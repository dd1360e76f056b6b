"""How an endpoint's queries come into a test: as parameters, or as a piece of text.

    always the same names, once each     /search?q=mug&page=1     params={"q": …, "page": "1"}
    anything else                        /search?tag=a&tag=b      f"/search{query}"

The second keeps what parameters could not say: which are there at all, their order, repeats, empty
ones, `a[]=`. Values that never change are constants. Secrets are taken out: one that is always
there is asked of the environment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote_plus

from perfwright.analyze.workload.segments import clean_path
from perfwright.model.redaction import redact

_REGULAR = 0.99
_MAX_PAIRS = 100

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """`constants`, `varying`, `secret`: names of parameters, where queries are regular. `texts`:
    each row's query as sent ("" or "?…"), where they are not; None for a row that is left out."""

    constants: Pairs = ()
    varying: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...] | None, ...] = ()
    texts: tuple[str | None, ...] = ()


def read_queries(queries: Sequence[str | None], weights: Sequence[int]) -> Queries:
    """`queries`: of each row, without "?", percent-encoded as sent; None where there is none."""
    if not any(queries):
        return Queries()
    pairs = [_pairs(query) if query else () for query in queries]
    total = sum(weights)
    names: Counter[tuple[str, ...] | None] = Counter()
    for parsed, weight in zip(pairs, weights, strict=True):
        names[tuple(name for name, _ in parsed) if parsed is not None else None] += weight
    usual, seen = names.most_common(1)[0]
    if not usual or len(set(usual)) < len(usual) or seen < _REGULAR * total:
        return Queries(texts=tuple(_text(query) for query in queries))
    return _regular(usual, pairs)


def _regular(usual: tuple[str, ...], pairs: Sequence[Pairs | None]) -> Queries:
    rows = [
        tuple(value for _, value in parsed)
        if parsed is not None and tuple(name for name, _ in parsed) == usual
        else None
        for parsed in pairs
    ]
    kept = [row for row in rows if row is not None]
    secret = [sounds_secret(name) for name in usual]
    fixed = [len({row[place] for row in kept}) == 1 for place in range(len(usual))]
    varying = [place for place in range(len(usual)) if not secret[place] and not fixed[place]]
    return Queries(
        constants=tuple(
            (name, kept[0][place])
            for place, name in enumerate(usual)
            if fixed[place] and not secret[place]
        ),
        varying=tuple(usual[place] for place in varying),
        secret=tuple(name for place, name in enumerate(usual) if secret[place]),
        rows=tuple(None if row is None else tuple(row[place] for place in varying) for row in rows),
    )


def sounds_secret(name: str) -> bool:
    probe = f"?{name}=value"
    return redact(probe) != probe


def _pairs(query: str) -> Pairs | None:
    """Decoded once; None where a name or value is no printable text, or they are too many."""
    parts = [part for part in query.split("&", _MAX_PAIRS) if part]
    if len(parts) > _MAX_PAIRS:
        return None
    found = []
    for part in parts:
        name, equals, value = part.partition("=")
        if not equals:
            return None
        try:
            name, value = unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict")
        except UnicodeDecodeError:
            return None
        if not name or not (name + value).isprintable():
            return None
        found.append((name, value))
    return tuple(found)


def _text(query: str | None) -> str | None:
    """The query in printable ASCII, "?" before it, secrets left out."""
    if not query:
        return ""
    # A query takes the same characters as a path, so what cleans the one cleans the other.
    cleaned = clean_path(f"/{query}") or "/"
    parts = [part for part in cleaned[1:].split("&") if not sounds_secret(part.partition("=")[0])]
    return f"?{'&'.join(parts)}" if parts else ""
