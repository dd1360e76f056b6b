"""What a `$ref` leads to (https://spec.openapis.org/oas/v3.1.0#reference-object): a JSON pointer
(RFC 6901) into this document, or into another one.

    "#/components/schemas/Pet"      here
    "schemas/pet.yaml#/Pet"         a file inside of the document's folder, and nowhere else
    "https://example.com/pet.json"  only if remote references are allowed

References in other documents are made absolute as they are read, so that nobody has to remember
where a value came from. Nothing here fails for a reference that leads nowhere: it counts as empty,
and a note names it. Chains are bounded, so that `a → b → a` ends.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from perfwright.model.errors import DataError
from perfwright.model.json_pointer import value_at
from perfwright.sources.openapi.loading import MAX_BYTES, parse_document, read_bytes
from perfwright.sources.openapi.notes import Notes
from perfwright.sources.openapi.trees import Json, with_references

MAX_CHAIN = 32
MAX_DOCUMENTS = 500
_NOTHING: dict[str, Json] = {}

Fetch = Callable[[str], bytes]
"""Bytes of an address, or DataError."""


class References:
    """`home`: the document's folder (a file), its address (fetched), or None (neither)."""

    def __init__(
        self, root: Json, *, home: Path | str | None, fetch: Fetch | None, notes: Notes
    ) -> None:
        self._home = home.resolve() if isinstance(home, Path) else home
        self._fetch = fetch
        self._notes = notes
        self._documents: dict[str, Json] = {"": root}
        self._found: dict[str, Json] = {}
        self._bytes = 0

    def follow(self, value: Json) -> Json:
        """The value itself, or what it refers to in the end."""
        for _ in range(MAX_CHAIN):
            if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
                return value
            value = self.at(str(value["$ref"]))
        self._notes.of("References that lead in a circle count as empty", str(value))
        return _NOTHING

    def at(self, reference: str) -> Json:
        if reference not in self._found:
            self._found[reference] = self._look_up(reference)
        return self._found[reference]

    def _look_up(self, reference: str) -> Json:
        document, _, fragment = reference.partition("#")
        value = self._document(document)
        if value is None:
            return _NOTHING
        pointer = unquote(fragment)
        if pointer and not pointer.startswith("/"):
            self._notes.of("References to anchors are not followed", reference)
            return _NOTHING
        try:
            found: Json = value_at(value, pointer)
        except LookupError:
            self._notes.of("References to nothing count as empty", reference)
            return _NOTHING
        return found

    def _document(self, location: str) -> Json:
        if location not in self._documents:
            self._documents[location] = self._read(location)
        return self._documents[location]

    def _read(self, location: str) -> Json:
        """None: it was not followed, and a note says so."""
        try:
            address = self._address_of(location)
            content = self._content(address)
            if content is None:
                return None
            self._bytes += len(content)
            if self._bytes > MAX_BYTES or len(self._documents) > MAX_DOCUMENTS:
                raise DataError(
                    f"{location}: with it, the document comes to more than {MAX_DOCUMENTS} files "
                    f"or {MAX_BYTES / 1e6:.0f} MB; cut it to the paths that the test is about"
                )
            loaded = parse_document(content, str(address)).value
        except (DataError, ValueError) as error:
            self._notes.of("References that could not be read count as empty", str(error))
            return None
        return with_references(loaded, lambda reference: _absolute(reference, address))

    def _address_of(self, location: str) -> Path | str:
        if urlsplit(location).scheme or location.startswith("//"):
            return location
        if isinstance(self._home, str):
            return urljoin(self._home, location)
        named = location if location.startswith("/") else unquote(location)
        return ((self._home or Path()) / named).resolve()

    def _content(self, address: Path | str) -> bytes | None:
        if isinstance(address, Path):
            if not isinstance(self._home, Path):
                self._notes.of("References to files need the document as a file", address.name)
                return None
            if not address.is_relative_to(self._home):
                self._notes.of("References out of the document's folder are refused", str(address))
                return None
            return read_bytes(address)
        if self._fetch is None or urlsplit(address).scheme not in ("http", "https"):
            self._notes.of(
                "Remote references are not followed, unless allowed (--allow-remote-refs)",
                address,
            )
            return None
        return self._fetch(address)


def _absolute(reference: str, address: Path | str) -> str:
    """It, with its document said in full."""
    document, _, fragment = reference.partition("#")
    try:
        if not document:
            where = str(address)
        elif isinstance(address, str):
            where = urljoin(address, document)
        elif urlsplit(document).scheme:
            where = document
        else:
            where = str((address.parent / unquote(document)).resolve())
    except ValueError:  # no address at all; it leads nowhere either way
        return reference
    return f"{where}#{fragment}"
