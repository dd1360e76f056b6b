"""JMeter's extractors as extractions: JSON, JMESPath, regular expressions, boundaries, CSS, XPath.

JMeter keeps a default where nothing is found; a test fails there, which it should.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from perfwright.model.journey import Extraction
from perfwright.sources.jmx.json_paths import expression_of, pointer_of, pointer_of_jmespath
from perfwright.sources.jmx.ledger import Ledger
from perfwright.sources.jmx.markup_paths import expression_of_css, expression_of_xpath
from perfwright.sources.jmx.tree import Element
from perfwright.sources.jmx.variables import Variables

_HEADER = re.compile(
    r"\^?([A-Za-z][\w-]*):(?:\s|\\s|\[ \]|\\ )*[*+?]?\(([^()]*)\)\$?(?:\\[rn]|\n)*"
)
_COOKIE = re.compile(r"(?:Set-Cookie:(?:\s|\\s)*[*+?]?)?([\w.-]+)=\(\[\^[^\]]*\][*+]\??\);?")
_MATCH_NUMBERS = (
    "JSONPostProcessor.match_numbers",
    "JMESExtractor.matchNumber",
    "RegexExtractor.match_number",
    "BoundaryExtractor.match_number",
    "HtmlExtractor.match_number",
)
_GROUP = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\((?!\?)|\(\?P?<(?![=!])", re.DOTALL)


def extractions_of(element: Element, variables: Variables, ledger: Ledger) -> Iterator[Extraction]:
    found = [each for each in _found(element, variables) if each is not None]
    names = [name for name, _, _ in found]
    if not found or any(source is None for _, source, _ in found):
        wanted = ", ".join(names) or "nothing"
        ledger.told(element, f"is not translated; it fills {wanted}")
    else:
        ledger.translated(element)
    if found and not _takes_the_first(element, variables):
        ledger.told(element, "takes a random, a later or all matches; the first one is extracted")
    for name, source, expression in found:
        if source == "json":
            yield Extraction(name, "json", expression)
        elif source == "regex":
            yield Extraction(name, "regex", expression)
        elif source == "header":
            yield Extraction(name, "header", expression)
        elif source == "cookie":
            yield Extraction(name, "cookie", expression)


_Found = tuple[str, str | None, str]
"""Name, source (None: not to be translated), expression."""


def _found(element: Element, variables: Variables) -> Iterator[_Found]:
    match element.kind:
        case "JSONPostProcessor":
            names = _listed(element, "JSONPostProcessor.referenceNames")
            paths = _listed(element, "JSONPostProcessor.jsonPathExprs")
            yield from (_json(n, variables.literal(p)) for n, p in zip(names, paths, strict=False))
        case "JSONPathExtractor":
            yield _json(element.text("VAR"), variables.literal(element.text("JSONPATH")))
        case "JMESPathExtractor":
            name = element.text("JMESExtractor.referenceName")
            simple = pointer_of_jmespath(element.text("JMESExtractor.jmesPathExpr"))
            yield (name, "json", simple[0]) if simple else (name, None, "")
        case "RegexExtractor":
            yield _regex(element, variables)
        case "BoundaryExtractor":
            yield _boundary(element, variables)
        case "HtmlExtractor":
            name = element.text("HtmlExtractor.refname")
            selector = element.text("HtmlExtractor.expr")
            css = expression_of_css(selector, element.text("HtmlExtractor.attribute"))
            yield (name, "regex", css) if css else (name, None, "")
        case _:
            kind = element.kind
            name = element.text(f"{kind}.refname") or element.text("XPathExtractor2.refname")
            path = element.text(f"{kind}.xpathQuery") or element.text("XPathExtractor2.xpathQuery")
            xpath = expression_of_xpath(path)
            yield (name, "regex", xpath) if xpath else (name, None, "")


def _listed(element: Element, name: str) -> list[str]:
    return [each.strip() for each in element.text(name).split(";") if each.strip()]


def _json(name: str, path: str | None) -> _Found:
    pointer = pointer_of(path) if path else None
    if pointer is not None:
        return name, "json", pointer[0]
    expression = expression_of(path) if path else None
    return (name, "regex", expression) if expression else (name, None, "")


def _regex(element: Element, variables: Variables) -> _Found:
    name = element.text("RegexExtractor.refname")
    regex = variables.literal(element.raw("RegexExtractor.regex"))
    template = element.text("RegexExtractor.template", "$1$")
    where = element.text("RegexExtractor.useHeaders", "false")
    group = re.fullmatch(r"\$(\d{1,2})\$", template)
    if regex is None or group is None:
        return name, None, ""
    if where == "true":
        return (name, *_of_headers(regex))
    if where not in ("false", "unescaped", "as_document"):
        return name, None, ""
    wanted = with_group(regex, int(group[1]))
    return (name, "regex", wanted) if wanted else (name, None, "")


def _of_headers(regex: str) -> tuple[str | None, str]:
    cookie = _COOKIE.fullmatch(regex)
    if cookie is not None:
        return "cookie", cookie[1]
    header = _HEADER.fullmatch(regex)
    whole = header is not None and re.fullmatch(r"\.[*+]\??|\\S[*+]|\[\^[^\]]*\][*+]", header[2])
    return ("header", header[1]) if header is not None and whole else (None, "")


def _boundary(element: Element, variables: Variables) -> _Found:
    name = element.text("BoundaryExtractor.refname")
    left = variables.literal(element.raw("BoundaryExtractor.lboundary"))
    right = variables.literal(element.raw("BoundaryExtractor.rboundary"))
    where = element.text("BoundaryExtractor.useHeaders", "false")
    if left is None or right is None or not (left or right) or where != "false":
        return name, None, ""
    begin = re.escape(left) if left else r"\A"
    end = re.escape(right) if right else r"\Z"
    return name, "regex", f"(?s){begin}(.*?){end}"


def _takes_the_first(element: Element, variables: Variables) -> bool:
    """Whether the first match is wanted; of a path that leads to one place it always is."""
    path = element.text(
        "JSONPostProcessor.jsonPathExprs", element.text("JMESExtractor.jmesPathExpr")
    )
    if path and not any(mark in path for mark in ("*", "..", "?")):
        return True
    said = next((element.text(name) for name in _MATCH_NUMBERS if element.text(name)), "1")
    return all((variables.literal(part) or "1").strip() == "1" for part in said.split(";"))


def with_group(regex: str, number: int) -> str | None:
    """The expression with only group `number` capturing (0: all of it); None: it is none of ours.

    Java's expressions are mostly Python's; what does not compile is not translated.
    """
    if number == 0:
        number, regex = 1, f"({regex})"
    seen = 0

    def kept(match: re.Match[str]) -> str:
        nonlocal seen
        if not match[0].startswith("("):
            return match[0]
        seen += 1
        return "(" if seen == number else "(?:" if match[0] == "(" else match[0]

    if re.search(r"\\[1-9]", regex) and number != 1:
        return None
    wanted = _GROUP.sub(kept, regex) if number != 1 else regex
    try:
        compiled = re.compile(wanted)
    except (re.error, RecursionError, OverflowError):
        return None
    return wanted if compiled.groups >= 1 else None
