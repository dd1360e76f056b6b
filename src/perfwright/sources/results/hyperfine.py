"""hyperfine's JSON (`hyperfine --export-json`): commands, and every run's time in s.

https://github.com/sharkdp/hyperfine. `times` are wall-clock times from start to exit; a run that
exited with something else than 0 (`--ignore-failure`) is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.imported import Imported
from perfwright.model.units import NS_PER_S
from perfwright.sources.results.calls import Call, insert_calls, told_apart
from perfwright.sources.results.documents import Document, document_of, mappings, number
from perfwright.sources.results.heads import Head
from perfwright.sources.results.one_file import the_only

if TYPE_CHECKING:
    import duckdb


class Hyperfine:
    tool = "hyperfine"
    name = "hyperfine (JSON)"

    def recognises(self, head: Head) -> bool:
        return head.text.lstrip().startswith("{") and all(
            f'"{key}"' in head.text for key in ("results", "command", "mean", "user", "system")
        )

    def read(self, files: Sequence[Path], into: duckdb.DuckDBPyConnection) -> Imported:
        file = the_only(files, self.name)
        results = mappings(document_of(file).get("results"))
        names = told_apart([str(result.get("command", "")) for result in results])
        pairs = zip(names, results, strict=True)
        calls = [call for name, result in pairs for call in _calls_of(name, result)]
        notes = insert_calls(into, calls, file=file, began=None)
        return Imported(knows_intended_start=True, notes=notes)


def _calls_of(name: str, result: Document) -> Iterator[Call]:
    times, codes = result.get("times") or (), result.get("exit_codes") or ()
    for index, told in enumerate(times):
        time_s = number(told)
        if time_s is None:
            continue
        code = codes[index] if index < len(codes) else 0
        time_ns = time_s * NS_PER_S
        if code == 0:
            yield Call(step=name, service_ns=time_ns)
        else:
            why = "killed by a signal" if code is None else f"exit code {code}"
            yield Call(step=name, service_ns=time_ns, error="exception", message=why)
