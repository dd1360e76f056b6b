"""The options of one cURL command, taken apart as curl does: `-sSXPOST`, `-d@file`, `--json TEXT`.

https://curl.se/docs/manpage.html. An option that has no meaning for a request (`-s`, `-o FILE`) is
left out; one that has, but that cannot be said in a test file, is told; one that is not known is
told as well, and taken for one without a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from perfwright.model.journey import Text
from perfwright.sources.drafting.texts import literal_of, text_of

_SHORT = {
    "X": "request", "H": "header", "d": "data", "F": "form", "u": "user", "b": "cookie",
    "A": "user-agent", "e": "referer", "T": "upload-file", "r": "range", "o": "output",
    "m": "max-time", "x": "proxy", "c": "cookie-jar", "w": "write-out", "E": "cert",
    "K": "config", "D": "dump-header", "P": "ftp-port", "Q": "quote", "C": "continue-at",
    "t": "telnet-option", "y": "speed-time", "Y": "speed-limit", "z": "time-cond",
    "U": "proxy-user", "G": "get", "I": "head", "k": "insecure", "L": "location", "s": "silent",
    "S": "show-error",
    "v": "verbose", "i": "include", "f": "fail", "g": "globoff", "N": "no-buffer",
    "O": "remote-name", "J": "remote-header-name", "j": "junk-session-cookies", "#": "progress-bar",
    "q": "disable", "a": "append", "B": "use-ascii", "n": "netrc", "p": "proxytunnel",
    "R": "remote-time", "0": "http1.0", "1": "tlsv1", "2": "sslv2", "3": "sslv3", "4": "ipv4",
    "6": "ipv6", ":": "next", "Z": "parallel", "M": "manual", "h": "help", "V": "version",
}  # fmt: skip


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WITH_VALUE = _names(
    """request header data data-ascii data-binary data-raw data-urlencode json form form-string user
    cookie user-agent referer upload-file range output max-time proxy cookie-jar write-out cert
    config dump-header ftp-port quote continue-at telnet-option speed-time speed-limit time-cond
    proxy-user url url-query oauth2-bearer connect-timeout retry retry-delay retry-max-time cacert
    capath key key-type cert-type pass ciphers tls-max resolve connect-to interface limit-rate
    max-filesize max-redirs noproxy output-dir aws-sigv4 unix-socket abstract-unix-socket trace
    trace-ascii stderr keepalive-time dns-servers proto proto-redir proto-default request-target
    expect100-timeout happy-eyeballs-timeout-ms parallel-max rate create-file-mode netrc-file
    pinnedpubkey local-port curves tls13-ciphers doh-url etag-save etag-compare hsts alt-svc
    socks5 socks5-hostname socks4 socks4a preproxy proxy-header variable"""
)
_OF_NO_MEANING = _names(
    """silent show-error verbose include fail fail-early fail-with-body globoff no-buffer
    remote-name remote-name-all remote-header-name progress-bar no-progress-meter disable parallel
    output output-dir write-out dump-header cookie-jar compressed tcp-nodelay trace trace-ascii
    trace-time stderr create-dirs basic keepalive no-keepalive tr-encoding path-as-is remote-time
    junk-session-cookies styled-output http1.1 anyauth"""
)
_MEANT = _names(
    """request header data data-ascii data-binary data-raw data-urlencode json form form-string user
    cookie user-agent referer upload-file range url url-query oauth2-bearer get head insecure
    location location-trusted next"""
)


@dataclass(slots=True, kw_only=True)
class Asked:
    """What one request is asked to be. `given`: (option, value) in order, of options that carry a
    part of it; `flags`: those without a value. `untold`: options that cannot be said."""

    urls: list[Text] = field(default_factory=list)
    given: list[tuple[str, Text]] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    untold: list[str] = field(default_factory=list)

    def all(self, *options: str) -> list[tuple[str, Text]]:
        return [(option, value) for option, value in self.given if option in options]

    def last(self, option: str) -> Text | None:
        return next((value for name, value in reversed(self.given) if name == option), None)


def asked_of(words: Sequence[Text]) -> Iterator[Asked]:
    """The requests of a command without its `curl`; `--next` begins another one."""
    asked = Asked()
    rest = iter(words)
    only_urls = False
    for word in rest:
        literal = literal_of(word)
        if literal == "--" and not only_urls:
            only_urls = True
        elif literal in ("--next", "-:"):
            yield asked
            asked = Asked()
        elif only_urls or not _is_option(word):
            asked.urls.append(word)
        elif _starts(word).startswith("--"):
            _long(asked, word, rest)
        else:
            _short(asked, word, rest)
    yield asked


def _starts(word: Text) -> str:
    return word.parts[0] if word.parts and isinstance(word.parts[0], str) else ""


def _is_option(word: Text) -> bool:
    return len(_starts(word)) > 1 and _starts(word)[0] == "-"


def _long(asked: Asked, word: Text, rest: Iterator[Text]) -> None:
    name, equals, _ = _starts(word)[2:].partition("=")
    if equals and name in _WITH_VALUE:
        _take(asked, name, _after(word, len(name) + 3))
    elif not equals and name in _WITH_VALUE:
        _take(asked, name, next(rest, Text(())))
    else:
        _take(asked, _starts(word)[2:], None)


def _short(asked: Asked, word: Text, rest: Iterator[Text]) -> None:
    letters = _starts(word)
    for at in range(1, len(letters)):
        name = _SHORT.get(letters[at], "")
        if name in _WITH_VALUE:
            attached = _after(word, at + 1)
            _take(asked, name, attached if attached.parts else next(rest, Text(())))
            return
        _take(asked, name or f"-{letters[at]}", None)


def _after(word: Text, count: int) -> Text:
    return text_of((_starts(word)[count:], *word.parts[1:]))


def _take(asked: Asked, name: str, value: Text | None) -> None:
    if name in _OF_NO_MEANING:
        return
    if name not in _MEANT:
        asked.untold.append(name if name.startswith("-") else f"--{name}")
    elif name == "url" and value is not None:
        asked.urls.append(value)
    elif value is None:
        asked.flags.add(name)
    else:
        asked.given.append((name, value))
