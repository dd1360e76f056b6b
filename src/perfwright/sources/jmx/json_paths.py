"""JSONPath and JMESPath of the simple kind as a JSON pointer, or as a regular expression.

$.data[0]['id']   /data/0/id            $..token    the first "token": "…" of the text
$.items[*].id     /items/0/id (the first of them)
"""

from __future__ import annotations

import re

from perfwright.model.json_pointer import pointer_to

_STEP = re.compile(
    r"""\.\s*([A-Za-z_$@][\w$@-]*)|\[\s*(?:(\d{1,9})|(\*)|'([^'\]]*)'|"([^"\]]*)")\s*\]|(\.\*)"""
)
_ANYWHERE = re.compile(r"""\$\.\.\s*(?:([A-Za-z_][\w-]*)|\[\s*['"]([^'"\]]+)['"]\s*\])(?:\[0\])?""")
_LONGEST = 1000


def pointer_of(path: str) -> str | None:
    """The pointer, to the first of several; None: it is not so simple."""
    path = path.strip()
    if len(path) > _LONGEST or not path.startswith("$"):
        return None
    steps: list[str] = []
    at = 1
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            return None
        at = match.end()
        name, index, star, single, double, dot_star = match.groups()
        if star or dot_star:
            steps.append("0")
        else:
            steps.append(next(each for each in (name, index, single, double) if each is not None))
    return pointer_to(steps)


def pointer_of_jmespath(path: str) -> str | None:
    path = path.strip()
    return pointer_of("$" + path if path.startswith("[") else "$." + path) if path else None


def expression_of(path: str) -> str | None:
    """A regular expression whose group is the first value of that name, wherever it stands."""
    match = _ANYWHERE.fullmatch(path.strip()[:_LONGEST])
    if match is None:
        return None
    return rf'"{re.escape(match[1] or match[2])}"\s*:\s*"?([^",}}\]\s]+)'
