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

_HEADER = re.compile(r"\^?([A-Za-z][\w-]*):(?: |\\s|\[ \]|\\ )?[*+?]?(.+)", re.DOTALL)
_WHOLE = re.compile(r"\((?:\.[*+]\??|\\S[*+]|\[\^[^\]]*\][*+])\)\$?")
_COOKIE = re.compile(r"(?:Set-Cookie:(?:\s|\\s)*[*+?]?)?([\w.-]+)=\(\[\^[^\]]*\][*+]\??\);?")
_MATCH_NUMBERS = (
    "JSONPostProcessor.match_numbers",
    "JMESExtractor.matchNumber",
    "RegexExtractor.match_number",
    "BoundaryExtractor.match_number",
    "HtmlExtractor.match_number",
)
_GROUP = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\((?!\?)|\(\?P?<(?![=!])", re.DOTALL)


_Found = Extraction | str
"""What is extracted, or the name of a variable whose extractor cannot be said."""


def extractions_of(element: Element, variables: Variables, ledger: Ledger) -> Iterator[Extraction]:
    found = list(_found(element, variables))
    unsaid = [each for each in found if isinstance(each, str)]
    if unsaid or not found:
        ledger.told(element, f"is not translated; it fills {', '.join(unsaid) or 'nothing'}")
    else:
        ledger.translated(element)
    if len(found) > len(unsaid) and not _takes_the_first(element, variables):
        ledger.told(element, "takes a random, a later or all matches; the first one is extracted")
    yield from (each for each in found if isinstance(each, Extraction))


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
            yield Extraction(name, "json", simple) if simple is not None else name
        case "RegexExtractor":
            yield _regex(element, variables)
        case "BoundaryExtractor":
            yield _boundary(element, variables)
        case "HtmlExtractor":
            selector = element.text("HtmlExtractor.expr")
            attribute = element.text("HtmlExtractor.attribute")
            css = expression_of_css(selector, attribute)
            yield _by_regex(element.text("HtmlExtractor.refname"), css)
        case _:
            owner = "XPathExtractor2" if element.kind == "XPath2Extractor" else element.kind
            path = expression_of_xpath(element.text(f"{owner}.xpathQuery"))
            yield _by_regex(element.text(f"{owner}.refname"), path)


def _by_regex(name: str, expression: str | None) -> _Found:
    return Extraction(name, "regex", expression) if expression else name


def _listed(element: Element, name: str) -> list[str]:
    return [each.strip() for each in element.text(name).split(";") if each.strip()]


def _json(name: str, path: str | None) -> _Found:
    pointer = pointer_of(path) if path else None
    if pointer is not None:
        return Extraction(name, "json", pointer)
    return _by_regex(name, expression_of(path) if path else None)


def _regex(element: Element, variables: Variables) -> _Found:
    name = element.text("RegexExtractor.refname")
    regex = variables.literal(element.raw("RegexExtractor.regex"))
    group = re.fullmatch(r"\$(\d{1,2})\$", element.text("RegexExtractor.template", "$1$"))
    if regex is None or group is None:
        return name
    wanted = with_group(regex, int(group[1]))
    match element.text("RegexExtractor.useHeaders", "false"):
        case "false" | "unescaped" | "as_document":
            return _by_regex(name, wanted)
        case "URL" if wanted:
            return Extraction(name, "url", wanted)
        case "true":
            return _of_headers(name, regex, int(group[1]))
    return name


def _of_headers(name: str, regex: str, group: int) -> _Found:
    """JMeter matches the headers' text; ours a cookie, or a pattern over one header's value."""
    cookie = _COOKIE.fullmatch(regex)
    if cookie is not None:
        return Extraction(name, "cookie", cookie[1])
    header = _HEADER.fullmatch(regex)
    if header is None:
        return name
    if _WHOLE.fullmatch(header[2]):
        return Extraction(name, "header", header[1])
    pattern = with_group(header[2], group)
    return Extraction(name, "header", header[1], pattern) if pattern else name


def _boundary(element: Element, variables: Variables) -> _Found:
    name = element.text("BoundaryExtractor.refname")
    left = variables.literal(element.raw("BoundaryExtractor.lboundary"))
    right = variables.literal(element.raw("BoundaryExtractor.rboundary"))
    where = element.text("BoundaryExtractor.useHeaders", "false")
    if left is None or right is None or not (left or right) or where != "false":
        return name
    begin = re.escape(left) if left else r"\A"
    end = re.escape(right) if right else r"\Z"
    return Extraction(name, "regex", f"(?s){begin}(.*?){end}")


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
