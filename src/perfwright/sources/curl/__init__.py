"""Reads cURL commands, as browsers copy them and as people write them, into one journey.

`read_curl` takes a file or the text itself: commands of bash (also with variables, comments and
other commands between) or of Windows' cmd. Nothing is run, and no file that they name is read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from perfwright.model.errors import DataError
from perfwright.model.journey import (
    Call,
    Constant,
    FromEnvironment,
    Journey,
    Origin,
    ScenarioDraft,
    Text,
)
from perfwright.sources.curl import cmd_words, shell_words
from perfwright.sources.curl.calls import call_of
from perfwright.sources.curl.options import asked_of
from perfwright.sources.drafting.flow import settle
from perfwright.sources.drafting.names import Names, clean
from perfwright.sources.drafting.secrets import Environment, sounds_secret
from perfwright.sources.drafting.targets import address_of, with_params, with_target
from perfwright.sources.drafting.texts import literal_of, variables_in

_LARGEST_BYTES = 64 * 1024 * 1024
_BEGIN = re.compile(r"^[\s$>%^]*(?:\S*[/\\])?curl(?:\.exe)?\s", re.MULTILINE)
_POWERSHELL = re.compile(r"Invoke-(?:WebRequest|RestMethod)", re.IGNORECASE)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_SHELL_NAME = re.compile(r"\$\{?([A-Za-z_]\w*)")
_PROMPTS = ("$", ">", "%")
_KEYWORDS = ("then", "do", "else", "{", "!", "time", "export", "sudo")


def is_curl(head: bytes) -> bool:
    """Whether text begins with a cURL command, or has one at the beginning of a line."""
    if b"\0" in head:
        return False
    text = head.decode("utf-8", errors="replace").removeprefix("\ufeff")
    return _BEGIN.search(text) is not None and not text.lstrip().startswith(("{", "[", "<"))


def read_curl(source: Path | str) -> ScenarioDraft:
    """DataError: the file cannot be read, or holds no cURL command."""
    text, name = (_text_of(source), source.name) if isinstance(source, Path) else (source, "cURL")
    reader = _Reader(name, Environment(_SHELL_NAME.findall(text)))
    dialect = cmd_words if cmd_words.is_cmd(text) else shell_words
    for words in dialect.commands_of(text):
        reader.command(words)
    if not reader.calls:
        hint = (
            'this is PowerShell: choose "Copy as cURL (bash)" in the browser instead'
            if _POWERSHELL.search(text)
            else "a command begins with the word curl and names an address"
        )
        raise DataError(f"plan: {clean(name, 'the text')} holds no cURL command; {hint}")
    return reader.draft()


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise DataError(f"plan: cannot read {path}: {error}") from error
    if len(content) > _LARGEST_BYTES:
        raise DataError(f"plan: {path} is larger than 64 MB; give fewer cURL commands at once")
    return content.decode("utf-8", errors="replace").removeprefix("\ufeff")


class _Reader:
    def __init__(self, source: str, environment: Environment) -> None:
        self.calls: list[Call] = []
        self._source = source
        self._known: dict[str, Origin] = {}
        self._environment = environment
        self._notes: dict[str, None] = {}
        self._others: list[str] = []

    def command(self, words: tuple[Text, ...]) -> None:
        rest = list(words)
        while rest and (literal_of(rest[0]) or "") in (*_PROMPTS, *_KEYWORDS):
            rest.pop(0)
        while rest and self._assign(rest[0]):
            rest.pop(0)
        if not rest:
            return
        program = re.split(r"[/\\]", literal_of(rest[0]) or "")[-1]
        if program not in ("curl", "curl.exe"):
            self._others.append(clean(program, "?"))
            return
        for asked in asked_of(rest[1:]):
            for option in asked.untold:
                self._note(f"cURL's option {clean(option, '?')} was left out.")
            if "insecure" in asked.flags:
                self._note("-k: the server's certificate is not verified: Test(insecure=True).")
            if not {"location", "location-trusted"} & asked.flags:
                self._note("cURL follows redirects with -L only; the test always does.")
            for url in asked.urls:
                self.calls.append(call_of(asked, url, self._environment, self._note))
            if not asked.urls:
                self._note("A cURL command without an address was left out.")

    def draft(self) -> ScenarioDraft:
        journey = Journey(name="requests", weight=1.0, items=self._named())
        journeys, _, target, target_notes = with_target(
            (journey,), (), self._value, self._environment
        )
        settled = settle(journeys, (), self._known_or_environment(), self._environment)
        if self._others:
            names = ", ".join(dict.fromkeys(self._others[:20]))
            self._note(f"Commands other than cURL were left out: {names}.")
        return ScenarioDraft(
            title=clean(Path(self._source).stem, "cURL"),
            sources=(self._source,),
            target=target,
            journeys=settled.journeys,
            variables=settled.variables,
            notes=(*target_notes, *self._notes, *settled.notes),
        )

    def _named(self) -> tuple[Call, ...]:
        names = Names()
        named: dict[str, str] = {}
        calls = []
        for call in self.calls:
            path, _ = with_params(address_of(call.url, self._value).path)
            said = "".join(p if isinstance(p, str) else f"{{{p.name}}}" for p in path.parts)
            key = f"{call.method} {said}"
            if key not in named:
                named[key] = names.new(clean(key, call.method))
            calls.append(replace(call, name=named[key]))
        return tuple(calls)

    def _assign(self, word: Text) -> bool:
        literal = literal_of(word)
        match = _ASSIGNMENT.fullmatch(literal) if literal else None
        if match is None:
            return False
        name, value = match.groups()
        self._known[name] = FromEnvironment(name) if sounds_secret(name) else Constant(value)
        return True

    def _value(self, name: str) -> Text | None:
        origin = self._known.get(name)
        return Text((origin.value,)) if isinstance(origin, Constant) and origin.value else None

    def _known_or_environment(self) -> dict[str, Origin]:
        """Shell variables that the text does not set come from the environment, as in a shell."""
        known = dict(self._known)
        for call in self.calls:
            values = (call.url, *(v for _, v in call.headers), call.body and call.body.value)
            for value in (*values, *(call.auth or ())):
                for name in variables_in(value):
                    if re.fullmatch(r"[A-Za-z_]\w*", name):
                        known.setdefault(name, FromEnvironment(name))
        return known

    def _note(self, note: str) -> None:
        self._notes.setdefault(note)
