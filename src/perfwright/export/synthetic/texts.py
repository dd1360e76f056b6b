"""Columns of text that are composed: UUIDs, patterns, templates.

Characters are chosen as arrays of code points and read as strings in one go; only what differs from
row to row is touched by Python, once a value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import repeat
from math import prod

import numpy as np
from numpy.typing import NDArray

from perfwright.export.synthetic.chunk import Array, Chunk, Maker
from perfwright.export.synthetic.permuting import Permutation
from perfwright.model.errors import DataError
from perfwright.plan.data_spec import PLACEHOLDER, Pattern, Scalar, Template

_ALPHABETS = {
    "#": "0123456789",
    "?": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "*": "abcdefghijklmnopqrstuvwxyz0123456789",
}
_MOST_PERMUTED = 2**61


def uuids(rng: np.random.Generator) -> Maker:
    def made(chunk: Chunk) -> Array:
        raw = rng.integers(0, 256, size=(chunk.rows, 16), dtype=np.uint8)
        raw[:, 6] = raw[:, 6] & 0x0F | 0x40
        raw[:, 8] = raw[:, 8] & 0x3F | 0x80
        text = raw.tobytes().hex()
        return objects(
            [
                f"{text[i : i + 8]}-{text[i + 8 : i + 12]}-{text[i + 12 : i + 16]}-"
                f"{text[i + 16 : i + 20]}-{text[i + 20 : i + 32]}"
                for i in range(0, len(text), 32)
            ]
        )

    return made


def patterns(
    place: str, kind: Pattern, *, unique: bool, rows: int, rng: np.random.Generator
) -> Maker:
    """DataError where a unique column has more rows than the pattern has values."""
    alphabets = [np.array([ord(char) for char in part], dtype=np.uint32) for part in _parts(kind)]
    sizes = [len(alphabet) for alphabet in alphabets]
    if unique and rows > prod(sizes):
        raise DataError(
            f"{place}: pattern {kind.pattern!r} has {prod(sizes):,} values, and {rows:,} unique "
            "rows are asked for; add # or ?"
        )
    numbered = _numbered(sizes) if unique else len(sizes)
    space = prod(sizes[numbered:])
    order = Permutation(space, rng) if unique else None

    def made(chunk: Chunk) -> Array:
        points = np.empty((chunk.rows, len(sizes)), dtype=np.uint32)
        for place, alphabet in enumerate(alphabets[:numbered]):
            points[:, place] = alphabet[rng.integers(0, len(alphabet), size=chunk.rows)]
        if order is not None:
            number = order.of(chunk.positions())
            for place in reversed(range(numbered, len(sizes))):
                number, digit = np.divmod(number, sizes[place])
                points[:, place] = alphabets[place][digit]
        return points.view(f"<U{len(sizes)}").reshape(chunk.rows).astype(object)

    return made


def templates(kind: Template) -> Maker:
    pieces: list[tuple[str, str, str]] = []
    at = 0
    for match in PLACEHOLDER.finditer(kind.template):
        pieces.append((kind.template[at : match.start()], match[1], match[2] or ""))
        at = match.end()
    end = kind.template[at:]

    def made(chunk: Chunk) -> Array:
        parts: list[Iterable[str]] = []
        for literal, column, wanted in pieces:
            parts += [repeat(literal, chunk.rows), _texts(chunk, column, wanted)]
        rows = zip(*parts, repeat(end, chunk.rows), strict=True)
        return objects(list(map("".join, rows)))

    return made


def objects(values: Sequence[object]) -> Array:
    """A NumPy array of Python objects, whatever they are."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def typed(values: Sequence[Scalar]) -> Array:
    """As numbers or booleans where all are of one type, else as Python objects."""
    for kind in (bool, int, float):
        if values and all(type(value) is kind for value in values):
            array = np.array(values)
            return array if array.dtype != np.uint64 else objects(list(values))
    return objects(list(values))


def _parts(kind: Pattern) -> list[str]:
    """What each character may be."""
    pieces = re.findall(r"\\.|.", kind.pattern, re.DOTALL)
    return [piece[1] if len(piece) == 2 else _ALPHABETS.get(piece, piece) for piece in pieces]


def _numbered(sizes: list[int]) -> int:
    """From which character on they are counted through; those before it are drawn at random."""
    space, place = 1, len(sizes)
    while place > 0 and space * sizes[place - 1] <= _MOST_PERMUTED:
        place -= 1
        space *= sizes[place]
    return place


def _texts(chunk: Chunk, column: str, wanted: str) -> list[str]:
    texts = chunk.values[column].texts()
    if wanted == "lower":
        return [text.lower() for text in texts]
    if wanted == "upper":
        return [text.upper() for text in texts]
    return [_slug(text) for text in texts] if wanted == "slug" else texts


@lru_cache(100_000)
def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")


def integers_without_repeats(low: int, high: int, rng: np.random.Generator) -> Maker:
    order = Permutation(high - low + 1, rng)

    def made(chunk: Chunk) -> NDArray[np.int64]:
        return low + order.of(chunk.positions())

    return made
