"""Which endpoint a request belongs to, and which requests belong to none.

    method, path ─► no request at all? ─► static file? ─► health check? ─► template ─► endpoint
                        UNUSABLE            STATIC          HEALTH      none: UNKNOWN   few: RARE

Endpoints are numbered from 0, most requested first; what is left out has a negative code. Static
files are told by their ending, health checks by paths that exist for nothing else. The number of
endpoints is bounded, since each becomes a step that people read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from perfwright.analyze.workload.segments import clean_path
from perfwright.analyze.workload.template_names import NamedSlot, free_name, named, spelled
from perfwright.analyze.workload.templates import Template, Templates, learn
from perfwright.model.traffic import LONGEST_TARGET, Targets

RARE, STATIC, HEALTH, UNKNOWN, UNUSABLE = -1, -2, -3, -4, -5
CRAWLER, MONITOR = -6, -7
"""Of requests that are left out because of who sends them (`bots.py`)."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
MAX_ENDPOINTS = 40
LEAST_SHARE = 0.0005
_STATIC = re.compile(
    r"\.(?:css|js|mjs|map|png|jpe?g|gif|svg|ico|cur|webp|avif|bmp|tiff?|woff2?|ttf|otf|eot|swf"
    r"|mp[34]|m4[av]|webm|og[gv]|wav|flac|avi|mov|webmanifest|wasm)$",
    re.IGNORECASE,
)
_STATIC_PATHS = re.compile(
    r"/(?:robots\.txt|humans\.txt|ads\.txt|sitemap[^/]*\.xml(?:\.gz)?|crossdomain\.xml"
    r"|browserconfig\.xml|apple-touch-icon[^/]*|manifest\.json|\.well-known/.*|_next/static/.*"
    r"|cdn-cgi/.*)$",
    re.IGNORECASE,
)
_HEALTH = re.compile(
    r"/(?:[^/]+/)?(?:_?health(?:[-_]?check)?z?|healthz|livez|readyz|startupz|liveness|readiness"
    r"|actuator/(?:health|prometheus|info)(?:/.*)?|nginx_status|stub_status|server-status"
    r"|fpm-status|_?ping|heartbeat|__heartbeat__|__lbheartbeat__|metrics|healthcheck\.\w+)/?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointForm:
    """`name`: "GET /items/{item_id}". `values`: takes a request's path to its slots' values."""

    name: str
    method: str
    pieces: tuple[str | NamedSlot, ...]

    @property
    def template(self) -> str:
        return spelled(self.pieces)

    @property
    def slots(self) -> tuple[NamedSlot, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, NamedSlot))


class Sorter:
    """The endpoints of a log. `rare`: those that were too many or too rare to keep, (name,
    requests), most requested first."""

    def __init__(self, templates: Templates, keep: frozenset[int]) -> None:
        self._templates = templates
        self._keep = keep
        self._numbers: dict[tuple[str, Template], int] = {}
        self.endpoints: tuple[EndpointForm, ...] = ()
        self.rare: tuple[tuple[str, int], ...] = ()

    def codes(self, methods: Sequence[str], paths: Sequence[str]) -> list[int]:
        """The endpoint of each request, or why it has none."""
        return [self._code(method, path) for method, path in zip(methods, paths, strict=True)]

    def values(self, path: str) -> tuple[str, ...]:
        """What stands in the slots of a path that has an endpoint."""
        cleaned = clean_path(path)
        found = self._templates.match(cleaned) if cleaned else None
        return found[1] if found else ()

    def _code(self, method: str, path: str) -> int:
        sorted_out = _sorted_out(method, path, self._keep)
        if sorted_out is not None:
            return sorted_out
        template = self._template(path)
        return UNKNOWN if template is None else self._numbers.get((method, template), RARE)

    def _template(self, path: str) -> Template | None:
        cleaned = clean_path(path)
        found = self._templates.match(cleaned) if cleaned else None
        return found[0] if found else None

    def choose(self, targets: Targets) -> None:
        """Numbers the endpoints that are worth a step of their own."""
        counts: dict[tuple[str, Template], float] = {}
        stands_for = targets.requests * targets.weight
        for method, path, count in zip(targets.method, targets.path, stands_for, strict=True):
            if _sorted_out(method, path, self._keep) is None:
                template = self._template(path)
                if template is not None:
                    key = method, template
                    counts[key] = counts.get(key, 0.0) + float(count)
        ranked = sorted(counts, key=lambda key: (-counts[key], key[0], str(key[1])))
        least = LEAST_SHARE * sum(counts.values())
        kept = [key for key in ranked[:MAX_ENDPOINTS] if counts[key] >= least]
        self._numbers = {key: number for number, key in enumerate(kept)}
        self.endpoints = _forms(kept)
        rare = ranked[len(kept) :]
        self.rare = tuple(
            (form.name, round(counts[key]))
            for form, key in zip(_forms(rare[:5]), rare, strict=False)
        )


def sorter_of(targets: Targets, keep: Collection[int] = ()) -> Sorter:
    """Learns the templates from what was answered well, and chooses the endpoints. `keep`: STATIC
    or HEALTH, where those are wanted."""
    kept = frozenset(keep)
    succeeded = (targets.requests - targets.failed) * targets.weight
    usable = [
        (path, float(count))
        for method, path, count in zip(targets.method, targets.path, succeeded, strict=True)
        if _sorted_out(method, path, kept) is None
    ]
    if not any(count for _, count in usable):
        # Nothing ever succeeded (or everything is static): what there is must do.
        usable = [(path, 1.0) for path, _ in usable]
    sorter = Sorter(learn(usable), kept)
    sorter.choose(targets)
    return sorter


def mostly_static(targets: Targets) -> bool:
    """Whether hardly anything is asked for but files that are left out by default."""
    codes = np.array(
        [
            _sorted_out(method, path) or 0
            for method, path in zip(targets.method, targets.path, strict=True)
        ]
    )
    requests = targets.requests * targets.weight
    return bool(
        requests[codes == 0].sum() < 0.05 * requests[(codes == 0) | (codes == STATIC)].sum()
    )


def _sorted_out(method: str, path: str, keep: frozenset[int] = frozenset()) -> int | None:
    if method not in METHODS or len(path) >= LONGEST_TARGET or not path.startswith("/"):
        return UNUSABLE
    if ".." in path and ".." in path.split("/"):
        return UNUSABLE
    if STATIC not in keep and (_STATIC.search(path) or _STATIC_PATHS.fullmatch(path)):
        return STATIC
    return HEALTH if HEALTH not in keep and _HEALTH.fullmatch(path) else None


def _forms(keys: Sequence[tuple[str, Template]]) -> tuple[EndpointForm, ...]:
    """With unique names: templates that differ only in how a slot looks may spell alike."""
    forms: list[EndpointForm] = []
    taken: set[str] = set()
    for method, template in keys:
        pieces = named(template)
        name = free_name(f"{method} {spelled(pieces)}", taken, joint=" #")
        forms.append(EndpointForm(name=name, method=method, pieces=pieces))
    return tuple(forms)
