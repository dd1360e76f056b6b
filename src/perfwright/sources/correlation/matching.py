"""From exchanges to extractions: who gave each value that a request holds.

    piece of a slot, distinctive ──► earliest answer that offers it by name ──► its extraction
                                 └─► else the earliest that holds it: pattern
    whole slot, short            ──► only where names agree: POST /orders → {"id": 11} → /orders/11

A value that a request held before any answer did is the client's own, and is left as it is.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from perfwright.model.journey import Extraction, Text, Var
from perfwright.sources.correlation.distinctive import core, is_distinctive, pieces
from perfwright.sources.correlation.exchanges import Correlation, Exchange, Slot
from perfwright.sources.correlation.extracting import value_of
from perfwright.sources.correlation.naming import (
    Names,
    is_identity,
    is_tokenish,
    noun_of,
    plain,
    singular,
)
from perfwright.sources.correlation.offers import Offer, offers
from perfwright.sources.correlation.patterns import pattern_for

_LEAST_PATTERN = 8
_LONGEST_TEXT = 4_000_000
_LONGEST_SHORT = 64
_MOST_USES = 500
_MOST_COMPARED = 16
_MOST_OFFERS = 4
"""Bounds of what is looked at for short values, which may be everywhere."""
_CLOCK_S = 0.005
"""Recordings round their times."""
_WORDS = re.compile(r"[A-Za-z0-9]{4,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """`exchange`: by its index."""

    exchange: int
    offer: Offer


def correlate(exchanges: Sequence[Exchange]) -> Correlation:
    """Every value that an answer gave and a later request holds, as extractions and uses."""
    search = _Search(exchanges)
    search.collect()
    uses: dict[tuple[int, Hashable], Var | Text] = {}
    for index, exchange in enumerate(exchanges):
        for slot in exchange.slots:
            told = search.told(index, slot)
            if told is not None:
                uses[index, slot.key] = told
    return Correlation(extracts=search.extracts(), uses=uses)


class _Search:
    """The values that requests hold, the answers that gave them, and the names given to those."""

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self._exchanges = exchanges
        self._first_use: dict[str, int] = {}
        self._whole: dict[str, list[tuple[int, Slot]]] = {}
        self._origins: dict[tuple[str, bool], list[Origin]] = {}
        self._near: dict[tuple[int, Hashable], Origin] = {}
        self._named: dict[tuple[int, Extraction], str] = {}
        self._names = Names()
        self._places: dict[str, list[int]] = {}
        self._values: dict[tuple[str, str, Extraction], frozenset[str]] = {}
        self._unfound: set[str] = set()
        for index, exchange in enumerate(exchanges):
            for slot in exchange.slots:
                for piece in pieces(slot.value):
                    self._first_use.setdefault(piece, index)
                if 0 < len(slot.value) <= _LONGEST_SHORT and not is_distinctive(slot.value):
                    self._whole.setdefault(slot.value, []).append((index, slot))
        self._wanted = {piece for piece in self._first_use if is_distinctive(piece)}
        self._cores = {piece: core(piece) for piece in self._wanted}

    def collect(self) -> None:
        """Go through all answers once, and keep the earliest origin of every value wanted."""
        known = self._wanted | self._whole.keys()
        cores = frozenset(self._cores.values())
        for index, exchange in enumerate(self._exchanges):
            seen: set[tuple[str, str]] = set()
            for offer in offers(exchange.answer, known):
                if offer.value in self._wanted:
                    self._note(index, offer)
                elif (offer.value, offer.key) not in seen:
                    seen.add((offer.value, offer.key))
                    for user, slot in self._whole.get(offer.value, ())[:_MOST_USES]:
                        self._consider(index, offer, user, slot)
            self._index_words(index, exchange.answer.text, cores)

    def _index_words(self, index: int, text: str, cores: frozenset[str]) -> None:
        """Where the words are that values are known by: one pass over each text."""
        if len(text) <= _LONGEST_TEXT:
            for word in set(_WORDS.findall(text)) & cores:
                self._places.setdefault(word, []).append(index)

    def _note(self, index: int, offer: Offer) -> None:
        """All offers of the earliest answer that has any: a slot's name may choose among them."""
        known = self._origins.setdefault((offer.value, offer.is_number), [])
        is_earliest = not known or (known[0].exchange == index and len(known) < _MOST_OFFERS)
        is_in_time = self._before(index, self._first_use[offer.value])
        if is_earliest and is_in_time and self._holds(index, offer):
            known.append(Origin(exchange=index, offer=offer))

    def _before(self, index: int, user: int) -> bool:
        gave, took = self._exchanges[index], self._exchanges[user]
        return index < user and gave.answered_s <= took.sent_s + _CLOCK_S

    def _holds(self, index: int, offer: Offer) -> bool:
        if offer.extraction.source == "json":  # found by walking to it
            return True
        found = value_of(offer.extraction, self._exchanges[index].answer)
        return found is not None and str(found) == offer.value

    def _consider(self, index: int, offer: Offer, user: int, slot: Slot) -> None:
        """A short value: names must agree. Of several answers the latest before the use counts."""
        if slot.kind == "number" and not offer.is_number:
            return
        if not self._before(index, user) or not self._holds(index, offer):
            return
        known = self._near.get((user, slot.key))
        if known is not None and known.exchange == index:
            return
        if self._created(index, offer, slot) or self._agrees(index, offer, slot):
            self._near[user, slot.key] = Origin(exchange=index, offer=offer)

    def _created(self, index: int, offer: Offer, slot: Slot) -> bool:
        """`POST /orders` answered `{"id": 11}`, or `Location: /orders/11`."""
        maker = self._exchanges[index]
        if maker.method in ("GET", "HEAD", "OPTIONS"):
            return False
        noun = noun_of(maker.path)
        by_address = offer.extraction.source in ("header", "url") and offer.key == slot.name
        if slot.in_path and by_address:
            return True
        if offer.extraction.source != "json" or not is_identity(offer.key) or not noun:
            return False
        if slot.in_path:
            return noun_of(f"/{slot.name}") == noun
        return plain(slot.name) in {plain(f"{noun}_{offer.key}"), plain(f"{noun}id")}

    def _agrees(self, index: int, offer: Offer, slot: Slot) -> bool:
        """The same name, and a token's, or a value that another answer has otherwise."""
        same = plain(slot.name) == plain(offer.key)
        if is_tokenish(slot.name) and (same or is_tokenish(offer.key)) and len(offer.value) >= 4:
            return True
        return same and not slot.in_path and len(offer.value) >= 3 and self._changed(index, offer)

    def _changed(self, index: int, offer: Offer) -> bool:
        maker = self._exchanges[index]
        key = (maker.method, maker.path, offer.extraction)
        if key not in self._values:
            alike = (one for one in self._exchanges if (one.method, one.path) == key[:2])
            found = (value_of(key[2], one.answer) for one in islice(alike, _MOST_COMPARED))
            self._values[key] = frozenset(str(value) for value in found if value is not None)
        return bool(self._values[key] - {offer.value})

    def told(self, index: int, slot: Slot) -> Var | Text | None:
        """The slot with variables for what answers gave; None where it holds nothing of theirs."""
        near = self._near.get((index, slot.key))
        if near is not None:
            return self._whole_use(near, slot)
        parts = self._parts(index, slot, slot.value)
        if not any(isinstance(part, Var) for part in parts):
            return None
        if len(parts) == 1 and isinstance(parts[0], Var):
            origin = self._origin(index, slot, slot.value)
            assert origin is not None
            return self._whole_use(origin, slot)
        return Text(tuple(parts))

    def _whole_use(self, origin: Origin, slot: Slot) -> Var | Text:
        """A number that stands for a text is said as one."""
        var = self._variable(origin)
        return var if origin.offer.is_number == (slot.kind == "number") else Text((var,))

    def _parts(self, index: int, slot: Slot, text: str) -> list[str | Var]:
        for piece in sorted(set(pieces(text)) & self._wanted, key=lambda one: (-len(one), one)):
            origin = self._origin(index, slot, piece)
            if origin is not None:
                before, _, after = text.partition(piece)
                inner = [*self._parts(index, slot, before), self._variable(origin)]
                return [*inner, *self._parts(index, slot, after)]
        return [text] if text else []

    def _origin(self, index: int, slot: Slot, piece: str) -> Origin | None:
        """Who gave it, for use in this slot; a JSON number needs one that gives a number."""
        numbers, texts = ((self._origins.get((piece, kind), [])) for kind in (True, False))
        known = numbers if slot.kind == "number" else [*texts, *numbers]
        usable = [one for one in known if self._before(one.exchange, index)]
        if usable:
            agreeing = (one for one in usable if plain(one.offer.key) == plain(slot.name))
            return next(agreeing, min(usable, key=lambda one: one.exchange))
        if slot.kind == "number":
            return None
        return self._searched(piece, index)

    def _searched(self, piece: str, user: int) -> Origin | None:
        """The last resort, tried once a value."""
        if len(piece) < _LEAST_PATTERN or piece in self._unfound:
            return None
        for index in self._places.get(self._cores[piece], ()):
            text = self._exchanges[index].answer.text
            if not self._before(index, self._first_use[piece]) or piece not in text:
                continue
            expression = pattern_for(text, piece)
            if expression is not None:
                found = Extraction("", "regex", expression)
                origin = Origin(exchange=index, offer=Offer(value=piece, key="", extraction=found))
                self._origins[piece, False] = [origin]
                return origin if self._before(index, user) else None
        self._unfound.add(piece)
        return None

    def _variable(self, origin: Origin) -> Var:
        key = (origin.exchange, origin.offer.extraction)
        if key not in self._named:
            path = self._exchanges[origin.exchange].path
            self._named[key] = self._names.new(self._hint(origin.offer), path)
        return Var(self._named[key])

    def _hint(self, offer: Offer) -> str:
        """What to call it; a value without a name, as the first slot that holds it."""
        if offer.extraction.pattern.startswith("/") or offer.extraction.expression.startswith("/"):
            in_address = offer.extraction.source in ("header", "url")
            return f"{singular(offer.key)}_id" if in_address else offer.key
        if offer.key:
            return offer.key
        slots: Iterable[Slot] = self._exchanges[self._first_use[offer.value]].slots
        return next((slot.name for slot in slots if offer.value in slot.value), "")

    def extracts(self) -> dict[int, tuple[Extraction, ...]]:
        found: dict[int, list[Extraction]] = {}
        for (index, extraction), name in self._named.items():
            found.setdefault(index, []).append(dataclasses.replace(extraction, name=name))
        return {index: tuple(several) for index, several in found.items()}
