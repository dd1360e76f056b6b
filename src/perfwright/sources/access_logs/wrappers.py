r"""Lines as containers and syslog hand them on, and the line of the server inside.

    {"log":"10.0.0.1 - - […] …\n","stream":"stdout","time":"…"}          Docker, json-file driver
    2024-11-23T05:00:00.123456789Z stdout F 10.0.0.1 - - […] …            CRI: containerd, CRI-O
    <190>Nov 23 05:00:00 web-1 nginx: 10.0.0.1 - - […] …                  syslog, RFC 3164
    <190>1 2024-11-23T05:00:00.123Z web-1 nginx 7 - - 10.0.0.1 - - […] …   syslog, RFC 5424

Told by the first lines of a file (`wrapper_of`). What stands around a line is taken off in SQL, as
the file is read; a line that came without it stays as it is. A long line may come in parts (CRI
marks them P and the last one F; Docker cuts at 16 KiB, and only the last has an end of line): a
file that has any is copied first, with its parts joined (`join_parts`). Streams are not told apart:
what a container writes to stderr is read, where it is a request, and else a bad line.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from perfwright.sources.access_logs.lines import LONGEST_LINE, clean_text, numbered
from perfwright.sources.access_logs.sql import literal

_DATE_TIME = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})"
)
# These are of Python and of RE2 alike.
_CRI = rf"^{_DATE_TIME} (stdout|stderr) ([PF])(?::[^ ]*)?(?: |$)"
_PRIORITY = "<[0-9]{1,3}>"
_RFC_3164 = (
    rf"^(?:{_PRIORITY})?(?:[A-Z][a-z][a-z] [ 0-9][0-9] [0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}"
    rf"|{_DATE_TIME}) (?:[^ ]*[^ :] )?[^ :\[\]]+(?:\[[0-9]+\])?: "
)
_RFC_5424 = (
    rf"^{_PRIORITY}1 (?:-|{_DATE_TIME}) [^ ]+ [^ ]+ [^ ]+ [^ ]+"
    r" (?:-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: |$)"
    "\ufeff?"
)
_DOCKERS_PART = 4096
"""Characters: each may be of four bytes. Shorter ones without an end of line were written by others
(Fluent Bit, Podman), and are whole."""


@dataclass(frozen=True, slots=True)
class Inner:
    """`goes_on`: in the next line of its stream."""

    text: str
    stream: str = ""
    goes_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wrapper:
    """`inner`: of a line; None where it is not wrapped so. In SQL, of the column `line`: `line`,
    the text inside or the line itself; `goes_on`, whether it is a part, "" where none is."""

    name: str = ""
    inner: Callable[[str], Inner | None] = lambda _: None
    line: str = "line"
    goes_on: str = ""

    @property
    def note(self) -> str:
        return f"The lines are wrapped by {self.name}; what is inside was read."

    def source(self, lines: str) -> str:
        """What to write after FROM for the lines inside of those of a table."""
        return f"(SELECT {self.line} AS line FROM {lines})"

    def text(self, line: str) -> str:
        found = self.inner(line)
        return found.text if found else line

    def texts(self, lines: Sequence[str]) -> list[str]:
        """Those that are not blank."""
        return [text for text in map(self.text, lines) if text.strip()]


def _of_docker(line: str) -> Inner | None:
    try:
        found = json.loads(line) if line.startswith("{") else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("stream") not in ("stdout", "stderr"):
        return None
    text = found.get("log")
    if not isinstance(text, str):
        return None
    is_part = len(text) >= _DOCKERS_PART and not text.endswith("\n")
    return Inner(text.rstrip("\r\n"), found["stream"], goes_on=is_part)


def _of_cri(line: str) -> Inner | None:
    found = re.match(_CRI, line)
    return Inner(line[found.end() :], found[1], goes_on=found[2] == "P") if found else None


def _prefixed(name: str, pattern: str) -> Wrapper:
    def inner(line: str) -> Inner | None:
        found = re.match(pattern, line)
        return Inner(line[found.end() :]) if found else None

    return Wrapper(name=name, inner=inner, line=_without(pattern))


def _without(prefix: str) -> str:
    return f"regexp_replace(line, {literal(prefix)}, '')"


NOT_WRAPPED = Wrapper()
_WRAPPERS = (
    Wrapper(
        name="Docker's json-file driver",
        inner=_of_docker,
        line=r"rtrim(coalesce(TRY(json_extract_string(line, '/log')), line), E'\r\n')",
        goes_on=(
            f"length(line) > {_DOCKERS_PART}"
            r""" AND starts_with(line, '{"log":') AND NOT contains(line, '\n","')"""
        ),
    ),
    Wrapper(
        name="a container runtime (CRI)",
        inner=_of_cri,
        line=_without(_CRI),
        goes_on=f"regexp_extract(line, {literal(_CRI)}, 2) = 'P'",
    ),
    _prefixed("syslog (RFC 5424)", _RFC_5424),
    _prefixed("syslog (RFC 3164)", _RFC_3164),
)


def wrapper_of(lines: Sequence[str]) -> Wrapper:
    """What most of the first lines of a file are wrapped by; `NOT_WRAPPED`."""
    for one in _WRAPPERS:
        if 2 * sum(one.inner(line) is not None for line in lines) > len(lines):
            return one
    return NOT_WRAPPED


def join_parts(file: Path, wrapper: Wrapper, joined: Path) -> None:
    """Copy the lines inside, each whole and in the place of its last part. The places of the others
    stay blank, so that line numbers are those of the file; what never ends comes last. Parts beyond
    `LONGEST_LINE` characters are left out."""
    begun: dict[str, StringIO] = defaultdict(StringIO)
    with joined.open("w", encoding="utf-8", errors="replace", newline="\n") as target:
        for _, line in numbered(file):
            part = wrapper.inner(line) or Inner(line, stream="none")
            whole = begun[part.stream]
            if whole.tell() < LONGEST_LINE:
                whole.write(clean_text(part.text))
            if not part.goes_on:
                target.write(begun.pop(part.stream).getvalue())
            target.write("\n")
        target.writelines(whole.getvalue() + "\n" for whole in begun.values())
