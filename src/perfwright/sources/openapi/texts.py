"""Texts by schema: pattern, format, the property's name, and length."""

from __future__ import annotations

from random import Random

from perfwright.sources.openapi.formats import FORMATS, plausible
from perfwright.sources.openapi.patterns import found, text_of_pattern
from perfwright.sources.openapi.trees import Tree, number

MAX_CHARACTERS = 10_000
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def text_within(words: Tree, name: str, random: Random) -> str:
    """By `format`, `pattern`, `minLength` and `maxLength`.

    A pattern that no text could be made for counts as absent: whoever asked tries the result.
    """
    least = int(min(number(words.get("minLength")) or 0, MAX_CHARACTERS))
    most = number(words.get("maxLength"))
    longest = int(min(MAX_CHARACTERS if most is None else most, MAX_CHARACTERS))
    write = FORMATS.get(str(words.get("format")))
    made = write(random) if write is not None else plausible(name, random)
    pattern = words.get("pattern")
    if isinstance(pattern, str) and found(pattern, made) is not True:
        matching = text_of_pattern(pattern, random, least, longest)
        return made if matching is None else matching
    if least <= len(made) <= longest:
        return made
    if made.endswith("@example.com") and longest >= len("a@example.com"):
        local = random.choices(_LETTERS, k=max(1, least - len("@example.com")))
        return "".join(local) + "@example.com"
    if len(made) > longest:
        return made[:longest]
    return made + "".join(random.choices(_LETTERS, k=least - len(made)))
