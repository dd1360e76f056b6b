"""Which entries become requests of the test, and why the others do not.

    data:, blob:, websocket, event stream, no answer, preflight, beacon, third party, static file

The site is the origin of the first document (else the origin most used), with every origin of the
same host or of the same registrable domain, as far as that can be told without its public list.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from perfwright.sources.har.entries import Entry
from perfwright.sources.har.folding import Visit
from perfwright.sources.har.options import HarOptions

_STATIC_KINDS = frozenset(
    ("image", "font", "stylesheet", "script", "media", "manifest", "texttrack")
)
_STATIC_MIMES = re.compile(r"image/|font/|audio/|video/|text/css|javascript|application/(x-)?font")
_STATIC_PATHS = re.compile(
    r"\.(?:js|mjs|css|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|otf|eot|mp[34]|webm|m4[av]"
    r"|wasm|webmanifest)$",
    re.IGNORECASE,
)
_BEACONS = frozenset(("ping", "beacon", "csp-violation-report", "cspviolationreport", "preflight"))
_SECOND_LEVEL = frozenset(("co", "com", "org", "net", "gov", "ac", "edu", "or", "ne", "gob"))

Left = dict[str, Counter[str]]
"""What was left out: reason → origin → entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`main`: the origin that relative addresses are of."""

    main: str
    domain: str

    def has(self, entry: Entry) -> bool:
        return domain_of(entry.url.hostname or "") == self.domain


def site_of(entries: Sequence[Entry]) -> Site:
    """The site that was visited: entries that are no requests over HTTP do not count."""
    web = [entry for entry in entries if entry.url.scheme in ("http", "https")]
    documents = [entry for entry in web if is_document(entry) and entry.status < 400]
    if documents:
        main = documents[0]
    else:
        used = Counter(entry.origin for entry in web)
        main = max(web, key=lambda entry: used[entry.origin])
    return Site(main=main.origin, domain=domain_of(main.url.hostname or ""))


def domain_of(host: str) -> str:
    """`www.shop.co.uk` → `shop.co.uk`; addresses and `localhost` stay."""
    labels = host.lower().rstrip(".").split(".")
    if len(labels) <= 2 or labels[-1].isdigit() or ":" in host:
        return host.lower()
    take = 3 if len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-take:])


def is_document(entry: Entry) -> bool:
    """A page: what a person sees in the address bar."""
    destination = entry.header("sec-fetch-dest").lower()
    if destination or entry.kind:
        return (destination or entry.kind) == "document"
    return "html" in entry.mime and not entry.header("x-requested-with")


def is_static(entry: Entry) -> bool:
    if entry.method not in ("GET", "HEAD") or is_document(entry):
        return False
    if entry.kind in _STATIC_KINDS or _STATIC_PATHS.search(entry.url.path):
        return True
    return entry.kind not in ("xhr", "fetch") and bool(_STATIC_MIMES.search(entry.mime))


def chosen(visits: Sequence[Visit], site: Site, options: HarOptions) -> tuple[list[Visit], Left]:
    """Visits that become requests, and the count of the others by reason."""
    left: Left = {}
    kept = []
    for visit in visits:
        own = visit if options.keep_third_party else _from_our_site(visit, site)
        reason = _reason(own, site, options)
        if reason:
            left.setdefault(reason, Counter())[own.first.origin] += 1
        else:
            kept.append(own)
    return kept, left


def _from_our_site(visit: Visit, site: Site) -> Visit:
    """Who comes back from elsewhere (a login of another site) begins where they come back."""
    ours = next((n for n, hop in enumerate(visit.hops) if site.has(hop)), 0)
    return Visit(hops=visit.hops[ours:])


def _reason(visit: Visit, site: Site, options: HarOptions) -> str:
    first, last = visit.first, visit.last
    if first.url.scheme in ("http", "https") and not (options.keep_third_party or site.has(first)):
        return "third party"
    if is_static(last) and not options.keep_static:
        return "static"
    if options.only and not _is_asked_for(first, options.only):
        return "not asked for"
    return next((reason for reason, holds in _NEVER.items() if holds(first) or holds(last)), "")


def _is_asked_for(entry: Entry, only: Sequence[str]) -> bool:
    path = entry.url.path
    return any(fnmatchcase(path, one) or fnmatchcase(f"{entry.method} {path}", one) for one in only)


def _is_socket(entry: Entry) -> bool:
    upgrade = entry.header("upgrade").lower() == "websocket"
    return upgrade or entry.url.scheme in ("ws", "wss") or entry.kind == "websocket"


_NEVER: Mapping[str, Callable[[Entry], bool]] = {
    "websocket": _is_socket,
    "not http": lambda entry: entry.url.scheme not in ("http", "https"),
    "stream": lambda entry: "event-stream" in entry.mime or entry.kind == "eventsource",
    "preflight": lambda entry: (
        entry.method == "OPTIONS" and bool(entry.header("access-control-request-method"))
    ),
    "beacon": lambda entry: entry.kind in _BEACONS or entry.url.path == "/favicon.ico",
    "tunnel": lambda entry: entry.method == "CONNECT",
    "unanswered": lambda entry: entry.status == 0,
}
