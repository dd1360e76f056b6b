"""What the reader has to tell, in the order it came up; things of one kind share a sentence."""

from __future__ import annotations

_SHOWN = 12
_MAX_CHARACTERS = 200


class Notes:
    """Sentences for `ScenarioDraft.notes`. Text of the document is shown shortened, and without
    what could disturb a terminal."""

    def __init__(self) -> None:
        self._kinds: dict[str, dict[str, None]] = {}

    def add(self, sentence: str) -> None:
        self._kinds.setdefault(sentence, {})

    def of(self, kind: str, thing: str) -> None:
        """One more `thing` to the sentence `kind: thing, thing and 3 more`."""
        self._kinds.setdefault(kind, {})[shown(thing)] = None

    def told(self) -> tuple[str, ...]:
        return tuple(self._told())

    def _told(self) -> list[str]:
        sentences = []
        for kind, things in self._kinds.items():
            if not things:
                sentences.append(kind)
                continue
            names = list(things)
            more = len(names) - _SHOWN
            listed = ", ".join(names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
            count = f" ({len(names):,})" if len(names) > 1 else ""
            sentences.append(f"{kind}{count}: {listed}")
        return sentences


def shown(thing: str) -> str:
    """Printable, and at most 200 characters."""
    printable = "".join(c if c.isprintable() else "�" for c in thing[:_MAX_CHARACTERS])
    return printable + ("…" if len(thing) > _MAX_CHARACTERS else "")
