"""JMeter's XML results (JTL): `httpSample` and `sample` elements, their fields in attributes.

https://jmeter.apache.org/usermanual/listeners.html#attributes. They are the columns of the CSV
form, so they are written as such to a scratch file and read by the reader of that.

    testResults ┬ httpSample                          a request
                ├ httpSample ─ httpSample …           a request; its redirects and embedded
                │                                     resources are part of it, not counted
                └ sample ┬ httpSample                 a transaction (group), and its requests
                         └ sample ─ httpSample        transactions nest

Read in bounded memory, whatever the file: expat in pieces, no text kept but a few fields; a
document type (where entities are declared, and with them XML bombs and files of others are drawn
in) is refused, as are elements nested too deep and markup too long. A file that breaks off, as
that of a killed JMeter does, is read up to there, and the break told.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.parsers import expat

from perfwright.model.errors import DataError
from perfwright.model.imported import BadLine, Imported
from perfwright.sources.results.heads import UNREADABLE, Head, unpacked
from perfwright.sources.results.jmeter_csv import NUMBERS, TRANSACTION, USUAL, insert_jtl
from perfwright.sources.results.scratch_files import scratch_file
from perfwright.sources.results.unread import SHOWN, Unread

if TYPE_CHECKING:
    import duckdb

_CHUNK_BYTES = 256 * 1024
_LONGEST_MARKUP_BYTES = 16 * 1024 * 1024
_DEEPEST = 200
_TEXT_CHARACTERS = 500
_NEEDED = ("timeStamp", "elapsed")
_SAMPLES = ("sample", "httpSample")
_ATTRIBUTES = {
    "ts": "timeStamp", "t": "elapsed", "lb": "label", "rc": "responseCode",
    "rm": "responseMessage", "tn": "threadName", "dt": "dataType", "s": "success", "by": "bytes",
    "sby": "sentBytes", "ng": "grpThreads", "na": "allThreads", "lt": "Latency",
    "it": "IdleTime", "ct": "Connect",
}  # fmt: skip
_TEXTS = {"failureMessage": "failureMessage", "java.net.URL": "URL"}


class JMeterXml:
    tool = "JMeter"
    name = "JMeter JTL (XML)"

    def recognises(self, head: Head) -> bool:
        return head.text.lstrip().startswith("<") and "<testResults" in head.text

    def read(self, files: Sequence[Path], into: duckdb.DuckDBPyConnection) -> Imported:
        unread = Unread()
        parts = 0
        for file in files:
            with scratch_file(into) as rows:
                with rows.open("w", newline="", encoding="utf-8", errors="replace") as stream:
                    samples = _Samples(file, csv.writer(stream).writerow)
                    samples.read()
                insert_jtl(into, rows, USUAL, header=False, has_ms=True)
            parts += samples.parts
            unread.add(samples.unread)
        notes = (f"Redirects and embedded resources, parts of requests: {parts:,}",)
        return Imported(
            bad_lines=unread.count,
            examples=tuple(unread.examples),
            notes=notes if parts else (),
        )


@dataclass(slots=True, kw_only=True)
class _Open:
    """An element that has begun. `row`: of a sample that counts; `line`: where it began."""

    name: str
    line: int
    row: dict[str, str] | None = None
    holds_samples: bool = False


class _Samples:
    """What expat calls: writes a row for each sample that ends."""

    def __init__(self, file: Path, write: Callable[[Sequence[str]], object]) -> None:
        self.unread = Unread()
        self.parts = 0
        self._file = file
        self._write = write
        self._open: list[_Open] = []
        self._text = ""
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end

    def read(self) -> None:
        """DataError: the file cannot be read, or is not such as JMeter writes."""
        try:
            with unpacked(self._file) as stream:
                chunk = stream.read(_CHUNK_BYTES).lstrip()
                fed = 0
                while chunk:
                    fed += len(chunk)
                    self._parser.Parse(chunk, False)
                    if fed - self._parser.CurrentByteIndex > _LONGEST_MARKUP_BYTES:
                        raise self._error("holds a single tag of more than 16 MB")
                    chunk = stream.read(_CHUNK_BYTES)
                self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            why = f"what follows was not read: {error}"
            bad = BadLine(str(self._file), error.lineno, "", why)
            self.unread.add(Unread(count=1, examples=[bad]))
        except UNREADABLE as error:
            raise self._error(f"cannot be read: {error}") from error

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEEPEST:
            raise self._error(f"nests elements more than {_DEEPEST} deep")
        element = _Open(name=name, line=self._parser.CurrentLineNumber)
        if name in _SAMPLES:
            for around in self._open:
                around.holds_samples = True
            if any(around.name == "httpSample" for around in self._open):
                self.parts += 1
            else:
                told = {_ATTRIBUTES[k]: v for k, v in attributes.items() if k in _ATTRIBUTES}
                element.row = told
        elif name in _TEXTS and self._parent() is not None:
            self._text = ""
            self._parser.CharacterDataHandler = self._characters
        self._open.append(element)

    def _end(self, name: str) -> None:
        element = self._open.pop()
        if element.row is not None:
            self._keep(element, element.row)
        row = self._parent()
        if name in _TEXTS and row is not None:
            self._parser.CharacterDataHandler = None
            if self._text.strip():
                row.setdefault(_TEXTS[name], self._text.strip())

    def _parent(self) -> dict[str, str] | None:
        """The row of the sample that text belongs to; None inside of what does not count."""
        for element in reversed(self._open):
            if element.name in _SAMPLES:
                return element.row
        return None

    def _characters(self, text: str) -> None:
        self._text += text[: _TEXT_CHARACTERS - len(self._text)]

    def _keep(self, element: _Open, row: dict[str, str]) -> None:
        if not (row.get("timeStamp", "").isdigit() and row.get("elapsed", "").isdigit()):
            told = " ".join(f"{name}={row.get(name)!r}" for name in ("label", *_NEEDED))
            bad = BadLine(str(self._file), element.line, told[:SHOWN], "has no start or no time")
            self.unread.add(Unread(count=1, examples=[bad]))
            return
        if element.name == "sample" and (element.holds_samples or _is_cut_short(row)):
            row["dataType"] = ""
            row["responseMessage"] = f"{TRANSACTION}: {row.get('responseMessage', '')}"
        row["success"] = str(row.get("success", "true") == "true").lower()
        self._write([_value(row, name) for name in USUAL])

    def _refuse(self, *_: object) -> None:
        raise self._error("declares a document type, which JMeter does not: refused")

    def _error(self, what: str) -> DataError:
        return DataError(f"import: {self._file} {what}; is it a JTL that JMeter wrote?")


def _is_cut_short(row: Mapping[str, str]) -> bool:
    """Whether it is a transaction that ended, with the test, before its first request did."""
    return {row.get(name) for name in ("responseCode", "responseMessage", "dataType")} == {""}


def _value(row: dict[str, str], name: str) -> str:
    value = row.get(name, "")
    return value if name not in NUMBERS or value.isdigit() else ""
