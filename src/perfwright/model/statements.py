"""SQL statements without their values, so that equal work has one name wherever it is seen.

    SELECT * FROM orders WHERE id = 42 AND state IN ('a', 'b')   -- from a span
    SELECT * FROM orders WHERE id = $1 AND state IN ($2, $3)     -- from pg_stat_statements
      ─►  SELECT * FROM orders WHERE id = ? AND state IN (?)     one text, one fingerprint

A lexer, not a parser: it takes every dialect and statements cut off in the middle, and is cheap.
Literals and the placeholders of all drivers become `?`; lists of them become one, and so do equal
conditions joined by OR and equal SELECTs joined by UNION or INTERSECT (a search for two words, or
for three); comments go, white space shrinks. What it does not understand it leaves, so it never
fails. Values are also where secrets are, so a normalized text is fit to be stored and shown;
statements that set a secret outside a literal (`ALTER USER … IDENTIFIED BY "x"`) keep their first
words only.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

MAX_CHARACTERS = 8000
"""Longer statements are cut here: they come from generators, and differ in their first part."""

_PART = re.compile(
    r"""
      (?P<comment> --[^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<quoted> "(?:[^"]|"")*(?:"|\Z) | `[^`]*(?:`|\Z) )
    | (?P<grammar> \b(?:IS|NOT|SET)\s+(?:NULL|TRUE|FALSE)\b )
    | (?P<value>
          (?:\b[enbx])?'\\'(?!')                          # Django's ESCAPE '\'
        | (?:\b(?:[enbx]|u&))?'(?:[^'\\]|''|\\.)*(?:'|\Z)
        | (?<![\w$])\$(?P<tag>(?:[a-z_]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z)
        | (?<![\w$])(?:0x[0-9a-f]+ | (?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)? | \$\d+)
        | %\(\w+\)s | %[sbt]\b | \?\d* | (?<![:\w]):\w+ | (?<![\w@])@\w+
        | \b(?:NULL|TRUE|FALSE)\b )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_NAME = re.compile(r"""["`][\w$-]+["`]""")
_SIGN = re.compile(
    r"([=<>(,+*/-]|^|\b(?:SELECT|WHERE|AND|OR|THEN|ELSE|WHEN|BETWEEN|LIMIT|BY))(\s*)"
    r"(?:[-+]\s*)+\?",
    re.IGNORECASE,
)
_LIST = re.compile(r"(?i)(\bIN\s*\(|\bARRAY\s*\[)\s*\?(?:\s*,\s*\?)+\s*(?=[)\]])")
_ROWS = re.compile(r"(?i)(\bVALUES\s*)(\([^()]*\))(?:\s*,\s*\([?,\s]*\))+")
_REPEATED = re.compile(
    r"(?i)(\bSELECT\b[^()]+?)(?: (?:UNION ALL|UNION|INTERSECT|EXCEPT) \1)+(?= |\)|$)"
    r"|((?<![\w.])[\w.]+ ?(?:=|I?LIKE|~) ?\?)(?: OR \2)+"
)
_SETS_SECRET = re.compile(
    r"(?i)^\s*(?:CREATE|ALTER|GRANT|SET|COPY|ATTACH|PRAGMA|CHANGE|IMPORT)\b"
    r".*(?:PASSW|IDENTIFIED|SECRET|TOKEN|CREDENTIAL|CONNECTION|\bKEY\s*=)",
    re.DOTALL,
)
_AROUND_MARKS = re.compile(r"\s*([(),=<>;])\s*")


def normalize(statement: str) -> str:
    """The statement with `?` for every value, on one line. Normalizing twice changes nothing."""
    return _normalize(statement[:MAX_CHARACTERS])


def fingerprint(statement: str) -> str:
    """16 hex digits that name the normalized statement; the same in every run and dialect of
    placeholders. Letter case and white space do not count."""
    bare = _AROUND_MARKS.sub(r"\1", normalize(statement)).lower()
    return hashlib.blake2b(bare.encode(), digest_size=8).hexdigest()


@lru_cache(maxsize=2048)
def _normalize(statement: str) -> str:
    text = " ".join(_PART.sub(_without_value, statement).split()).rstrip("; ")
    text = _SIGN.sub(r"\1\2?", text)
    text = _LIST.sub(r"\1?", text)
    text = _ROWS.sub(r"\1\2", text)
    while (shorter := _REPEATED.sub(lambda found: found[1] or found[2], text)) != text:
        text = shorter
    if _SETS_SECRET.match(text):
        return " ".join(text.split()[:2]) + " ***"
    return text


def _without_value(match: re.Match[str]) -> str:
    match match.lastgroup:
        case "comment":
            return " "
        case "grammar":
            return match[0]
        case "quoted" if _NAME.fullmatch(match[0]):
            return match[0]
    return "?"
