"""What the variable parts of an endpoint held, and how popular each value was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from perfwright.analyze.workload.draft_queries import sounds_secret
from perfwright.analyze.workload.segments import decoded, look_of, seems_slug
from perfwright.analyze.workload.sorting import EndpointForm, Sorter
from perfwright.analyze.workload.zipf import fit_zipf
from perfwright.model.traffic import ParameterUse, PathUse
from perfwright.model.workload import Parameter, Popularity

MAX_VALUES = 1_000
MAX_QUERY_PARAMETERS = 30


def path_parameters(form: EndpointForm, sorter: Sorter, use: PathUse) -> tuple[Parameter, ...]:
    """Of the slots, in the order of the path."""
    counts: list[Counter[str]] = [Counter() for _ in form.slots]
    for path, requests in zip(use.path, use.requests, strict=True):
        for counter, value in zip(counts, sorter.values(path), strict=False):
            counter[value] += int(requests)
    return tuple(
        Parameter(
            name=slot.name,
            where="path",
            kind=slot.kind,
            share=1.0,
            popularity=_popularity(
                counter, max(len(counter), use.distinct if len(counts) == 1 else 0), use.others
            ),
        )
        for slot, counter in zip(form.slots, counts, strict=True)
    )


def query_parameters(uses: Sequence[ParameterUse], requests: int) -> tuple[Parameter, ...]:
    """Most used first; `requests`: of the endpoint. Names come as sent, values of those that sound
    secret not at all."""
    ranked = sorted(uses, key=lambda use: (-use.requests, use.name))[:MAX_QUERY_PARAMETERS]
    return tuple(
        Parameter(
            name=shown_name(use.name),
            where="query",
            kind=_kind([value for value, _ in use.values[:50]]),
            share=min(1.0, use.requests / max(1, requests)),
            popularity=Popularity(distinct=use.distinct, values=(), others=use.requests)
            if sounds_secret(use.name)
            else _popularity(Counter(dict(use.values)), use.distinct, use.others),
        )
        for use in ranked
    )


def shown_name(name: str) -> str:
    """A parameter's name as people read it, bounded and printable."""
    text = decoded(name) or name
    return "".join(char if char.isprintable() else "?" for char in text)[:80]


def _popularity(counts: Counter[str], distinct: int, others: int) -> Popularity:
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    numbers = np.array([count for _, count in ranked], dtype=np.int64)
    fitted = fit_zipf(numbers, distinct, others) if numbers.size else None
    beyond = others + sum(count for _, count in ranked[MAX_VALUES:])
    return Popularity(
        distinct=distinct,
        values=tuple(ranked[:MAX_VALUES]),
        others=beyond,
        zipf_s=round(fitted[0], 4) if fitted else None,
        zipf_distance=round(fitted[1], 4) if fitted else None,
    )


def _kind(values: Sequence[str]) -> str:
    """What most of the values look like."""
    kinds = Counter(_kind_of(value) for value in values)
    return kinds.most_common(1)[0][0] if kinds else "text"


def _kind_of(value: str) -> str:
    look = look_of(value)
    if look.kind == "word" or look.prefix or look.suffix:
        return "slug" if seems_slug(value) and "%" not in value and "+" not in value else "text"
    return look.kind
