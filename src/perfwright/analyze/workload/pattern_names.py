"""Names for kinds of sessions, from the endpoints in which each differs from the others.

An endpoint is distinctive by how often a session of this kind visits it, times the logarithm of
how much oftener that is than in the other kinds. Its words give the name: `search`, `checkout`,
`log_in`, or what is looked at (`browse_items`). Names are identifiers, unique, and depend on the
counts alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from perfwright.analyze.workload.sorting import EndpointForm
from perfwright.analyze.workload.template_names import free_name, identifier

_WORDS = (
    ("checkout", r"check_?out|orders?|payments?|pay|purchase|buy|baskets?|carts?"),
    ("sign_up", r"sign_?up|register|registration"),
    ("log_in", r"log_?in|sign_?in|auth|oauth2?|sessions?|tokens?"),
    ("search", r"search|find|query|suggest(ions?)?|autocomplete"),
    ("upload", r"uploads?"),
    ("download", r"downloads?"),
    ("administer", r"admin|administration"),
)
_VERBS = {"GET": "browse", "HEAD": "browse", "OPTIONS": "browse", "DELETE": "delete"}


def pattern_names(
    endpoints: Sequence[EndpointForm], visits: NDArray[np.float64], shares: NDArray[np.float64]
) -> tuple[str, ...]:
    """`visits`: requests per session, by pattern (row) and endpoint (column)."""
    if len(shares) == 1:
        return ("visit",)
    names: list[str] = []
    for pattern in range(len(shares)):
        others = np.delete(np.arange(len(shares)), pattern)
        elsewhere = np.average(visits[others], axis=0, weights=shares[others] + 1e-9)
        own = visits[pattern]
        score = own * np.log((own + 0.01) / (elsewhere + 0.01))
        ranked = [int(index) for index in np.argsort(-score, kind="stable")[:4] if score[index] > 0]
        candidates = [_name(endpoints[index]) for index in ranked] or ["visit"]
        wanted = next((one for one in candidates if one not in names), candidates[0])
        names.append(free_name(wanted, set(names)))
    return tuple(names)


def _name(endpoint: EndpointForm) -> str:
    words = [identifier(piece) for piece in endpoint.pieces if isinstance(piece, str)]
    words = [word for word in words if word]
    for name, pattern in _WORDS:
        if any(re.fullmatch(pattern, word) for word in words):
            return name
    verb = _VERBS.get(endpoint.method, "change")
    return f"{verb}_{words[-1]}" if words else verb
