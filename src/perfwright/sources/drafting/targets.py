"""Takes addresses apart, and finds the target: the origin that most requests go to.

    https://shop.test:8443/items?q=mug#top
    └── origin ──────────┘└ path ┘└ query ┘ (a fragment is never sent)

Variables may stand anywhere. One that decides where a request goes is replaced by its value, where
the source has one; where it has none, the target stays empty, for `--target` to say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, unquote_plus, urlsplit

from perfwright.model.calls import calls_in
from perfwright.model.journey import Call, Item, Journey, Text, Value, Var
from perfwright.sources.drafting.items import journeys_with_calls, map_calls
from perfwright.sources.drafting.names import clean
from perfwright.sources.drafting.secrets import Environment
from perfwright.sources.drafting.texts import concat, literal_of, map_literals, text_of, value_of

_ORIGIN = re.compile(r"https?://[^\s/?#@\\\"'<>`{}|^]+", re.IGNORECASE)
_DEEPEST = 10
_SAFE = "/:@!$&'()*+,;=~-._%[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`path`: with its query, encoded, and beginning with a slash. `auth`: of `user:password@`."""

    origin: Text
    path: Text
    auth: tuple[str, str] | None = None


def address_of(url: Text, known: Callable[[str], Text | None]) -> Address:
    """`known`: what a variable is replaced by if it stands in the origin; None keeps it."""
    origin, path = _cut(_resolved(url, known, 0))
    auth = None
    literal = literal_of(origin)
    if literal is not None and literal:
        scheme, _, host = literal.rpartition("://")
        userinfo, _, host = host.rpartition("@")
        if userinfo:
            user, _, password = userinfo.partition(":")
            auth = (unquote(user), unquote(password))
        origin = text_of((f"{(scheme or 'http').lower()}://{host}",))
    if not _starts_with_slash(path):
        path = concat(Text(("/",)), path)
    return Address(origin=origin, path=map_literals(_without_fragment(path), _encoded), auth=auth)


def is_origin(text: str) -> bool:
    """Whether requests can be sent there: `http://[=name]` and `http://a:99999` only look so."""
    try:
        return _ORIGIN.fullmatch(text) is not None and urlsplit(text).port != 0
    except ValueError:
        return False


def with_target(
    journeys: tuple[Journey, ...],
    user_start: tuple[Item, ...],
    known: Callable[[str], Text | None],
    secrets: Environment,
) -> tuple[tuple[Journey, ...], tuple[Item, ...], str, tuple[str, ...]]:
    """The same with addresses relative to the target and without secrets, the target, notes."""
    everything = (*user_start, *(item for journey in journeys for item in journey.items))
    origins = Counter(address_of(call.url, known).origin for call in calls_in(everything))
    if not origins:
        return journeys, user_start, "", ()
    usual = origins.most_common(1)[0][0]
    target = literal_of(usual) or ""
    notes = []
    if not is_origin(target):
        target = ""
        shown = f" {_shown(usual)!r}" if usual.parts else ""
        notes.append(f"The source does not say which host{shown} is: give it with --target.")
    origins.pop(Text(()), None)
    if len(origins) > 1:
        told = ", ".join(f"{_shown(origin)} ({n})" for origin, n in origins.most_common(5))
        notes.append(f"Requests go to {len(origins)} hosts, most of them to the target: {told}.")

    def relative(call: Call) -> Call:
        address = address_of(call.url, known)
        path, params = with_params(address.path)
        url = path if address.origin == usual else concat(address.origin, path)
        auth = call.auth
        if auth is None and address.auth is not None:
            auth = (address.auth[0], secrets.guard("password", address.auth[1]))
        params = secrets.guard_pairs((*params, *call.params))
        return replace(call, url=url, params=params, auth=auth)

    return (
        journeys_with_calls(journeys, relative),
        map_calls(user_start, relative),
        target,
        tuple(notes),
    )


def with_params(path: Text) -> tuple[Text, tuple[tuple[str, Value], ...]]:
    """The path, and its query as decoded pairs; a query that is no list of pairs stays in it."""
    before, query = _partition(path, "?")
    if not query.parts:
        return before, ()
    params = []
    for pair in _split(query, "&"):
        name, value = _partition(pair, "=")
        plain = literal_of(name)
        if not plain or not any(isinstance(part, str) and "=" in part for part in pair.parts):
            return path, ()
        params.append((unquote_plus(plain), value_of(map_literals(value, unquote_plus))))
    return before, tuple(params)


def with_query(url: Text, query: Text) -> Text:
    """The address with one more piece of a query, which stands there encoded."""
    has_query = any("?" in part for part in url.parts if isinstance(part, str))
    return concat(url, Text(("&" if has_query else "?",)), query)


def _resolved(url: Text, known: Callable[[str], Text | None], depth: int) -> Text:
    """The address with the variables of its origin replaced."""
    origin, path = _cut(url)
    parts: list[Text] = []
    changed = False
    for part in origin.parts:
        value = known(part.name) if isinstance(part, Var) else None
        changed = changed or value is not None
        parts.append(value if value is not None else Text((part,)))
    whole = concat(*parts, path)
    return _resolved(whole, known, depth + 1) if changed and depth < _DEEPEST else whole


def _cut(url: Text) -> tuple[Text, Text]:
    """Origin and rest; the rest begins with the first of "/?#" that is not of "://"."""
    scheme_seen = False
    for index, part in enumerate(url.parts):
        if isinstance(part, Var):
            continue
        begin = 0
        while (found := re.search(r"[/?#]", part[begin:])) is not None:
            at = begin + found.start()
            if not scheme_seen and part[at - 1 : at + 2] == "://":
                scheme_seen = True
                begin = at + 2
                continue
            origin = text_of((*url.parts[:index], part[:at]))
            return origin, text_of((part[at:], *url.parts[index + 1 :]))
    return url, Text(())


def _without_fragment(path: Text) -> Text:
    return _partition(path, "#")[0]


def _partition(text: Text, separator: str) -> tuple[Text, Text]:
    for index, part in enumerate(text.parts):
        if isinstance(part, str) and separator in part:
            before, _, after = part.partition(separator)
            return (
                text_of((*text.parts[:index], before)),
                text_of((after, *text.parts[index + 1 :])),
            )
    return text, Text(())


def _split(text: Text, separator: str) -> list[Text]:
    pieces: list[list[str | Var]] = [[]]
    for part in text.parts:
        if isinstance(part, Var):
            pieces[-1].append(part)
            continue
        first, *others = part.split(separator)
        pieces[-1].append(first)
        pieces += [[other] for other in others]
    return [text_of(piece) for piece in pieces]


def _starts_with_slash(path: Text) -> bool:
    return bool(path.parts) and isinstance(path.parts[0], str) and path.parts[0].startswith("/")


def _encoded(literal: str) -> str:
    return quote(literal, safe=_SAFE + "?", errors="replace")


def _shown(text: Text) -> str:
    said = "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in text.parts)
    return clean(said, "(no host)")
