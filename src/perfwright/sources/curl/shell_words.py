"""Splits shell text into commands of words, as bash does; nothing is run.

    curl 'https://shop.test/items' \\            one command, four words
      -H "Authorization: Bearer $TOKEN"          with a variable in the last one
    curl --data-raw $'it\\'s\\n' /cart; ls | wc    three more commands

https://www.gnu.org/software/bash/manual/bash.html#Quoting. `$(…)` and backticks become a variable
of what they say, for their output is not known; redirections are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from perfwright.model.journey import Text, Var
from perfwright.sources.drafting.texts import text_of

Command = tuple[Text, ...]

_NAME = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)[^}]*\})")
_REDIRECTION = re.compile(r"(?:\d|&)?(?:>>|>|<<<|<<-?|<)(?:&\d|&-)?[ \t]*")
_ANSI_C = re.compile(
    r"\\(?:([abeEfnrtv\\'\"?])|([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})"
    r"|U([0-9A-Fa-f]{1,8}))"
)
_ESCAPES = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
    "v": "\v", "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip
_UNQUOTED = re.compile(r"[^\s'\"\\$`;|&<>()#]+")
_IN_QUOTES = re.compile(r"[^\"\\$`]+")


def commands_of(text: str) -> list[Command]:
    """Every simple command; a quote that is not closed reaches to the end of the text."""
    return _Reader(text.replace("\r\n", "\n")).commands()


@dataclass(slots=True)
class _Reader:
    """`word` is None between words. `skip`: the next word is the file of a redirection."""

    text: str
    at: int = 0
    word: list[str | Var] | None = None
    words: list[Text] = field(default_factory=list)
    found: list[Command] = field(default_factory=list)
    skip: bool = False

    def commands(self) -> list[Command]:
        while self.at < len(self.text):
            self._step(self.text[self.at])
        self._end_command()
        return self.found

    def _step(self, character: str) -> None:
        if character in " \t":
            self._end_word()
            self.at += 1
        elif character in "\n;|&()" and not self.text.startswith("&>", self.at):
            self._end_command()
            self.at += 1
        elif character == "#" and self.word is None:
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
        elif character == "'":
            self._literal_until("'", self.at + 1)
        elif character == '"':
            self._double_quoted()
        elif character == "\\":
            self._escaped()
        elif character in "$`":
            self._dollar()
        elif redirection := _REDIRECTION.match(self.text, self.at):
            self._redirect(redirection)
        else:
            plain = _UNQUOTED.match(self.text, self.at)
            self._add(plain[0] if plain else character)
            self.at += len(plain[0]) if plain else 1

    def _add(self, part: str | Var) -> None:
        if self.word is None:
            self.word = []
        self.word.append(part)

    def _end_word(self) -> None:
        if self.word is not None and not self.skip:
            self.words.append(text_of(self.word))
        if self.word is not None:
            self.skip = False
        self.word = None

    def _end_command(self) -> None:
        self._end_word()
        if self.words:
            self.found.append(tuple(self.words))
        self.words = []
        self.skip = False

    def _literal_until(self, quote: str, begin: int) -> None:
        end = self.text.find(quote, begin)
        end = len(self.text) if end < 0 else end
        self._add(self.text[begin:end])
        self.at = end + 1

    def _double_quoted(self) -> None:
        self._add("")
        self.at += 1
        while self.at < len(self.text) and self.text[self.at] != '"':
            plain = _IN_QUOTES.match(self.text, self.at)
            if plain:
                self._add(plain[0])
                self.at = plain.end()
            elif self.text[self.at] == "\\":
                self._escaped_in_quotes()
            else:
                self._dollar(quoted=True)
        self.at += 1

    def _escaped(self) -> None:
        follows = self.text[self.at + 1 : self.at + 2]
        if follows != "\n":
            self._add(follows)
        self.at += 2

    def _escaped_in_quotes(self) -> None:
        follows = self.text[self.at + 1 : self.at + 2]
        if follows != "\n":
            self._add(follows if follows in '$`"\\' else "\\" + follows)
        self.at += 2

    def _dollar(self, *, quoted: bool = False) -> None:
        name = _NAME.match(self.text, self.at)
        if name is not None:
            self._add(Var(name[1] or name[2]))
            self.at = name.end()
        elif self.text.startswith("$'", self.at) and not quoted:
            self._ansi_c()
        elif self.text.startswith('$"', self.at) and not quoted:
            self.at += 1
        elif self.text[self.at] == "`" or self.text.startswith("$(", self.at):
            self._substitution()
        else:
            self._add("$")
            self.at += 1

    def _ansi_c(self) -> None:
        end = self.at + 2
        while end < len(self.text) and self.text[end] != "'":
            end += 2 if self.text[end] == "\\" else 1
        self._add(_ANSI_C.sub(_unescaped, self.text[self.at + 2 : end]))
        self.at = end + 1

    def _substitution(self) -> None:
        """Skips `…` or $(…) with its nested parentheses; it becomes a variable."""
        if self.text[self.at] == "`":
            end = self.text.find("`", self.at + 1)
            end = len(self.text) if end < 0 else end + 1
        else:
            depth = 0
            end = self.at + 1
            while end < len(self.text):
                depth += {"(": 1, ")": -1}.get(self.text[end], 0)
                end += 1
                if depth == 0:
                    break
        self._add(Var(f"output of {self.text[self.at + 1 : end].strip('`()')[:60]}"))
        self.at = end

    def _redirect(self, redirection: re.Match[str]) -> None:
        self._end_word()
        self.at = redirection.end()
        self.skip = not redirection[0].rstrip().endswith(("&1", "&2", "&-"))


def _unescaped(match: re.Match[str]) -> str:
    letter, octal, *hexadecimal = match.groups()
    if letter:
        return _ESCAPES[letter]
    code = int(octal, 8) if octal else int(next(each for each in hexadecimal if each), 16)
    return chr(code) if code < 0x110000 else "\ufffd"
