"""Keeps account of a test plan's elements: each is translated, or told in a note with its path.

An element that nobody has accounted for at the end is told as unknown, so that none can be lost.
"""

from __future__ import annotations

from collections.abc import Iterable

from perfwright.sources.drafting.names import clean
from perfwright.sources.jmx.tree import Element

_SHOWN = 12


class Ledger:
    def __init__(self) -> None:
        self._done: set[Element] = set()
        self._notes: dict[str, None] = {}
        self._needless: list[Element] = []

    def translated(self, element: Element) -> None:
        self._done.add(element)

    def knows(self, element: Element) -> bool:
        return element in self._done

    def told(self, element: Element, what: str) -> None:
        """`what` says what became of the element: "is not translated"."""
        self._done.add(element)
        self.note(f"{element.path} ({element.kind}) {what}.")

    def needless(self, element: Element) -> None:
        """What reports or records, for which Perfwright has its own."""
        self._done.add(element)
        self._needless.append(element)

    def note(self, sentence: str) -> None:
        self._notes.setdefault(sentence)

    def close(self, roots: Iterable[Element]) -> tuple[str, ...]:
        """All notes, once everything has been read."""
        disabled: list[Element] = []
        waiting = list(roots)
        while waiting:
            element = waiting.pop()
            if not element.enabled:
                disabled.append(element)
                continue
            if element not in self._done:
                if element.kind == "TestFragmentController":
                    self.told(element, "is pointed to by nothing, and left out with all under it")
                    continue
                self.told(element, "is not translated")
            waiting += element.children
        self._listed("Reports and recorders are not needed and left out", self._needless)
        self._listed("Disabled elements are left out, with all under them", disabled[::-1])
        return tuple(self._notes)

    def _listed(self, what: str, elements: list[Element]) -> None:
        if not elements:
            return
        names = "; ".join(clean(element.path, "?") for element in elements[:_SHOWN])
        more = len(elements) - _SHOWN
        self.note(f"{what}: {names}{f'; and {more} more' if more > 0 else ''}.")
