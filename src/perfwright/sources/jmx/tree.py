"""The tree of a JMX file: test elements with their properties, and the elements under them.

    <ThreadGroup testname="users" enabled="true">    an element: its properties inside of it,
      <stringProp name="…num_threads">5</stringProp>
    </ThreadGroup>
    <hashTree> … </hashTree>                         and what is under it in the tag that follows

Read by expat in pieces. A document type (where entities are declared, and with them XML bombs and
files of others are drawn in) is refused, as are elements nested too deep and files too large.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from perfwright.model.errors import DataError
from perfwright.sources.drafting.names import clean

_CHUNK_BYTES = 256 * 1024
_LARGEST_BYTES = 256 * 1024 * 1024
_DEEPEST = 400
_MOST_TAGS = 5_000_000


@dataclass(slots=True)
class Property:
    """`text` of a simple property, `inner` of a collection's or an element's, in order."""

    name: str
    text: str = ""
    inner: list[Property] = field(default_factory=list)

    def get(self, name: str) -> Property:
        """An inner property by its name; an empty one where there is none."""
        return next((each for each in self.inner if each.name == name), Property(name))


@dataclass(slots=True, eq=False)
class Element:
    """`kind`: its tag without the package ("HTTPSamplerProxy"). `path`: names from the root."""

    kind: str
    gui: str
    name: str
    path: str
    enabled: bool
    properties: Property
    children: list[Element] = field(default_factory=list)

    def text(self, name: str, otherwise: str = "") -> str:
        return self.properties.get(name).text.strip() or otherwise

    def raw(self, name: str) -> str:
        return self.properties.get(name).text

    def flag(self, name: str) -> bool:
        return self.text(name).lower() == "true"

    def rows(self, *names: str) -> list[Property]:
        """The inner properties of a property inside of properties."""
        found = self.properties
        for name in names:
            found = found.get(name)
        return found.inner

    def inside(self) -> Iterator[Element]:
        """This element and all under it; disabled ones and what is under them too."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += reversed(element.children)


@dataclass(slots=True)
class _Tag:
    name: str
    attributes: dict[str, str]
    text: list[str] = field(default_factory=list)
    inner: list[_Tag] = field(default_factory=list)


def read_tree(path: Path) -> list[Element]:
    """The topmost elements. DataError: the file cannot be read, or is no JMX."""
    root = _Reader(path).read()
    if root.name != "jmeterTestPlan":
        raise DataError(
            f"plan: {path} begins with <{clean(root.name, '?')}>, not <jmeterTestPlan>: "
            f"is it a test plan that JMeter saved?"
        )
    trees = [tag for tag in root.inner if tag.name == "hashTree"]
    return [element for tree in trees for element in _elements(tree, "", 0)]


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: list[_Tag] = []
        self._root: _Tag | None = None
        self._tags = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def read(self) -> _Tag:
        try:
            with self._path.open("rb") as stream:
                chunk = stream.read(_CHUNK_BYTES).lstrip()
                size = 0
                while chunk:
                    size += len(chunk)
                    if size > _LARGEST_BYTES:
                        raise self._error("is larger than 256 MB")
                    self._parser.Parse(chunk, False)
                    chunk = stream.read(_CHUNK_BYTES)
                self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise self._error(f"is no XML that can be read: {error}") from error
        except (OSError, ValueError, LookupError) as error:
            raise self._error(f"cannot be read: {error}") from error
        assert self._root is not None, "expat refuses a document without a root"
        return self._root

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._tags += 1
        if len(self._open) >= _DEEPEST or self._tags > _MOST_TAGS:
            raise self._error(f"nests elements more than {_DEEPEST} deep, or has too many")
        tag = _Tag(name, attributes)
        if self._open:
            self._open[-1].inner.append(tag)
        else:
            self._root = tag
        self._open.append(tag)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _characters(self, text: str) -> None:
        self._open[-1].text.append(text)

    def _refuse(self, *_: object) -> None:
        raise self._error("declares a document type, which JMeter does not: refused")

    def _error(self, what: str) -> DataError:
        return DataError(f"plan: {self._path} {what}; is it a test plan that JMeter saved?")


def _elements(tree: _Tag, above: str, depth: int) -> list[Element]:
    elements: list[Element] = []
    for tag in tree.inner:
        if tag.name == "hashTree":
            if elements:
                elements[-1].children += _elements(tag, elements[-1].path, depth + 1)
            continue
        kind = (tag.attributes.get("testclass") or tag.name).rpartition(".")[2]
        name = clean(tag.attributes.get("testname", ""), kind)
        elements.append(
            Element(
                kind=kind,
                gui=tag.attributes.get("guiclass", "").rpartition(".")[2],
                name=name,
                path=f"{above} / {name}" if above else name,
                enabled=tag.attributes.get("enabled", "true").strip().lower() != "false",
                properties=_property(tag),
            )
        )
    return elements


def _property(tag: _Tag) -> Property:
    """Old forms say `<doubleProp><name>N</name><value>1.0</value></doubleProp>`."""
    children = {child.name: child for child in tag.inner}
    if "name" in children and "value" in children:
        return Property("".join(children["name"].text), "".join(children["value"].text))
    inner = [_property(child) for child in tag.inner]
    return Property(tag.attributes.get("name", ""), "".join(tag.text) if not inner else "", inner)
