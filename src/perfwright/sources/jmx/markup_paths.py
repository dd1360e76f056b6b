"""CSS selectors and XPaths of the simple kind as regular expressions over HTML or XML.

    input[name=csrf], attribute value    //input[@name='csrf']/@value    //title/text()

The usual use is a hidden field of a form. What selects by anything else than a tag and one of its
attributes is not translated.
"""

from __future__ import annotations

import re

_LONGEST = 500
_NAME = r"[A-Za-z_][\w:-]*"
_CSS = re.compile(
    rf"""({_NAME}|\*)?(?:\#({_NAME})|\.({_NAME})|\[\s*({_NAME})\s*=\s*["']?([^"'\]]+)["']?\s*\])?"""
)
_XPATH = re.compile(
    rf"""//({_NAME}|\*)(?:\[\s*@({_NAME})\s*=\s*["']([^"']+)["']\s*\])?(?:\[1\])?"""
    rf"""(?:/@({_NAME})|(/text\(\)))?"""
)


def expression_of_css(selector: str, attribute: str) -> str | None:
    """`attribute` "" extracts the text."""
    match = _CSS.fullmatch(selector.strip()[:_LONGEST])
    if match is None or not any(match.groups()):
        return None
    tag, id_, class_, name, value = match.groups()
    if id_:
        return _expression(tag, ("id", re.escape(id_)), attribute)
    if class_:
        return _expression(tag, ("class", rf"""[^"'>]*\b{re.escape(class_)}\b[^"'>]*"""), attribute)
    return _expression(tag, (name, re.escape(value)) if name else None, attribute)


def expression_of_xpath(path: str) -> str | None:
    path = re.sub(r"^string\((.*)\)$", r"\1", path.strip()[:_LONGEST])
    match = _XPATH.fullmatch(path)
    if match is None:
        return None
    tag, name, value, attribute, _ = match.groups()
    return _expression(tag, (name, re.escape(value)) if name else None, attribute or "")


def _expression(tag: str | None, holds: tuple[str, str] | None, attribute: str) -> str | None:
    if attribute and not re.fullmatch(_NAME, attribute):
        return None
    begin = rf"<{re.escape(tag) if tag and tag != '*' else '[A-Za-z][A-Za-z0-9:]*'}\b"
    if holds is not None:
        begin += rf"""(?=[^>]*\b{re.escape(holds[0])}\s*=\s*["']?{holds[1]}["'\s/>])"""
    if attribute:
        return rf"""{begin}[^>]*\b{re.escape(attribute)}\s*=\s*["']([^"']*)"""
    return rf"{begin}[^>]*>\s*([^<]*?)\s*<"
