"""A log format (literals and fields) as a format of lines.

The quick form cuts a line at its quotes, which costs less than one regular expression for all of
it: what stands between quotes is a field already, and only the pieces between them are matched.

    10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "Mozilla/4.0"
    └──────────────── piece 1 ──────────────┘  └── field ───┘ └piece 3┘ field  └ field ┘

The exact form, one regular expression, reads the lines of which a field has an escaped quote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from perfwright.sources.access_logs import meanings as m
from perfwright.sources.access_logs.line_format import Form, LineFormat
from perfwright.sources.access_logs.log_format import Field, Token
from perfwright.sources.access_logs.meanings import Meaning
from perfwright.sources.access_logs.sql import literal, literals

_QUOTED = r'(?:[^"\\]|\\.)*'
_WHOLE = "whole"
_MORE = (
    "{name}: of the further fields, seconds with a fraction were taken for the duration, and a"
    " quoted address for the client; --log-format can say what they are."
)
_REST = (
    Meaning(
        slot="duration_us",
        sql=lambda rest: m.as_duration("s")(
            f"nullif(regexp_extract({rest}, '(?:^|[ \"=])([0-9]+\\.[0-9]{{3,6}})(?:[ \"]|$)', 1), '')"  # noqa: E501
        ),
    ),
    Meaning(
        slot="forwarded",
        sql=lambda rest: m.first_address(
            f"nullif(regexp_extract({rest},"
            " '\"([0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+|[0-9a-fA-F]*:[0-9a-fA-F:.]+)[,\"]', 1), '')"
        ),
    ),
)
"""What further fields at the end of a line may tell: seconds with a fraction, a quoted address."""


def line_format(
    name: str, tokens: Sequence[Token], *, more: bool = False, loose: bool = False
) -> LineFormat:
    """`more`: further fields may follow, which are looked through for time and address. `loose`:
    several spaces may stand for one, as no field is ever empty."""
    space = " +" if loose else " "
    exact = _exact(tokens, space, more=more)
    segments = _cut_at_quotes(tokens)
    notes = (_MORE.format(name=name),) if more and loose else ()
    if len(segments) == 1 or len(segments) % 2 == 0:
        return LineFormat(name=name, forms=(exact,), notes=notes)
    return LineFormat(name=name, forms=(_quick(segments, space, more=more), exact), notes=notes)


def _cut_at_quotes(tokens: Sequence[Token]) -> list[list[Token]]:
    segments: list[list[Token]] = [[]]
    for token in tokens:
        if isinstance(token, Field):
            segments[-1].append(token)
            continue
        for place, part in enumerate(token.split('"')):
            if place:
                segments.append([])
            if part:
                segments[-1].append(part)
    return segments


def _quick(segments: Sequence[Sequence[Token]], space: str, *, more: bool) -> Form:
    columns, values, fits = ["*"], [], ["NOT contains(line, '\\\"')"]
    count = len(segments)
    fits.append(f"len(pieces) {'>=' if more else '='} {count}")
    for place, segment in enumerate(segments, 1):
        piece = f"pieces[{place}]"
        is_last = place == count
        if place % 2 == 0 and len(segment) == 1 and isinstance(segment[0], Field):
            if segment[0].meaning:
                columns.append(f"{piece} AS quoted_{place}")
                values.append((f"quoted_{place}", segment[0].meaning))
        elif not any(isinstance(token, Field) for token in segment):
            if not (is_last and more):
                between = "".join(map(str, segment)).strip(" ")
                fits.append(f"trim({piece}) = {literal(between)}")
        else:
            pattern, meanings = _pattern(segment, space)
            names = [_WHOLE, *(f"c{n}" for n in range(len(meanings)))]
            end = "" if is_last and more else r"\s*$" if is_last else "$"
            columns.append(
                f"regexp_extract({piece}, {literal(f'(?s)^({pattern}){end}')}, {literals(names)})"
                f" AS piece_{place}"
            )
            fits.append(f"piece_{place}.{_WHOLE} <> ''")
            values += [(f"piece_{place}.c{n}", one) for n, one in enumerate(meanings)]
    if more:
        columns.append(
            f"CASE WHEN len(pieces) > {count} OR length(pieces[{count}]) > 1"
            f" THEN array_to_string(pieces[{count}:], '\"') END AS rest"
        )
        values += [("rest", one) for one in _REST]
    selected = ", ".join(columns)
    return Form(
        raw=lambda source: (
            f"SELECT {selected} FROM (SELECT *, string_split(line, '\"') AS pieces FROM {source})"
        ),
        values=values,
        fits=" AND ".join(fits),
    )


def _exact(tokens: Sequence[Token], space: str, *, more: bool) -> Form:
    pattern, meanings = "", []
    for place, segment in enumerate(_cut_at_quotes(tokens)):
        part, of_segment = _pattern(segment, space, quoted=place % 2 == 1 and len(segment) == 1)
        pattern += ('"' if place else "") + part
        meanings += of_segment
    names = [_WHOLE, *(f"c{n}" for n in range(len(meanings))), "rest"]
    whole = literal(f"(?s)^({pattern}){'(.*)' if more else '()'}\\s*$")
    values = [(f"found.c{n}", one) for n, one in enumerate(meanings)]
    values += [("found.rest", one) for one in _REST] if more else []
    return Form(
        raw=lambda source: (
            f"SELECT *, regexp_extract(line, {whole}, {literals(names)}) AS found FROM {source}"
        ),
        values=values,
        fits=f"found.{_WHOLE} <> ''",
    )


def _pattern(
    segment: Sequence[Token], space: str, *, quoted: bool = False
) -> tuple[str, list[Meaning]]:
    """A regular expression (RE2) with a group for each meaning. `quoted`: its only field ends with
    the quotes around it."""
    pattern, meanings = "", []
    for token in segment:
        if isinstance(token, str):
            pattern += re.escape(token).replace(r"\ ", space)
        elif token.meaning is None:
            pattern += f"(?:{_QUOTED if quoted else m.TEXT})"
        else:
            meanings.append(token.meaning)
            pattern += f"({_QUOTED if quoted else token.meaning.pattern})"
    return pattern, meanings
