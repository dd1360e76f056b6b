"""What correlation works on: requests as named texts (slots), and answers as they came."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from perfwright.model.journey import Extraction, Text, Var


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One text in a request that may hold a value from an earlier answer. `key`: the caller's own
    word for the place. `name`: parameter, JSON key, header, or the path segment before. `value`:
    decoded (no percent-encoding). `kind`: "number" where only a JSON number will do."""

    key: Hashable
    name: str
    value: str
    kind: Literal["text", "number"] = "text"
    in_path: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`cookies`: set by it, or on the redirects that led to it. `url`: where it came from in the
    end; "" unless there was a redirect."""

    headers: tuple[tuple[str, str], ...] = ()
    cookies: tuple[tuple[str, str], ...] = ()
    text: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer, in the order of their beginnings. `path`: as sent. What was sent at
    `sent_s` can only hold what was answered by then; times are on any one clock."""

    method: str
    path: str
    slots: tuple[Slot, ...] = ()
    answer: Answer = field(default_factory=Answer)
    sent_s: float = 0.0
    answered_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """`extracts`: by the index of the exchange whose answer holds the value. `uses`: what stands in
    a slot instead of its value; those that hold no variable are not named."""

    extracts: Mapping[int, tuple[Extraction, ...]]
    uses: Mapping[tuple[int, Hashable], Var | Text]
