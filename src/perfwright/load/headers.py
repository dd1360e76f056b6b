"""An answer's header fields: a mapping that ignores case (RFC 9110 §5.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


class Headers(Mapping[str, str]):
    """Several fields of one name read as one value joined by ", " (but see `get_all`)."""

    __slots__ = ("_fields",)

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._fields: dict[str, list[tuple[str, str]]] = {}
        for name, value in pairs:
            self._fields.setdefault(name.lower(), []).append((name, value))

    def __getitem__(self, name: str) -> str:
        return ", ".join(value for _, value in self._fields[name.lower()])

    def __iter__(self) -> Iterator[str]:
        return (fields[0][0] for fields in self._fields.values())

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields

    def get_all(self, name: str) -> list[str]:
        """Each field's value by itself: what Set-Cookie needs."""
        return [value for _, value in self._fields.get(name.lower(), [])]

    def __repr__(self) -> str:
        return f"Headers({dict(self)!r})"
