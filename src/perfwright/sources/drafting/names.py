"""Names out of what a source calls things: short, on one line, each once."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 100
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Controls, marks of direction, surrogates: what would break or disguise a line."""


def clean(name: str, otherwise: str) -> str:
    """A name of at most 100 visible characters; `otherwise` where nothing is left."""
    visible = "".join(
        " " if unicodedata.category(character) in _HIDDEN else character
        for character in name[: _LONGEST * 4]
    )
    short = " ".join(visible.split())
    return (short if len(short) <= _LONGEST else short[: _LONGEST - 1] + "…") or otherwise


def slug(name: str, otherwise: str) -> str:
    """Letters, digits and `_`, safe as the name of a file and of a variable."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name[: _LONGEST * 4])
    plain = unicodedata.normalize("NFKD", apart).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:40].strip("_") or otherwise


class Names:
    """Hands out each name once: "log in", "log in (2)"."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}
        """Names, and the last number that was tried for each."""

    def new(self, name: str, *, pattern: str = "{} ({})") -> str:
        number = self._given.get(name.lower(), 0)
        chosen = name
        while chosen.lower() in self._given:
            number = max(number, 1) + 1
            chosen = pattern.format(name, number)
        self._given[name.lower()] = number
        self._given.setdefault(chosen.lower(), 0)
        return chosen
