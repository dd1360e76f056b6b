"""Redirects: a chain of entries becomes one visit, as the load generator follows them by itself.

POST /login ─303─► GET /home ─302─► GET /home/     one visit: POST /login, answered by /home/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

from perfwright.sources.har.entries import Entry

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MOST_HOPS = 20
_WITHIN = 50
"""Entries after a redirect among which the next hop is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """`first` is what is sent, `last` what answers; `hops` are all, these two included."""

    hops: tuple[Entry, ...]

    @property
    def first(self) -> Entry:
        return self.hops[0]

    @property
    def last(self) -> Entry:
        return self.hops[-1]


def folded(entries: Sequence[Entry]) -> list[Visit]:
    """Visits in the order of their beginnings."""
    taken: set[int] = set()
    visits = []
    for index, entry in enumerate(entries):
        if index in taken:
            continue
        hops, at = [entry], index
        while len(hops) <= _MOST_HOPS and (after := _next_hop(entries, at, taken)) is not None:
            taken.add(after)
            hops.append(entries[after])
            at = after
        visits.append(Visit(hops=tuple(hops)))
    return visits


def _next_hop(entries: Sequence[Entry], at: int, taken: set[int]) -> int | None:
    entry = entries[at]
    place = entry.answer_header("location") or entry.redirect
    if entry.status not in _REDIRECTS or not place:
        return None
    try:
        wanted = urldefrag(urljoin(entry.url.geturl(), place)).url
    except ValueError:
        return None
    near = range(at + 1, min(at + 1 + _WITHIN, len(entries)))
    return next((n for n in near if n not in taken and entries[n].url.geturl() == wanted), None)
